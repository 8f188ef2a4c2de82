//! One run of the client: connects to every configured MCP server and calls the tools.

use crate::config::ClientConfig;
use crate::defect::Defect;
use crate::error::ClientError;
use crate::mcp::McpSession;
use crate::platform::Platform;
use crate::run_context::RunContext;
use crate::store::Store;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Connects to every server and calls the tools. A failure is reported in one line on standard
/// error, and returned.
pub async fn run(
    config: &ClientConfig,
    platform: Arc<dyn Platform>,
    store: Arc<Store>,
) -> Result<(), ClientError> {
    let outcome = connect_to_servers(config, platform.clone(), store).await;
    if let Err(error) = &outcome {
        if is_hidden_by_defect(config, error) {
            return Ok(());
        }
        platform.print_error(&format!("error: {error}"));
    }
    outcome
}

/// Whether a defect makes the client end with success, and without a message, after this error.
fn is_hidden_by_defect(config: &ClientConfig, error: &ClientError) -> bool {
    let hiding_defect = match error {
        ClientError::NoResourceMetadata => Defect::QUIET_WITHOUT_DOCUMENT,
        ClientError::NoClientId => Defect::NO_CLIENT_ID_QUIET,
        ClientError::AuthorizationRefused(_) => Defect::REFUSAL_HIDDEN,
        ClientError::Unauthorized => Defect::TOKEN_REJECTION_HIDDEN,
        _ => return false,
    };
    config.defects.has(hiding_defect)
}

async fn connect_to_servers(
    config: &ClientConfig,
    platform: Arc<dyn Platform>,
    store: Arc<Store>,
) -> Result<(), ClientError> {
    let run = Arc::new(RunContext::new(config.clone(), platform, store)?);
    let mut failures = Vec::new();
    let mut connections = JoinSet::new();
    for url in &config.servers {
        // Each server has a task of its own, so that a panic at one server does not affect the
        // next.
        connections.spawn(hold_session(run.clone(), url.clone()));
        if !config.at_once {
            failures.extend(join_connections(&mut connections).await);
        }
    }
    failures.extend(join_connections(&mut connections).await);
    match failures.len() {
        0 | 1 => failures.pop().map_or(Ok(()), Err),
        _ => Err(ClientError::Several(failures)),
    }
}

async fn hold_session(run: Arc<RunContext>, url: String) -> Result<(), ClientError> {
    Arc::new(McpSession::new(run, &url)?).hold().await
}

/// Waits for all connections and returns their failures.
async fn join_connections(connections: &mut JoinSet<Result<(), ClientError>>) -> Vec<ClientError> {
    let mut failures = Vec::new();
    while let Some(outcome) = connections.join_next().await {
        failures.extend(outcome.unwrap_or(Err(ClientError::Internal)).err());
    }
    failures
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::tests::NoBrowser;
    use crate::revision::ProtocolRevision;

    #[tokio::test]
    async fn an_unreachable_server_is_reported() {
        let config = ClientConfig::new(ProtocolRevision::July2026, "http://127.0.0.1:1/mcp");
        let error = run(&config, Arc::new(NoBrowser), Arc::new(Store::in_memory()))
            .await
            .unwrap_err();
        assert!(matches!(error, ClientError::Unreachable(_)), "{error}");
    }
}
