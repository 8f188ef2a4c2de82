//! What one start of a client is told, and how it ended.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::browser::UserAgent;
use super::contract::{Member, told};
use super::run_options::RunOptions;
use crate::scenario::model::{Flow, Revision, Start};
use crate::words::words;
use crate::world::{Credentials, SharedWorld};

/// Says when a start has to end.
#[derive(Debug, Clone)]
pub struct StopSignal(pub(super) watch::Receiver<bool>);

impl StopSignal {
    /// Returns when the start has to end: it gives up, cleans up and answers `Killed`.
    pub async fn requested(&mut self) {
        if self.0.wait_for(|stop| *stop).await.is_err() {
            std::future::pending().await
        }
    }
}

/// What a client is told.
#[derive(Debug, Clone)]
pub struct Launch {
    /// URLs of the MCP servers to connect to; the first is the last argument.
    pub urls: Vec<String>,
    /// The kind of flow.
    pub flow: Flow,
    /// The revision that it should speak.
    pub revision: Revision,
    /// Credentials registered beforehand.
    pub credentials: Option<Credentials>,
    /// Tools to call.
    pub call: Option<Vec<String>>,
    pub at_once: bool,
    pub verbose: bool,
    /// File mode creation mask.
    pub umask: Option<u32>,
    /// Which start this is, from 1.
    pub run: u32,
    /// How long it may take.
    pub timeout: Duration,
    /// The official suite's name of the case, where it has one.
    pub official: Option<String>,
    /// Where the client's browser and output go.
    pub watched: WorldHandle,
    /// When to end.
    pub stop: StopSignal,
}

/// The world as a client's surroundings see it.
#[derive(Clone)]
pub struct WorldHandle {
    pub(crate) shared: Arc<SharedWorld>,
    pub(crate) browser: UserAgent,
}

impl std::fmt::Debug for WorldHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorldHandle").finish_non_exhaustive()
    }
}

words! {
    /// How one start of a client ended.
    pub enum ClientOutcome {
        Success = "success",
        Failure = "failure",
        Crash = "crash",
        Killed = "killed",
        /// It had come to rest and was ended.
        Quiet = "quiet",
        /// It could not be started at all.
        NotStarted = "not-started",
    }
}

pub(super) fn launch(
    start: &Start,
    official: Option<String>,
    watched: &WorldHandle,
    options: &RunOptions,
    stop: StopSignal,
) -> Launch {
    let resolved = watched.shared.resolve_start(start);
    let takes_credentials = told(start.flow).context.contains(&Member::ClientId);
    let credentials = takes_credentials
        .then(|| watched.shared.hand_out_credentials(start))
        .flatten();
    Launch {
        urls: resolved.urls,
        flow: start.flow,
        revision: options.revision,
        credentials,
        call: start.call.clone(),
        at_once: start.at_once,
        verbose: start.verbose,
        umask: start.umask,
        run: resolved.run,
        timeout: options.timeout,
        official,
        watched: watched.clone(),
        stop,
    }
}
