//! Finds the metadata of an authorization server.

use crate::defect::Defect;
use crate::discovery::issuer_validation::parse_issuer;
use crate::discovery::server_document::{WHAT, fetch_server_metadata};
use crate::discovery::server_locations::{ServerDocumentKind, list_server_locations};
use crate::discovery::server_metadata::ServerMetadata;
use crate::error::ClientError;
use crate::json_document::JsonDocument;
use crate::registration;
use crate::run_context::RunContext;
use crate::server_address::ServerAddress;
use crate::url_rules;
use url::Url;

/// Finds the metadata of the authorization server with this issuer. `token` is a rejected token,
/// which only defective clients send along.
pub(crate) async fn discover_server_metadata(
    run: &RunContext,
    issuer: &str,
    token: Option<&str>,
) -> Result<ServerMetadata, ClientError> {
    let url = parse_issuer(issuer, run.defects())?;
    let default_endpoints =
        || ServerMetadata::with_default_endpoints(&url_rules::origin(&url), "", run.defects());
    if run.has(Defect::ENDPOINTS_HARD_CODED) {
        return default_endpoints();
    }
    let mut last_error = ClientError::NoServerMetadata;
    for (location, kind) in list_server_locations(&url, run.defects()) {
        match fetch_server_metadata(run, &location, kind, &[issuer], token).await {
            Ok(server) => return Ok(server),
            Err(error) => {
                run.report_progress(&format!("{WHAT}: {error}"));
                if run.has(Defect::METADATA_FIRST_ANSWER_FINAL)
                    && !matches!(error, ClientError::Status(_, 404))
                {
                    return Err(error);
                }
                if !matches!(error, ClientError::Status(..)) {
                    last_error = error;
                }
            }
        }
    }
    if run.has(Defect::DEFAULT_ENDPOINTS_WITHOUT_METADATA) {
        return default_endpoints();
    }
    Err(last_error)
}

/// Finds the authorization server as revision 2025-03-26 says: at the MCP server's own origin, and
/// with default endpoints if it has no metadata.
pub(crate) async fn discover_server_at_origin(
    run: &RunContext,
    server: &ServerAddress,
    token: Option<&str>,
) -> Result<ServerMetadata, ClientError> {
    const SUFFIX: &str = "/.well-known/oauth-authorization-server";
    let origin = server.origin();
    let base = if run.has(Defect::MARCH_PATH_KEPT) {
        format!("{origin}{}", server.url.path())
    } else {
        origin.clone()
    };
    let location = if run.has(Defect::MARCH_PATH_INSERTED) {
        format!("{origin}{SUFFIX}{}", server.url.path())
    } else {
        format!("{base}{SUFFIX}")
    };
    let location = Url::parse(&location).map_err(|_| ClientError::NoServerMetadata)?;
    if run.has(Defect::MARCH_DEFAULTS_FIRST) && can_register_at_default(run, &origin).await {
        return ServerMetadata::with_default_endpoints(&origin, "", run.defects());
    }
    // The issuer may be written with or without a slash: both lead to this document.
    let issuers = [origin.as_str(), &format!("{origin}/")];
    let kind = ServerDocumentKind::OAuth;
    match fetch_server_metadata(run, &location, kind, &issuers, token).await {
        Err(ClientError::Status(_, 400..=499)) if !run.has(Defect::MARCH_NO_DEFAULTS) => {
            let prefix = if run.has(Defect::MARCH_OTHER_DEFAULTS) {
                "/oauth"
            } else {
                ""
            };
            ServerMetadata::with_default_endpoints(&base, prefix, run.defects())
        }
        outcome => outcome,
    }
}

/// Reads the metadata again and does not check its issuer: [`Defect::ISS_REREAD_METADATA`].
pub(crate) async fn reread_server_metadata(
    run: &RunContext,
    server: &ServerMetadata,
) -> Option<ServerMetadata> {
    let request = run.unauthenticated_http.get(server.found_at.clone()?);
    let document = JsonDocument::fetch(request, WHAT).await.ok()?;
    let mut reread = server.clone();
    reread.issuer = document.text("issuer")?.to_owned();
    reread.token_endpoint = Url::parse(document.text("token_endpoint")?).ok()?;
    Some(reread)
}

/// Whether clients can register at the default endpoint: [`Defect::MARCH_DEFAULTS_FIRST`].
async fn can_register_at_default(run: &RunContext, origin: &str) -> bool {
    let request = run
        .http
        .post(format!("{origin}/register"))
        .json(&registration::build_probe_request());
    let response = request.send().await;
    response.is_ok_and(|response| response.status().is_success())
}
