//! How the client authenticates at the token endpoint.

use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use crate::registration::AuthMethod;
use crate::signing_key;
use crate::token::grant_names::JWT_BEARER;
use crate::token::token_request::{TokenParameters, TokenRequest};
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::RequestBuilder;
use url::form_urlencoded;

/// Adds the client ID and the client's authentication to a token request. A conforming client uses
/// only the method that was registered.
pub(super) fn authenticate(
    token_request: &TokenRequest<'_>,
    request: RequestBuilder,
    audience: &str,
    parameters: &mut TokenParameters,
) -> Result<RequestBuilder, ClientError> {
    let (client, defects) = (token_request.client, token_request.defects);
    let is_refresh = parameters.iter().any(|(_, value)| value == "refresh_token");
    if is_refresh && defects.has(Defect::REFRESH_UNAUTHENTICATED) {
        return Ok(request);
    }
    let secret = client.secret.as_deref().unwrap_or_default();
    let with_basic = |request: RequestBuilder| {
        let value = build_basic_value(&client.id, secret, defects);
        request.header("Authorization", value)
    };
    let method = choose_method(token_request);
    if method == AuthMethod::Basic {
        if defects.has(Defect::BOTH_AUTH_METHODS) {
            parameters.push(("client_id", client.id.clone()));
            parameters.push(("client_secret", secret.to_owned()));
        }
        return Ok(with_basic(request));
    }
    let omits_client_id =
        method == AuthMethod::None && defects.has(Defect::NO_CLIENT_ID_IN_TOKEN_REQUEST);
    if !client.id.is_empty() && !omits_client_id {
        parameters.push(("client_id", client.id.clone()));
    }
    if method == AuthMethod::Post {
        parameters.push(("client_secret", secret.to_owned()));
        if defects.has(Defect::BOTH_AUTH_METHODS) {
            return Ok(with_basic(request));
        }
    }
    let key_unused = defects.has(Defect::KEY_UNUSED)
        || (is_refresh && defects.has(Defect::KEY_UNUSED_ON_REFRESH));
    if method == AuthMethod::PrivateKeyJwt && !key_unused {
        add_assertion(token_request, audience, parameters)?;
    }
    Ok(request)
}

/// The registered method, unless a defect ignores it.
fn choose_method(token_request: &TokenRequest<'_>) -> AuthMethod {
    let (client, defects) = (token_request.client, token_request.defects);
    match client.secret {
        Some(_) if defects.has(Defect::SECRET_ALWAYS_IN_BODY) => AuthMethod::Post,
        Some(_)
            if defects.has(Defect::SECRET_UNUSED)
                || defects.has(Defect::CLIENT_CREDENTIALS_UNAUTHENTICATED) =>
        {
            AuthMethod::None
        }
        _ => client.auth_method,
    }
}

/// Adds a client assertion (RFC 7523 section 2.2).
fn add_assertion(
    token_request: &TokenRequest<'_>,
    audience: &str,
    parameters: &mut TokenParameters,
) -> Result<(), ClientError> {
    let defects = token_request.defects;
    let assertion_type = if defects.has(Defect::ASSERTION_TYPE_OF_GRANT) {
        JWT_BEARER
    } else {
        signing_key::ASSERTION_TYPE
    };
    parameters.push(("client_assertion_type", assertion_type.to_owned()));
    let credentials = token_request.run.config.credentials.as_ref();
    let configured_key = credentials.and_then(|given| given.private_key_pem.as_deref());
    let client_id = &token_request.client.id;
    let assertion = signing_key::sign_assertion(configured_key, client_id, audience, defects)?;
    parameters.push(("client_assertion", assertion));
    if defects.has(Defect::CLIENT_ID_BESIDE_ASSERTION) {
        for (_, id) in parameters
            .iter_mut()
            .filter(|(name, _)| *name == "client_id")
        {
            id.push_str("-2");
        }
    }
    Ok(())
}

/// The value of the `Authorization` header for HTTP Basic. ID and secret are form-encoded before
/// they are joined (RFC 6749 section 2.3.1).
fn build_basic_value(id: &str, secret: &str, defects: &Defects) -> String {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = if defects.has(Defect::BASIC_NOT_FORM_ENCODED) {
        format!("{id}:{secret}")
    } else {
        format!("{}:{}", encode(id), encode(secret))
    };
    format!("Basic {}", STANDARD.encode(pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_and_secret_are_form_encoded_for_basic() {
        let id = "https://client.example/app?v=1";
        let value = build_basic_value(id, "s:e%c+r&e t-ü", &Defects::none());
        let pair = STANDARD
            .decode(value.strip_prefix("Basic ").unwrap())
            .unwrap();
        assert_eq!(
            String::from_utf8(pair).unwrap(),
            "https%3A%2F%2Fclient.example%2Fapp%3Fv%3D1:s%3Ae%25c%2Br%26e+t-%C3%BC"
        );
    }
}
