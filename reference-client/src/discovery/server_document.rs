//! Fetches a metadata document of an authorization server and validates it.

use crate::defect::{Defect, Defects};
use crate::discovery::issuer_validation::is_accepted_issuer;
use crate::discovery::pkce_support::check_pkce_support;
use crate::discovery::server_locations::ServerDocumentKind;
use crate::discovery::server_metadata::ServerMetadata;
use crate::error::ClientError;
use crate::json_document::JsonDocument;
use crate::revision::ProtocolRevision;
use crate::run_context::{RunContext, unchecked_http_client};
use crate::scope::Scope;
use crate::url_rules;
use serde_json::Value;
use url::{Position, Url};

/// What errors call the document.
pub(super) const WHAT: &str = "authorization server metadata";

/// The members that link to documents, which a conforming client has no use for.
const LINKS: &[&str] = &[
    "jwks_uri",
    "service_documentation",
    "op_policy_uri",
    "op_tos_uri",
];

/// The member that links to the keys of the authorization server, which only others need.
const KEY_SET: &[&str] = &["jwks_uri"];

/// The grant types that a client with [`Defect::METADATA_WORDS_CLOSED`] knows.
const KNOWN_GRANT_TYPES: &[&str] = &["authorization_code", "refresh_token", "client_credentials"];
/// The response modes that it knows.
const KNOWN_RESPONSE_MODES: &[&str] = &["query", "fragment"];

/// Fetches and validates the document at a URL. `issuers` are the accepted issuers.
pub(super) async fn fetch_server_metadata(
    run: &RunContext,
    location: &Url,
    kind: ServerDocumentKind,
    issuers: &[&str],
    token: Option<&str>,
) -> Result<ServerMetadata, ClientError> {
    run.guard.check(location).await?;
    let mut request = run.unauthenticated_http.get(location.clone());
    if run.config.revision == ProtocolRevision::March2025
        && !run.has(Defect::MARCH_NO_VERSION_HEADER)
    {
        request = request.header("MCP-Protocol-Version", run.config.revision.as_str());
    }
    if run.has(Defect::BEARER_EVERYWHERE)
        && let Some(token) = token
    {
        request = request.bearer_auth(token);
    }
    let document = JsonDocument::fetch(request, WHAT).await?;
    if run.has(Defect::INTERNAL_LINKS_FETCHED) {
        fetch_links(&run.unauthenticated_http, &document, LINKS).await;
    }
    if run.has(Defect::CERTIFICATE_UNCHECKED_OF_KEY_SET) {
        let http = unchecked_http_client(&run.config)?;
        fetch_links(&http, &document, KEY_SET).await;
    }
    let issuer = read_issuer(run, &document, kind, issuers)?;
    let server = read_metadata(run, &document, issuer, location)?;
    if server.advertises_iss {
        run.defect_state().any_server_advertised_iss = true;
    }
    Ok(server)
}

/// Requests the documents that members of the metadata link to, as defective clients do.
async fn fetch_links(http: &reqwest::Client, document: &JsonDocument, members: &[&str]) {
    for member in members {
        let text = document.text(member).unwrap_or_default();
        if let Ok(url) = Url::parse(text) {
            // what they say is for the user only
            let _ = http.get(url).send().await;
        }
    }
}

/// Reads the issuer and checks it.
fn read_issuer(
    run: &RunContext,
    document: &JsonDocument,
    kind: ServerDocumentKind,
    issuers: &[&str],
) -> Result<String, ClientError> {
    let defects = run.defects();
    let Some(issuer) = document.text("issuer") else {
        if defects.has(Defect::ISSUER_OPTIONAL) || defects.has(Defect::ISSUER_UNCHECKED) {
            return Ok(issuers.first().copied().unwrap_or_default().to_owned());
        }
        return Err(ClientError::Malformed(WHAT));
    };
    if !is_accepted_issuer(issuer, issuers, kind, defects) {
        if !defects.has(Defect::ISSUER_MISMATCH_WARNED) {
            return Err(ClientError::IssuerMismatch);
        }
        run.platform
            .print_error("warning: the authorization server's metadata names another issuer");
    }
    Ok(issuer.to_owned())
}

fn read_metadata(
    run: &RunContext,
    document: &JsonDocument,
    issuer: String,
    location: &Url,
) -> Result<ServerMetadata, ClientError> {
    let defects = run.defects();
    check_habits(document, defects)?;
    let endpoint = |member: &str| {
        let text = document.text(member)?;
        Some(move_to_issuer_host(text, &issuer, defects).unwrap_or_else(|| text.to_owned()))
    };
    let authorization_endpoint =
        endpoint("authorization_endpoint").ok_or(ClientError::Endpoint("authorization"))?;
    if !defects.has(Defect::ENDPOINT_SCHEME_UNCHECKED) {
        url_rules::check_endpoint(&authorization_endpoint, "authorization", defects)?;
    }
    let token_endpoint = endpoint("token_endpoint").ok_or(ClientError::Endpoint("token"))?;
    let token_endpoint = url_rules::check_endpoint(&token_endpoint, "token", defects)?;
    let registration_endpoint = endpoint("registration_endpoint")
        .map(|text| url_rules::check_endpoint(&text, "registration", defects))
        .transpose()?;
    let methods = document.texts("code_challenge_methods_supported");
    let is_openid = location.path().contains("openid-configuration");
    let s256 = check_pkce_support(run.config.revision, methods.as_deref(), is_openid, defects)?;
    let list = |member: &str| -> Option<Vec<String>> {
        let texts = document.texts(member)?;
        Some(texts.into_iter().map(str::to_owned).collect())
    };
    Ok(ServerMetadata {
        authorization_endpoint,
        token_endpoint,
        registration_endpoint,
        advertises_iss: document.is_true("authorization_response_iss_parameter_supported"),
        supports_client_documents: supports_client_documents(document, defects),
        auth_methods: list("token_endpoint_auth_methods_supported"),
        scopes: Scope::from_names(document.texts("scopes_supported").unwrap_or_default()),
        protected_resources: list("protected_resources"),
        proof_algorithms: list("dpop_signing_alg_values_supported"),
        resource_requires_proof: false,
        s256,
        announces_pkce: methods.is_some(),
        has_default_endpoints: false,
        found_at: Some(location.clone()),
        issuer,
    })
}

/// What clients demand that know one authorization server only.
fn check_habits(document: &JsonDocument, defects: &Defects) -> Result<(), ClientError> {
    let has_only = |member: &str, known: &[&str]| {
        let words = document.texts(member).unwrap_or_default();
        words.iter().all(|word| known.contains(word))
    };
    let is_closed = defects.has(Defect::METADATA_WORDS_CLOSED)
        && !(has_only("grant_types_supported", KNOWN_GRANT_TYPES)
            && has_only("response_modes_supported", KNOWN_RESPONSE_MODES));
    let lacks_keys = defects.has(Defect::KEY_SET_DEMANDED) && document.text("jwks_uri").is_none();
    if is_closed || lacks_keys {
        return Err(ClientError::Malformed(WHAT));
    }
    let methods = document.texts("code_challenge_methods_supported");
    let first = methods.and_then(|methods| methods.first().copied());
    if defects.has(Defect::FIRST_CHALLENGE_METHOD_ONLY) && first != Some("S256") {
        return Err(ClientError::PkceUnsupported);
    }
    Ok(())
}

/// The endpoint on the issuer's host, for a client with [`Defect::ENDPOINTS_MOVED_TO_ISSUER_HOST`].
fn move_to_issuer_host(endpoint: &str, issuer: &str, defects: &Defects) -> Option<String> {
    if !defects.has(Defect::ENDPOINTS_MOVED_TO_ISSUER_HOST) {
        return None;
    }
    let url = Url::parse(endpoint)
        .ok()
        .filter(url_rules::is_https_or_loopback)?;
    let origin = url_rules::origin(&Url::parse(issuer).ok()?);
    Some(format!("{origin}{}", &url[Position::BeforePath..]))
}

fn supports_client_documents(document: &JsonDocument, defects: &Defects) -> bool {
    const MEMBER: &str = "client_id_metadata_document_supported";
    if defects.has(Defect::CIMD_FLAG_NOT_TRUE) {
        let value = document.members.get(MEMBER);
        return value.is_some_and(|value| *value != Value::Bool(false));
    }
    document.is_true(MEMBER)
}
