//! A conforming MCP client for the authorization part of the Model Context Protocol, written to be
//! read, and to be broken.
//!
//! [`run`] connects to MCP servers over Streamable HTTP, in the revisions 2025-03-26 to 2026-07-28,
//! lists their tools and calls some. When a server demands authorization, the client finds the
//! authorization server, registers, sends the user there and comes back with a token. [`Defects`]
//! break it in one named way at a time, so that a conformance suite can be tested against it, and
//! [`Kind`] makes it a phone's or web application's client instead of a terminal program's.
//!
//! From the outside in: `session` holds the conversation with one MCP server over its `transport`.
//! Its `authorizer` reads `challenge`, `prm` and `metadata`, and runs `authorize`, which gets a
//! client ID from `registration`, waits at the `callback`, judges the `response` and redeems the
//! code with `token`. The `store` remembers.

mod address;
mod authorize;
mod authorizer;
mod callback;
mod challenge;
pub mod cli;
mod config;
mod context;
mod defect;
mod document;
mod error;
mod key;
mod metadata;
mod persistent;
mod platform;
mod prm;
mod random;
mod registration;
mod response;
mod run;
mod scope;
mod session;
mod store;
mod text;
mod token;
mod transport;

pub use config::{Config, Credentials, Kind, Revision, Server, UnknownRevision};
pub use context::from_contract;
pub use defect::{Defect, DefectInfo, Defects, UnknownDefect, defects};
pub use error::Error;
pub use platform::{BrowserClosed, Platform, System};
pub use registration::{
    CLIENT_METADATA_URL, client_metadata_document, client_metadata_url_for, served_document,
};
pub use store::Store;

use run::Run;
use session::Session;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Connects to every server and calls the tools. A failure is told in one line on standard error,
/// and returned.
pub async fn run(
    config: &Config,
    platform: Arc<dyn Platform>,
    store: Arc<Store>,
) -> Result<(), Error> {
    let outcome = connect(config, platform.clone(), store).await;
    match &outcome {
        Err(Error::NoResourceMetadata) if config.defects.has(Defect::QuietWithoutPrm) => {
            return Ok(());
        }
        Err(Error::NoClientId) if config.defects.has(Defect::NoWayQuiet) => return Ok(()),
        Err(Error::AuthorizationRefused(_)) if config.defects.has(Defect::RefusalHidden) => {
            return Ok(());
        }
        Err(error) => platform.print_error(&format!("error: {error}")),
        Ok(()) => {}
    }
    outcome
}

async fn connect(
    config: &Config,
    platform: Arc<dyn Platform>,
    store: Arc<Store>,
) -> Result<(), Error> {
    let run = Arc::new(Run::new(config.clone(), platform, store)?);
    let mut failures = Vec::new();
    let mut connections = JoinSet::new();
    for server in &config.servers {
        // A task of its own: what breaks down at one server is no trouble of the next.
        connections.spawn(hold_session(run.clone(), server.url.clone()));
        if !config.at_once {
            failures.extend(finish(&mut connections).await);
        }
    }
    failures.extend(finish(&mut connections).await);
    match failures.len() {
        0 | 1 => failures.pop().map_or(Ok(()), Err),
        _ => Err(Error::Several(failures)),
    }
}

async fn hold_session(run: Arc<Run>, url: String) -> Result<(), Error> {
    Arc::new(Session::new(run, &url)?).hold().await
}

async fn finish(connections: &mut JoinSet<Result<(), Error>>) -> Vec<Error> {
    let mut failures = Vec::new();
    while let Some(outcome) = connections.join_next().await {
        failures.extend(outcome.unwrap_or(Err(Error::Internal)).err());
    }
    failures
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nowhere;

    impl Platform for Nowhere {
        fn open_url(&self, _: &str) -> std::io::Result<BrowserClosed> {
            Ok(Box::pin(std::future::ready(None)))
        }
        fn print(&self, _: &str) {}
        fn print_error(&self, _: &str) {}
    }

    pub(crate) fn run_for(config: Config) -> Run {
        Run::new(config, Arc::new(Nowhere), Arc::new(Store::in_memory())).unwrap()
    }

    #[tokio::test]
    async fn a_server_that_is_not_there() {
        let config = Config::new(Revision::July2026, "http://127.0.0.1:1/mcp");
        let error = super::run(&config, Arc::new(Nowhere), Arc::new(Store::in_memory()))
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Unreachable(_)), "{error}");
    }
}
