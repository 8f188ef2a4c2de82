//! Discovery for one MCP server: its authorization server, and what the metadata says.

use crate::defect::Defect;
use crate::discovery::{self, Challenge, ServerMetadata};
use crate::error::ClientError;
use crate::revision::ProtocolRevision;
use crate::run_context::RunContext;
use crate::scope::Scope;
use crate::server_address::ServerAddress;

/// How many of the listed authorization servers the client tries.
const MOST_AUTHORIZATION_SERVERS: usize = 5;

/// What the metadata of an MCP server and of its authorization server says.
#[derive(Clone)]
pub(super) struct DiscoveryResult {
    pub server: ServerMetadata,
    /// The value for the `resource` parameter. Absent in revision 2025-03-26.
    pub resource: Option<String>,
    /// The scopes that the resource metadata lists.
    pub resource_scopes: Scope,
}

/// Reads the metadata. `token` is the token that the MCP server has rejected; only defective
/// clients send it to metadata URLs.
pub(super) async fn discover(
    run: &RunContext,
    mcp: &ServerAddress,
    challenge: Option<&Challenge>,
    token: Option<&str>,
) -> Result<DiscoveryResult, ClientError> {
    let result = find_authorization_server(run, mcp, challenge, token).await?;
    if let (Some(listed), Some(resource)) = (&result.server.protected_resources, &result.resource)
        && !listed.contains(resource)
        && !run.has(Defect::PROTECTED_RESOURCES_UNCHECKED)
    {
        return Err(ClientError::ResourceNotListed);
    }
    Ok(result)
}

async fn find_authorization_server(
    run: &RunContext,
    mcp: &ServerAddress,
    challenge: Option<&Challenge>,
    token: Option<&str>,
) -> Result<DiscoveryResult, ClientError> {
    if run.config.revision == ProtocolRevision::March2025 {
        let server = discovery::discover_server_at_origin(run, mcp, token).await?;
        return Ok(DiscoveryResult::without_metadata(server, None));
    }
    let canonical = || Some(mcp.canonical.clone());
    if run.has(Defect::PRM_SKIPPED) {
        let server = discovery::discover_server_at_origin(run, mcp, token).await?;
        return Ok(DiscoveryResult::without_metadata(server, canonical()));
    }
    let error = match discovery::discover_resource_metadata(run, mcp, challenge, token).await {
        Ok(metadata) => {
            let server = choose_server(run, &metadata.authorization_servers, token).await?;
            return Ok(DiscoveryResult {
                server: ServerMetadata {
                    resource_requires_proof: metadata.requires_proof,
                    ..server
                },
                resource: Some(metadata.resource),
                resource_scopes: metadata.scopes,
            });
        }
        Err(error) => error,
    };
    if matches!(error, ClientError::NoResourceMetadata)
        && let Some(issuer) = configured_issuer(run)
    {
        let server = choose_server(run, &[issuer], token).await?;
        let resource = canonical().filter(|_| !run.has(Defect::RESOURCE_ONLY_WITH_METADATA));
        return Ok(DiscoveryResult::without_metadata(server, resource));
    }
    if run.has(Defect::GUESS_WITHOUT_PRM) {
        let server = discovery::discover_server_at_origin(run, mcp, token).await?;
        return Ok(DiscoveryResult::without_metadata(server, canonical()));
    }
    Err(error)
}

impl DiscoveryResult {
    /// The result if there is no resource metadata.
    fn without_metadata(server: ServerMetadata, resource: Option<String>) -> Self {
        Self {
            server,
            resource,
            resource_scopes: Scope::default(),
        }
    }
}

/// The authorization server that the user named together with the credentials.
fn configured_issuer(run: &RunContext) -> Option<String> {
    run.config.credentials.as_ref()?.issuer.clone()
}

/// Chooses the first listed authorization server that works. The one that issued the configured
/// credentials comes first.
async fn choose_server(
    run: &RunContext,
    issuers: &[String],
    token: Option<&str>,
) -> Result<ServerMetadata, ClientError> {
    let most = if run.has(Defect::FIRST_AUTHORIZATION_SERVER_ONLY) {
        1
    } else {
        MOST_AUTHORIZATION_SERVERS
    };
    let of_credentials =
        credentials_issuer(run).and_then(|issuer| issuers.iter().find(|listed| **listed == issuer));
    let mut first_error = None;
    for issuer in of_credentials.into_iter().chain(issuers.iter().take(most)) {
        match discovery::discover_server_metadata(run, issuer, token).await {
            Ok(mut server) => {
                if run.has(Defect::AUTHORIZATION_SERVERS_MIXED)
                    && let Some(other) = issuers.iter().find(|listed| **listed != server.issuer)
                    && let Ok(other) = discovery::discover_server_metadata(run, other, token).await
                {
                    server.token_endpoint = other.token_endpoint;
                }
                return Ok(server);
            }
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or(ClientError::NoServerMetadata))
}

/// The issuer of the configured credentials: the one that the user named, or the one that they were
/// first used with.
fn credentials_issuer(run: &RunContext) -> Option<String> {
    let credentials = run.config.credentials.as_ref()?;
    let issuer = credentials.issuer.clone();
    issuer.or_else(|| run.store.issuer_of(&credentials.client_id))
}
