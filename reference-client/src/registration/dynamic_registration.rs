//! Dynamic client registration (RFC 7591).

use crate::defect::{Defect, Defects};
use crate::discovery::ServerMetadata;
use crate::error::ClientError;
use crate::json_document::JsonDocument;
use crate::reference_client_kind::ReferenceClientKind;
use crate::registration::auth_method::AuthMethod;
use crate::registration::registration_request::build_registration_request;
use crate::run_context::RunContext;
use crate::store::StoredRegistration;
use crate::text;
use reqwest::Response;
use serde_json::Value;
use url::Url;

/// What errors call the other party.
const WHAT: &str = "registration endpoint";

const SECRET_METHODS: &[AuthMethod] = &[AuthMethod::Basic, AuthMethod::Post];

/// The members that a client with [`Defect::REGISTRATION_STRICT`] accepts.
const KNOWN_MEMBERS: &[&str] = &[
    "client_id",
    "client_id_issued_at",
    "client_secret",
    "client_secret_expires_at",
    "client_name",
    "client_uri",
    "redirect_uris",
    "grant_types",
    "response_types",
    "token_endpoint_auth_method",
    "application_type",
    "scope",
    "jwks",
];

/// Registers the client at a registration endpoint.
pub(super) async fn register(
    run: &RunContext,
    server: &ServerMetadata,
    endpoint: &Url,
    redirect_uri: &str,
    defects: &Defects,
) -> Result<StoredRegistration, ClientError> {
    let preferred = preferred_methods(run.config.application, defects);
    let method = AuthMethod::choose(&preferred, server)?;
    loop {
        let outcome = register_once(run, endpoint, method, redirect_uri, defects).await;
        let is_refused = matches!(outcome, Err(ClientError::RegistrationRefused(_)));
        if !(is_refused && defects.has(Defect::DCR_RETRIES_FOR_EVER)) {
            return outcome;
        }
    }
}

/// The authentication methods in the order in which the client prefers them.
fn preferred_methods(kind: ReferenceClientKind, defects: &Defects) -> Vec<AuthMethod> {
    if kind == ReferenceClientKind::Web {
        return if defects.has(Defect::SECRET_BEFORE_KEY) {
            [
                SECRET_METHODS,
                &[AuthMethod::PrivateKeyJwt, AuthMethod::None],
            ]
            .concat()
        } else {
            [
                &[AuthMethod::PrivateKeyJwt],
                SECRET_METHODS,
                &[AuthMethod::None],
            ]
            .concat()
        };
    }
    if defects.has(Defect::DCR_CONFIDENTIAL) {
        SECRET_METHODS.to_vec()
    } else {
        [&[AuthMethod::None], SECRET_METHODS].concat()
    }
}

async fn register_once(
    run: &RunContext,
    endpoint: &Url,
    method: AuthMethod,
    redirect_uri: &str,
    defects: &Defects,
) -> Result<StoredRegistration, ClientError> {
    if !defects.has(Defect::INTERNAL_ENDPOINTS_REQUESTED) {
        run.guard.check(endpoint).await?;
    }
    let body = build_registration_request(run.config.application, method, redirect_uri, defects);
    let request = run
        .unauthenticated_http
        .post(endpoint.clone())
        .header("Accept", "application/json");
    let request = if defects.has(Defect::DCR_FORM_ENCODED) {
        request.form(&flatten_members(&body))
    } else {
        request.json(&body)
    };
    let response = request
        .send()
        .await
        .map_err(|_| ClientError::Unreachable(WHAT))?;
    read_registration(response, method, redirect_uri, defects).await
}

/// Reads the registration from the response. What it says takes precedence over what was requested.
async fn read_registration(
    response: Response,
    requested_method: AuthMethod,
    redirect_uri: &str,
    defects: &Defects,
) -> Result<StoredRegistration, ClientError> {
    let status = response.status().as_u16();
    let document = JsonDocument::read(response, WHAT).await;
    let is_accepted = status == 200 || status == 201 && !defects.has(Defect::DCR_CREATED_REFUSED);
    if !is_accepted {
        let code = document
            .ok()
            .and_then(|document| document.text("error").map(text::printable));
        let reason = code.unwrap_or_else(|| format!("status {status}"));
        return Err(ClientError::RegistrationRefused(reason));
    }
    let document = document?;
    check_habits(&document, requested_method, defects)?;
    let client_id = document
        .text("client_id")
        .filter(|id| !id.is_empty())
        .ok_or(ClientError::Malformed(WHAT))?
        .to_owned();
    let client_secret = document.text("client_secret").map(str::to_owned);
    let registered_method = document.text("token_endpoint_auth_method");
    let auth_method = match (registered_method, &client_secret) {
        _ if defects.has(Defect::DCR_RESPONSE_METHOD_IGNORED) => requested_method,
        (Some(name), _) => AuthMethod::from_name(name).ok_or(ClientError::AuthMethod)?,
        (None, Some(_)) if requested_method == AuthMethod::None => AuthMethod::Basic,
        (None, _) => requested_method,
    };
    if SECRET_METHODS.contains(&auth_method) && client_secret.is_none() {
        return Err(ClientError::Malformed(WHAT));
    }
    let secret_expires_at = document
        .members
        .get("client_secret_expires_at")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    Ok(StoredRegistration {
        client_id,
        client_secret,
        auth_method: auth_method.name().to_owned(),
        secret_expires_at,
        redirect_uri: redirect_uri.to_owned(),
    })
}

/// What clients demand that know one authorization server only.
fn check_habits(
    document: &JsonDocument,
    requested_method: AuthMethod,
    defects: &Defects,
) -> Result<(), ClientError> {
    let is_known = |name: &String| KNOWN_MEMBERS.contains(&name.as_str());
    let grants = document.texts("grant_types").unwrap_or_default();
    let method = document.text("token_endpoint_auth_method");
    let is_refused = defects.has(Defect::REGISTRATION_STRICT)
        && !document.members.keys().all(is_known)
        || defects.has(Defect::REGISTRATION_GRANTS_DEMANDED) && !grants.contains(&"refresh_token")
        || defects.has(Defect::REGISTRATION_METHOD_DEMANDED)
            && method != Some(requested_method.name());
    if is_refused {
        return Err(ClientError::Malformed(WHAT));
    }
    Ok(())
}

/// The members of the request as form fields: [`Defect::DCR_FORM_ENCODED`].
fn flatten_members(body: &Value) -> Vec<(String, String)> {
    let as_text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    body.as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), as_text(value)))
        .collect()
}
