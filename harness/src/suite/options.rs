//! The options of a suite run.

use std::path::PathBuf;
use std::time::Duration;

use super::{DEFAULT_GRACE, DEFAULT_TIMEOUT, Shard, default_jobs};
use crate::driver::RunNotice;
use crate::judge::Declared;
use crate::place::RunPlace;
use crate::scenario::model::Revision;

/// How a selection of cases is run.
#[derive(Debug, Clone)]
pub struct SuiteOptions {
    /// The revision of MCP that servers and clients speak.
    pub revision: Revision,
    /// How many clients run at the same time.
    pub jobs: usize,
    /// How long one start of the client may take.
    pub timeout: Duration,
    /// How long a client must have been at rest until its start is taken to be over.
    pub grace: Duration,
    /// The text from which all random values are derived.
    pub seed: String,
    /// The capabilities that are known before the run.
    pub declared: Declared,
    /// Whether the selection holds every case of the revision.
    pub complete: bool,
    /// The part of the selection that this run takes.
    pub shard: Shard,
    /// The folder in which the client's home, output and transcript of each run are kept.
    pub keep: Option<PathBuf>,
    /// Is told what a person should know of a run and its transcript does not say.
    pub notify: fn(&RunNotice),
    /// Where the runs take place.
    pub place: RunPlace,
}

impl SuiteOptions {
    /// Options for a selection of cases, with the default of everything but the revision. The seed
    /// is always the same; a run that a client must not be able to predict needs one of its own.
    pub fn new(revision: Revision) -> Self {
        Self {
            revision,
            jobs: default_jobs(),
            timeout: DEFAULT_TIMEOUT,
            grace: DEFAULT_GRACE,
            seed: "mcp-authspec".to_owned(),
            declared: Declared::default(),
            complete: false,
            shard: Shard::WHOLE,
            keep: None,
            notify: |_| {},
            place: RunPlace::Loopback,
        }
    }
}
