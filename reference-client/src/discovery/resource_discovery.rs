//! Finds the protected resource metadata of an MCP server (RFC 9728) and validates it.

use crate::defect::Defect;
use crate::discovery::challenge::Challenge;
use crate::discovery::resource_locations::{ResourceMetadataSource, list_resource_locations};
use crate::discovery::resource_match::{describes_server, read_resource};
use crate::error::ClientError;
use crate::json_document::JsonDocument;
use crate::run_context::RunContext;
use crate::scope::Scope;
use crate::server_address::ServerAddress;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use url::Url;

/// What errors call the document.
const WHAT: &str = "protected resource metadata";

/// The members that a client with [`Defect::PRM_UNKNOWN_MEMBER_REFUSED`] accepts.
const KNOWN_MEMBERS: &[&str] = &[
    "resource",
    "authorization_servers",
    "scopes_supported",
    "bearer_methods_supported",
];

/// What an MCP server publishes about itself.
#[derive(Debug, Clone)]
pub(crate) struct ResourceMetadata {
    /// The resource identifier, exactly as it was published. It is the value of the `resource`
    /// parameter.
    pub resource: String,
    /// The issuers of its authorization servers, as they were published. The list is not empty.
    pub authorization_servers: Vec<String>,
    pub scopes: Scope,
    /// Whether the server demands tokens that are bound to a key.
    pub requires_proof: bool,
}

/// Finds the metadata, at the URL that the challenge names or else at the well-known URLs. `token`
/// is a rejected token, which only defective clients send along.
pub(crate) async fn discover_resource_metadata(
    run: &RunContext,
    server: &ServerAddress,
    challenge: Option<&Challenge>,
    token: Option<&str>,
) -> Result<ResourceMetadata, ClientError> {
    let mut found_mismatch = false;
    for (url, source) in list_resource_locations(server, challenge, run.defects()) {
        let named = challenge.and_then(Challenge::resource_metadata);
        if !is_misread(run, named, &url) {
            run.guard.check(&url).await?;
        }
        match fetch_resource_metadata(run, server, &url, source, token).await {
            Ok(metadata) => return Ok(metadata),
            Err(error) => {
                run.report_progress(&format!("{WHAT}: {error}"));
                found_mismatch |= matches!(error, ClientError::ResourceMismatch);
            }
        }
    }
    // A document of another resource is a more useful report than a URL without a document.
    Err(if found_mismatch {
        ClientError::ResourceMismatch
    } else {
        ClientError::NoResourceMetadata
    })
}

async fn fetch_resource_metadata(
    run: &RunContext,
    server: &ServerAddress,
    url: &Url,
    source: ResourceMetadataSource,
    token: Option<&str>,
) -> Result<ResourceMetadata, ClientError> {
    let mut document = fetch_document(run, url, token).await?;
    if run.has(Defect::SIGNED_METADATA_UNVERIFIED) {
        let jwt = document.text("signed_metadata").unwrap_or_default();
        let claims = decode_claims(jwt);
        document.members.extend(claims);
    }
    let methods = document.texts("bearer_methods_supported");
    let has_other_methods = methods.is_some_and(|methods| methods != ["header"]);
    if run.has(Defect::BEARER_METHODS_CLOSED) && has_other_methods
        || run.has(Defect::PRM_MEDIA_TYPE_COMPARED) && !document.has_plain_media_type()
        || run.has(Defect::REASON_PHRASE_DEMANDED) && !document.has_reason_phrase
    {
        return Err(ClientError::Malformed(WHAT));
    }
    let is_known = |name: &String| KNOWN_MEMBERS.contains(&name.as_str());
    if run.has(Defect::PRM_UNKNOWN_MEMBER_REFUSED) && !document.members.keys().all(is_known) {
        return Err(ClientError::Malformed(WHAT));
    }
    let resource =
        read_resource(&document, server, run.defects()).ok_or(ClientError::Malformed(WHAT))?;
    if !describes_server(&document, &resource, server, source, run.defects()) {
        if !run.has(Defect::RESOURCE_MISMATCH_WARNED) {
            return Err(ClientError::ResourceMismatch);
        }
        run.platform
            .print_error("warning: the protected resource metadata describes another resource");
    }
    let issuers = document.texts("authorization_servers").unwrap_or_default();
    if issuers.is_empty() {
        return Err(ClientError::Malformed(WHAT));
    }
    Ok(ResourceMetadata {
        resource,
        authorization_servers: issuers.into_iter().map(str::to_owned).collect(),
        scopes: Scope::from_names(document.texts("scopes_supported").unwrap_or_default()),
        requires_proof: document.is_true("dpop_bound_access_tokens_required"),
    })
}

/// Whether the client takes an address for a name, because it is not written in the usual notation:
/// [`Defect::INTERNAL_NOTATIONS_MISREAD`].
fn is_misread(run: &RunContext, text: Option<&str>, url: &Url) -> bool {
    run.has(Defect::INTERNAL_NOTATIONS_MISREAD)
        && !text.is_some_and(|text| text.contains(url.host_str().unwrap_or_default()))
}

async fn fetch_document(
    run: &RunContext,
    url: &Url,
    token: Option<&str>,
) -> Result<JsonDocument, ClientError> {
    if run.has(Defect::PRM_HEAD_FIRST) {
        let _ = run.http.head(url.clone()).send().await;
    }
    let mut request = run.unauthenticated_http.get(url.clone());
    if run.has(Defect::BEARER_ON_PRM) {
        request = request.bearer_auth(token.unwrap_or("none-yet"));
    }
    if run.has(Defect::BEARER_EVERYWHERE)
        && let Some(token) = token
    {
        request = request.bearer_auth(token);
    }
    JsonDocument::fetch(request, WHAT).await
}

/// The claims of a JWT, without a check of its signature: [`Defect::SIGNED_METADATA_UNVERIFIED`].
fn decode_claims(jwt: &str) -> Map<String, Value> {
    let payload = jwt
        .split('.')
        .nth(1)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok())
        .unwrap_or_default();
    serde_json::from_slice(&payload).unwrap_or_default()
}
