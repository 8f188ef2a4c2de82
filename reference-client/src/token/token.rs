//! The token endpoint: redeems codes, refreshes tokens, authenticates the client.

use crate::authorization::authorize::PendingAuthorization;
use crate::defect::{Defect, Defects};
use crate::discovery::server_metadata::ServerMetadata;
use crate::error::ClientError;
use crate::json_document::JsonDocument;
use crate::registration::{AuthMethod, RegisteredClient};
use crate::run_context::RunContext;
use crate::scope::Scope;
use crate::signing_key;
use crate::store::TokenSet;
use crate::text;
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{RequestBuilder, Response};
use url::{Url, form_urlencoded};

const WHAT: &str = "token endpoint";
const MOST_REDIRECTS: u32 = 3;

type Parameters = Vec<(&'static str, String)>;

/// Redeems a code, where and with what the pending request recorded. A code is sent once.
pub(crate) async fn redeem(
    run: &RunContext,
    pending: &PendingAuthorization,
    code: &str,
    defects: &Defects,
) -> Result<TokenSet, ClientError> {
    let mut parameters = vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.to_owned()),
    ];
    let redirect_uri = if defects.has(Defect::TOKEN_REDIRECT_URI_DIFFERS) {
        format!("{}/", pending.redirect_uri)
    } else {
        pending.redirect_uri.clone()
    };
    parameters.push(("redirect_uri", redirect_uri));
    if let Some(verifier) = &pending.verifier {
        if defects.has(Defect::VERIFIER_LOGGED) {
            run.platform.print_error(&format!("verifier: {verifier}"));
        }
        if defects.has(Defect::VERIFIER_MISMATCH) {
            parameters.push(("code_verifier", verifier.chars().rev().collect()));
        } else if !defects.has(Defect::NO_CODE_VERIFIER) {
            parameters.push(("code_verifier", verifier.clone()));
        }
    }
    if let Some(resource) = pending
        .resource
        .as_ref()
        .filter(|_| !defects.has(Defect::NO_RESOURCE_IN_TOKEN_REQUEST))
    {
        let slash = if defects.has(Defect::RESOURCE_SLASH_IN_TOKEN_REQUEST) {
            "/"
        } else {
            ""
        };
        parameters.push(("resource", format!("{resource}{slash}")));
    }
    request(
        run,
        &pending.server,
        &pending.client,
        parameters,
        &pending.scope,
        defects,
    )
    .await
}

/// Refreshes, at the server that issued the token and for the same resource. The old refresh token
/// stays if no new one comes.
pub(crate) async fn refresh(
    run: &RunContext,
    server: &ServerMetadata,
    client: &RegisteredClient,
    resource: Option<&str>,
    old: &TokenSet,
) -> Result<TokenSet, ClientError> {
    let refresh_token = old
        .refresh_token
        .clone()
        .ok_or(ClientError::TokenResponse("there is no refresh token"))?;
    let mut parameters = vec![
        ("grant_type", "refresh_token".to_owned()),
        ("refresh_token", refresh_token.clone()),
    ];
    parameters.extend(
        resource
            .filter(|_| !run.has(Defect::NO_RESOURCE_IN_REFRESH))
            .map(|resource| ("resource", resource.to_owned())),
    );
    let mut new = request(
        run,
        server,
        client,
        parameters,
        &Scope::parse(&old.scope),
        run.defects(),
    )
    .await?;
    let keeps = new.refresh_token.is_none() && !run.has(Defect::REFRESH_LOST_WHEN_NOT_ROTATED);
    let ignores = run.has(Defect::ROTATED_REFRESH_IGNORED)
        || (resource.is_none() && run.has(Defect::MARCH_ROTATION_IGNORED));
    if keeps || ignores {
        new.refresh_token = Some(refresh_token);
    }
    Ok(new)
}

/// Signs in as the client itself, with the credentials that were provisioned (RFC 6749 section
/// 4.4).
pub(crate) async fn for_itself(
    run: &RunContext,
    server: &ServerMetadata,
    client: &RegisteredClient,
    resource: Option<&str>,
    scope: &Scope,
    defects: &Defects,
) -> Result<TokenSet, ClientError> {
    let grant_type = if defects.has(Defect::CLIENT_CREDENTIALS_BY_JWT_BEARER) {
        "urn:ietf:params:oauth:grant-type:jwt-bearer"
    } else {
        "client_credentials"
    };
    let mut parameters = vec![("grant_type", grant_type.to_owned())];
    parameters.extend(
        resource
            .filter(|_| !defects.has(Defect::NO_RESOURCE))
            .map(|resource| ("resource", resource.to_owned())),
    );
    parameters.extend(Some(("scope", scope.to_parameter(defects))).filter(|_| !scope.is_empty()));
    if defects.has(Defect::CLIENT_SECRET_LOGGED) {
        run.tell(&format!(
            "signing in with {}",
            client.secret.as_deref().unwrap_or_default()
        ));
    }
    request(run, server, client, parameters, scope, defects).await
}

/// A refresh for more scope than was granted, whatever comes of it: [`Defect::STEP_UP_BY_REFRESH`].
pub(crate) async fn widen(
    run: &RunContext,
    server: &ServerMetadata,
    client: &RegisteredClient,
    resource: Option<&str>,
    old: &TokenSet,
    scope: &Scope,
) {
    let Some(refresh_token) = old.refresh_token.clone() else {
        return;
    };
    let scope = ("scope", scope.to_parameter(run.defects()));
    let mut parameters = vec![
        ("grant_type", "refresh_token".to_owned()),
        ("refresh_token", refresh_token),
        scope,
    ];
    parameters.extend(resource.map(|resource| ("resource", resource.to_owned())));
    let _ = post(
        run,
        server.token_endpoint.clone(),
        &server.issuer,
        client,
        &parameters,
        run.defects(),
    )
    .await;
}

async fn request(
    run: &RunContext,
    server: &ServerMetadata,
    client: &RegisteredClient,
    parameters: Parameters,
    asked: &Scope,
    defects: &Defects,
) -> Result<TokenSet, ClientError> {
    let mut response = post(
        run,
        server.token_endpoint.clone(),
        &server.issuer,
        client,
        &parameters,
        defects,
    )
    .await?;
    if defects.has(Defect::TOKEN_REDIRECT_FOLLOWED) {
        for _ in 0..MOST_REDIRECTS {
            let Some(target) = redirect_target(&response) else {
                break;
            };
            response = post(run, target, &server.issuer, client, &parameters, defects).await?;
        }
    }
    let status = response.status();
    let document = JsonDocument::read(response, WHAT).await;
    if !status.is_success() {
        let code = document
            .ok()
            .and_then(|document| document.text("error").map(text::printable));
        return Err(ClientError::TokenRefused(
            code.unwrap_or_else(|| format!("status {}", status.as_u16())),
        ));
    }
    let document = document?;
    if defects.has(Defect::VERBOSE_SHOWS_SECRETS) {
        run.tell(&document.text);
    }
    tokens(&document, client, asked, defects)
}

async fn post(
    run: &RunContext,
    endpoint: Url,
    issuer: &str,
    client: &RegisteredClient,
    parameters: &Parameters,
    defects: &Defects,
) -> Result<Response, ClientError> {
    let mut parameters = parameters.clone();
    let request = run
        .http
        .post(with_query(endpoint.clone(), &parameters, defects));
    let audience = if defects.has(Defect::ASSERTION_FOR_ENDPOINT) {
        endpoint.as_str().to_owned()
    } else {
        issuer.to_owned()
    };
    let mut request = authenticated(run, request, &audience, client, &mut parameters, defects)?;
    request = request.header("Accept", "application/json");
    let request = if defects.has(Defect::TOKEN_REQUEST_JSON) {
        let members = parameters
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        request.json(&serde_json::Value::Object(members))
    } else {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&parameters)
            .finish();
        request
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body)
    };
    request
        .send()
        .await
        .map_err(|_| ClientError::Unreachable(WHAT))
}

/// Authenticates in the one way that was agreed on at registration.
fn authenticated(
    run: &RunContext,
    request: RequestBuilder,
    audience: &str,
    client: &RegisteredClient,
    parameters: &mut Parameters,
    defects: &Defects,
) -> Result<RequestBuilder, ClientError> {
    let secret = client.secret.clone().unwrap_or_default();
    let refreshing = parameters.iter().any(|(_, value)| value == "refresh_token");
    if refreshing && defects.has(Defect::REFRESH_UNAUTHENTICATED) {
        return Ok(request);
    }
    let method = match client.secret {
        Some(_) if defects.has(Defect::SECRET_ALWAYS_IN_BODY) => AuthMethod::Post,
        Some(_)
            if defects.has(Defect::SECRET_UNUSED)
                || defects.has(Defect::CLIENT_CREDENTIALS_UNAUTHENTICATED) =>
        {
            AuthMethod::None
        }
        _ => client.auth_method,
    };
    if method == AuthMethod::Basic {
        if defects.has(Defect::BOTH_AUTH_METHODS) {
            parameters.push(("client_id", client.id.clone()));
            parameters.push(("client_secret", secret.clone()));
        }
        return Ok(request.header("Authorization", basic(&client.id, &secret, defects)));
    }
    let left_out = method == AuthMethod::None && defects.has(Defect::NO_CLIENT_ID_IN_TOKEN_REQUEST);
    if !client.id.is_empty() && !left_out {
        parameters.push(("client_id", client.id.clone()));
    }
    if method == AuthMethod::Post {
        parameters.push(("client_secret", secret.clone()));
        if defects.has(Defect::BOTH_AUTH_METHODS) {
            return Ok(request.header("Authorization", basic(&client.id, &secret, defects)));
        }
    }
    let key_unused =
        defects.has(Defect::KEY_UNUSED) || refreshing && defects.has(Defect::KEY_UNUSED_ON_REFRESH);
    if method == AuthMethod::PrivateKeyJwt && !key_unused {
        let of_grant = defects.has(Defect::ASSERTION_TYPE_OF_GRANT);
        let kind = if of_grant {
            "urn:ietf:params:oauth:grant-type:jwt-bearer"
        } else {
            signing_key::ASSERTION_TYPE
        };
        parameters.push(("client_assertion_type", kind.to_owned()));
        let own = run
            .config
            .credentials
            .as_ref()
            .and_then(|credentials| credentials.private_key_pem.as_deref());
        parameters.push((
            "client_assertion",
            signing_key::assertion(own, &client.id, audience, defects)?,
        ));
        if defects.has(Defect::CLIENT_ID_BESIDE_ASSERTION) {
            parameters
                .iter_mut()
                .filter(|(name, _)| *name == "client_id")
                .for_each(|(_, id)| id.push_str("-2"));
        }
    }
    Ok(request)
}

/// ID and secret are form-encoded before they are joined (RFC 6749 section 2.3.1).
fn basic(id: &str, secret: &str, defects: &Defects) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = if defects.has(Defect::BASIC_NOT_FORM_ENCODED) {
        format!("{id}:{secret}")
    } else {
        format!("{}:{}", encoded(id), encoded(secret))
    };
    format!("Basic {}", STANDARD.encode(pair))
}

/// A Bearer token, or nothing that this client can use. Unknown members are ignored.
fn tokens(
    document: &JsonDocument,
    client: &RegisteredClient,
    asked: &Scope,
    defects: &Defects,
) -> Result<TokenSet, ClientError> {
    let known = [
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "scope",
    ];
    if defects.has(Defect::TOKEN_RESPONSE_STRICT)
        && document
            .members
            .keys()
            .any(|name| !known.contains(&name.as_str()))
    {
        return Err(ClientError::TokenResponse("it has unknown members"));
    }
    let undefined = defects.has(Defect::TOKEN_UNDEFINED).then_some("undefined");
    let access_token = document
        .text("access_token")
        .or(undefined)
        .ok_or(ClientError::TokenResponse("it has no access token"))?;
    if access_token.is_empty() || !access_token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ClientError::TokenResponse(
            "its access token fits into no header",
        ));
    }
    if defects.has(Defect::TOKEN_DECODED) && access_token.split('.').count() != 3 {
        return Err(ClientError::TokenResponse("its access token is no JWT"));
    }
    let understood = match document.text("token_type") {
        _ if defects.has(Defect::TOKEN_TYPE_UNCHECKED) || access_token == "undefined" => true,
        None => defects.has(Defect::TOKEN_TYPE_OPTIONAL),
        Some(name) if defects.has(Defect::TOKEN_TYPE_CASE_SENSITIVE) => name == "Bearer",
        Some(name) => name.eq_ignore_ascii_case("Bearer"),
    };
    if !understood {
        return Err(ClientError::TokenResponse("its token is no Bearer token"));
    }
    // Where the answer is silent, all that was asked for was granted (RFC 6749 section 5.1).
    let granted = document
        .text("scope")
        .map_or_else(|| asked.clone(), Scope::parse);
    let granted = if defects.has(Defect::SCOPE_ASSUMED_GRANTED) {
        asked.union(&granted)
    } else {
        granted
    };
    Ok(TokenSet {
        access_token: access_token.to_owned(),
        refresh_token: document
            .text("refresh_token")
            .filter(|token| !token.is_empty())
            .map(str::to_owned),
        scope: granted.to_parameter(&Defects::none()),
        client_id: client.id.clone(),
    })
}

fn with_query(mut endpoint: Url, parameters: &Parameters, defects: &Defects) -> Url {
    if defects.has(Defect::TOKEN_PARAMETERS_IN_QUERY) {
        endpoint.query_pairs_mut().extend_pairs(parameters);
    }
    endpoint
}

fn redirect_target(response: &Response) -> Option<Url> {
    let location = response.headers().get("location")?.to_str().ok()?;
    response
        .status()
        .is_redirection()
        .then(|| response.url().join(location).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_is_form_encoded_first() {
        let value = basic(
            "https://client.example/app?v=1",
            "s:e%c+r&e t-ü",
            &Defects::none(),
        );
        let pair = STANDARD
            .decode(value.strip_prefix("Basic ").unwrap())
            .unwrap();
        assert_eq!(
            pair,
            b"https%3A%2F%2Fclient.example%2Fapp%3Fv%3D1:s%3Ae%25c%2Br%26e+t-%C3%BC"
        );
    }
}
