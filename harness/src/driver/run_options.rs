//! What a run needs besides case and client.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::watch;

use crate::scenario::model::{Case, Revision};
use crate::transcript::Transcript;

/// What a run needs besides case and client.
#[derive(Debug, Clone)]
pub struct RunOptions {
    pub revision: Revision,
    pub seed: String,
    /// How long one start of the client may take.
    pub timeout: Duration,
    /// How long a client must have been still until it is taken to have come to rest.
    pub grace: Duration,
    /// Whether a transcript, as far as it has come, leaves nothing to wait for.
    pub settled: fn(&Case, &Transcript) -> bool,
    /// Turns true when the run is to end now.
    pub interrupted: watch::Receiver<bool>,
    /// Where to keep what is left of each run: home, output and transcript.
    pub keep: Option<PathBuf>,
}
