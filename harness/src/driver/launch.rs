//! What one start of a client is told.

use std::time::Duration;

use super::contract::FlowContract;
use super::notice::RunNotice;
use super::outcome::ClientOutcome;
use super::provision::Provision;
use super::run_options::RunOptions;
use super::stop_signal::StopSignal;
use super::world_handle::WorldHandle;
use crate::scenario::model::{Flow, Revision, Start};

/// The tool that a client calls where a scenario names none.
const DEFAULT_TOOL: &str = "test-tool";

/// What one start of a client is told.
#[derive(Debug, Clone)]
pub struct Launch {
    /// URLs of the MCP servers to connect to. A client that takes one URL gets the first.
    pub urls: Vec<String>,
    /// The kind of flow.
    pub flow: Flow,
    /// The revision of MCP that the client is to speak.
    pub revision: Revision,
    /// The certificate of the authority that the client is to trust, in PEM, if a server of this
    /// world speaks https.
    pub authority: Option<String>,
    /// What the flow hands to the client.
    pub provision: Provision,
    /// Tools to call, where the scenario names some.
    pub call: Option<Vec<String>>,
    /// Whether the client connects to all servers, or makes all calls, at the same time.
    pub at_once: bool,
    /// Whether the client logs as much as it can.
    pub verbose: bool,
    /// The file mode creation mask that the client is started with.
    pub umask: Option<u32>,
    /// Which start of the client this is, counted from 1.
    pub run: u32,
    /// How long this start may take.
    pub timeout: Duration,
    /// The official suite's name of the case, where it has one.
    pub official: Option<String>,
    /// The world that the client runs in.
    pub world: WorldHandle,
    /// Tells when this start has to end.
    pub stop: StopSignal,
    /// Is told what a person should know of this start.
    pub(crate) notify: fn(&RunNotice),
}

impl Launch {
    /// What a start of a scenario's timeline tells the client.
    pub(super) fn new(
        start: &Start,
        official: Option<String>,
        world: &WorldHandle,
        options: &RunOptions,
        stop: StopSignal,
    ) -> Self {
        let resolved = world.shared.resolve_start(start);
        let credentials = FlowContract::of(start.flow)
            .hands_out_credentials()
            .then(|| world.shared.hand_out_credentials(start))
            .flatten();
        Self {
            urls: resolved.urls,
            flow: start.flow,
            revision: options.revision,
            authority: world.shared.authority(),
            provision: Provision::new(start.flow, credentials),
            call: start.call.clone(),
            at_once: start.at_once,
            verbose: start.verbose,
            umask: start.umask,
            run: resolved.run,
            timeout: options.timeout,
            official,
            world: world.clone(),
            stop,
            notify: options.notify,
        }
    }

    /// The outcome of a start that the harness could not bring about. A shortage of the machine's
    /// is noted, so that the run says nothing about the client.
    pub(super) fn not_started(&self, error: &std::io::Error) -> ClientOutcome {
        self.world.note_start_error(error);
        ClientOutcome::NotStarted
    }

    /// The URL for a client that takes only one.
    pub(super) fn first_url(&self) -> String {
        self.urls.first().cloned().unwrap_or_default()
    }

    /// The tools to call: those of the scenario, or the one that every MCP server of a world has.
    pub(super) fn tools(&self) -> Vec<String> {
        self.call
            .clone()
            .unwrap_or_else(|| vec![DEFAULT_TOOL.to_owned()])
    }
}
