//! Token exchange at the company's identity provider (RFC 8693): the user's ID token is exchanged
//! for an ID-JAG.

use crate::defect::{Defect, Defects};
use crate::discovery::ServerMetadata;
use crate::error::ClientError;
use crate::json_document::JsonDocument;
use crate::run_context::RunContext;
use crate::scope::Scope;
use crate::sign_in::EnterpriseIdentity;
use crate::text;
use crate::token::grant_names::{
    ACCESS_TOKEN_TYPE, ID_JAG_TYPE, ID_TOKEN_TYPE, JWT_BEARER, TOKEN_EXCHANGE,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use url::{Url, form_urlencoded};

/// What errors call the other party.
const WHAT: &str = "identity provider";

/// What an exchange needs.
pub(crate) struct IdentityExchange<'a> {
    pub identity: &'a EnterpriseIdentity,
    pub server: &'a ServerMetadata,
    /// The issuer of the authorization server that is to accept the ID-JAG.
    pub audience: &'a str,
    pub resource: Option<&'a str>,
    pub scope: &'a Scope,
}

/// Exchanges the ID token. Returns the ID-JAG.
pub(crate) async fn exchange_identity(
    run: &RunContext,
    exchange: IdentityExchange<'_>,
    defects: &Defects,
) -> Result<String, ClientError> {
    let identity = exchange.identity;
    let endpoint = if defects.has(Defect::ENTERPRISE_EXCHANGE_AT_SERVER) {
        exchange.server.token_endpoint.clone()
    } else {
        Url::parse(&identity.token_endpoint).map_err(|_| ClientError::Endpoint("token"))?
    };
    let mut parameters = exchange_parameters(&exchange, defects);
    let mut request = run.http.post(endpoint).header("Accept", "application/json");
    match &identity.client_secret {
        Some(secret) if !defects.has(Defect::ENTERPRISE_UNAUTHENTICATED) => {
            let encode =
                |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encode(&identity.client_id), encode(secret));
            request = request.header("Authorization", format!("Basic {}", STANDARD.encode(pair)));
        }
        _ => parameters.push(("client_id", identity.client_id.clone())),
    }
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&parameters)
        .finish();
    let response = request
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await
        .map_err(|_| ClientError::Unreachable(WHAT))?;
    let status = response.status();
    let document = JsonDocument::read(response, WHAT).await;
    if !status.is_success() {
        let document = document.ok();
        let code = document.and_then(|document| document.text("error").map(text::printable));
        let reason = code.unwrap_or_else(|| format!("status {}", status.as_u16()));
        return Err(ClientError::PolicyDenied(reason));
    }
    let document = document?;
    let is_id_jag = document.text("issued_token_type") == Some(ID_JAG_TYPE);
    if !is_id_jag && !defects.has(Defect::ENTERPRISE_ISSUED_TYPE_UNCHECKED) {
        return Err(ClientError::TokenResponse("it is not an ID-JAG"));
    }
    let id_jag = document
        .text("access_token")
        .filter(|token| !token.is_empty());
    id_jag
        .map(str::to_owned)
        .ok_or(ClientError::TokenResponse("it has no ID-JAG"))
}

fn exchange_parameters(
    exchange: &IdentityExchange<'_>,
    defects: &Defects,
) -> Vec<(&'static str, String)> {
    let id_token = exchange.identity.id_token.clone();
    if defects.has(Defect::ENTERPRISE_EXCHANGE_BY_JWT_BEARER) {
        return vec![
            ("grant_type", JWT_BEARER.to_owned()),
            ("assertion", id_token),
        ];
    }
    let subject_type = if defects.has(Defect::ENTERPRISE_SUBJECT_TYPE_WRONG) {
        ACCESS_TOKEN_TYPE
    } else {
        ID_TOKEN_TYPE
    };
    let audience = match () {
        () if defects.has(Defect::ENTERPRISE_AUDIENCE_IS_ENDPOINT) => {
            exchange.server.token_endpoint.as_str()
        }
        () if defects.has(Defect::ENTERPRISE_AUDIENCE_IS_RESOURCE) => {
            exchange.resource.unwrap_or_default()
        }
        () => exchange.audience,
    };
    let mut parameters = vec![
        ("grant_type", TOKEN_EXCHANGE.to_owned()),
        ("subject_token", id_token),
        ("subject_token_type", subject_type.to_owned()),
        ("audience", audience.to_owned()),
    ];
    if defects.has(Defect::ENTERPRISE_ACCESS_TOKEN_REQUESTED) {
        parameters.push(("requested_token_type", ACCESS_TOKEN_TYPE.to_owned()));
    } else if !defects.has(Defect::ENTERPRISE_REQUESTED_TYPE_MISSING) {
        parameters.push(("requested_token_type", ID_JAG_TYPE.to_owned()));
    }
    if defects.has(Defect::ENTERPRISE_RESOURCE_IS_ISSUER) {
        parameters.push(("resource", exchange.server.issuer.clone()));
    } else if let Some(resource) = exchange.resource
        && !defects.has(Defect::ENTERPRISE_RESOURCE_MISSING)
    {
        parameters.push(("resource", resource.to_owned()));
    }
    if !exchange.scope.is_empty() {
        parameters.push(("scope", exchange.scope.to_parameter(defects)));
    }
    parameters
}
