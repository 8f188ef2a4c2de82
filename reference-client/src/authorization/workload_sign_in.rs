//! Signing in as a workload: the JWT of the platform is presented as a grant (RFC 7523
//! section 2.1).
//!
//! A workload neither registers nor has a secret, and there is no user to ask. It presents its JWT
//! only to the authorization server that the JWT was made for.

use crate::authorization::authorization_request::{AuthorizationRequest, GrantedAuthorization};
use crate::authorization::authorize::authorize;
use crate::authorization::own_sign_in::register;
use crate::defect::{Defect, Defects};
use crate::discovery::ServerMetadata;
use crate::error::ClientError;
use crate::registration::ClientIdentity;
use crate::run_context::RunContext;
use crate::sign_in::WorkloadIdentity;
use crate::store::TokenSet;
use crate::token;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use std::fs;

/// How often a client with [`Defect::WORKLOAD_RETRIES`] presents a refused JWT.
const DEFECTIVE_ATTEMPTS: usize = 3;

/// Obtains a token with the workload's JWT.
pub(super) async fn sign_in_as_workload(
    run: &RunContext,
    workload: &WorkloadIdentity,
    request: &AuthorizationRequest<'_>,
) -> Result<GrantedAuthorization, ClientError> {
    let defects = run.defects();
    if defects.has(Defect::WORKLOAD_REGISTERS) {
        register(run, request.server).await;
    }
    let outcome = match present_token(run, workload, request, defects).await {
        Err(error) if defects.any_refused_in("ext-wif-") && error.is_refusal() => {
            present_token(run, workload, request, &defects.without_refused()).await
        }
        Err(error) if error.is_refusal() => {
            react_defectively(run, workload, request).await;
            Err(error)
        }
        outcome => outcome,
    };
    let (tokens, client) = outcome?;
    Ok(GrantedAuthorization::without_user(tokens, client, request))
}

async fn present_token(
    run: &RunContext,
    workload: &WorkloadIdentity,
    request: &AuthorizationRequest<'_>,
    defects: &Defects,
) -> Result<(TokenSet, ClientIdentity), ClientError> {
    let jwt = choose_token(run, workload, defects);
    if !is_made_for(&jwt, request.server)
        && !defects.has(Defect::WORKLOAD_JWT_ANYWHERE)
        && !sends_unusable_token(defects)
    {
        return Err(ClientError::ForeignCredentials);
    }
    if defects.has(Defect::WORKLOAD_JWT_LOGGED) {
        run.report_progress(&format!("presenting {jwt}"));
    }
    let client_id = run.config.credentials.as_ref().map(|c| c.client_id.clone());
    let client = ClientIdentity::public(client_id.unwrap_or_default());
    let assertion = if defects.has(Defect::WORKLOAD_JWT_ALTERED) {
        URL_SAFE_NO_PAD.encode(&jwt)
    } else {
        jwt
    };
    let grant = token::AssertionGrant {
        server: request.server,
        client: &client,
        assertion: &assertion,
        resource: request.resource,
        scope: request.scope,
    };
    let tokens = token::request_with_assertion(run, grant, defects).await?;
    Ok((tokens, client))
}

fn sends_unusable_token(defects: &Defects) -> bool {
    defects.has(Defect::WORKLOAD_JWT_OF_ANOTHER) || defects.has(Defect::WORKLOAD_JWT_EXPIRED)
}

/// The current JWT: the one in the file, or else the one that the workload was started with.
fn choose_token(run: &RunContext, workload: &WorkloadIdentity, defects: &Defects) -> String {
    let unusable = &workload.unusable;
    let chosen = match () {
        () if defects.has(Defect::WORKLOAD_JWT_EXPIRED) => unusable.expired.clone(),
        () if defects.has(Defect::WORKLOAD_JWT_OF_ANOTHER) => unusable.wrong_audience.clone(),
        () if defects.has(Defect::WORKLOAD_JWT_CACHED) => run.defect_state().workload_jwt.clone(),
        () => None,
    };
    if let Some(jwt) = chosen {
        return jwt;
    }
    let file = workload.token_file.as_ref();
    let current = file.and_then(|file| fs::read_to_string(file).ok());
    let jwt = current.map_or_else(|| workload.jwt.clone(), |text| text.trim().to_owned());
    run.defect_state().workload_jwt = Some(jwt.clone());
    jwt
}

/// Whether a JWT names this authorization server as its audience, by its issuer or by its token
/// endpoint.
fn is_made_for(jwt: &str, server: &ServerMetadata) -> bool {
    let names = [server.issuer.as_str(), server.token_endpoint.as_str()];
    match read_audience(jwt) {
        Some(Value::String(audience)) => names.contains(&audience.as_str()),
        Some(Value::Array(audiences)) => audiences
            .iter()
            .any(|audience| audience.as_str().is_some_and(|a| names.contains(&a))),
        _ => false,
    }
}

fn read_audience(jwt: &str) -> Option<Value> {
    let payload = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Value>(&payload)
        .ok()?
        .get("aud")
        .cloned()
}

/// What defective clients do when the JWT is refused.
async fn react_defectively(
    run: &RunContext,
    workload: &WorkloadIdentity,
    request: &AuthorizationRequest<'_>,
) {
    if run.has(Defect::WORKLOAD_RETRIES) {
        for _ in 1..DEFECTIVE_ATTEMPTS {
            let _ = present_token(run, workload, request, run.defects()).await;
        }
    }
    if run.has(Defect::WORKLOAD_ASKS_USER) {
        let _ = authorize(run, request).await;
    }
    if run.has(Defect::WORKLOAD_REGISTERS_WHEN_REFUSED) {
        register(run, request.server).await;
    }
    if run.has(Defect::WORKLOAD_FALLS_BACK_TO_CLIENT_CREDENTIALS) {
        let client_id = run.config.credentials.as_ref().map(|c| c.client_id.clone());
        let client = ClientIdentity::public(client_id.unwrap_or_default());
        let (server, resource, scope) = (request.server, request.resource, request.scope);
        let _ = token::request_with_client_credentials(
            run,
            server,
            &client,
            resource,
            scope,
            run.defects(),
        )
        .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_presented_only_to_its_audience() {
        let server = ServerMetadata::for_tests("http://as.example", false);
        let jwt = |claims: &str| format!("e30.{}.", URL_SAFE_NO_PAD.encode(claims));
        let is_for = |claims: &str| is_made_for(&jwt(claims), &server);
        assert!(is_for(r#"{"aud": "http://as.example"}"#));
        assert!(is_for(&format!(
            r#"{{"aud": ["x", "{}"]}}"#,
            server.token_endpoint
        )));
        assert!(!is_for(r#"{"aud": "http://another.example"}"#));
        assert!(!is_for("{}"));
        assert!(!is_made_for("opaque", &server));
    }
}
