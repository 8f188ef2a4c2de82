//! What a run needs besides a case and a client.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::notice::RunNotice;
use crate::scenario::model::{Case, Revision};
use crate::transcript::Transcript;
use crate::world::NamedNetwork;

/// What a run needs besides a case and a client.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The revision of MCP that the world and the client speak.
    pub revision: Revision,
    /// What all random values of the world are made from.
    pub seed: String,
    /// How long one start of the client may take.
    pub timeout: Duration,
    /// How long a client must have been still until it counts as having come to rest.
    pub grace: Duration,
    /// Whether nothing that the case asks for is missing in a transcript, as far as it has come.
    pub settled: fn(&Case, &Transcript) -> bool,
    /// Becomes true when the run has to end at once.
    pub interrupted: watch::Receiver<bool>,
    /// A folder in which to keep what each run leaves: home, output and transcript.
    pub keep: Option<PathBuf>,
    /// Is told what a person should know of a run and its transcript does not say.
    pub notify: fn(&RunNotice),
    /// The private network in which this process is, if it is in one.
    pub network: Option<Arc<NamedNetwork>>,
}
