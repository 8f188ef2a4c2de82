//! Marks on verdicts: this failure is known and expected. Verdicts stay what they are; a marked one
//! does not fail the run.

use serde::{Deserialize, Serialize};

/// A failure that a baseline expects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baselined {
    /// Why it is known and not mended yet.
    pub reason: String,
    /// Where the baseline says so: `known-failures.toml:12`.
    pub place: String,
}

/// What a baseline came to in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineOutcome {
    /// The baseline's file, as it was given.
    pub file: String,
    /// Entries that expect something to fail which does not fail any more. They fail the run.
    pub outdated: Vec<Outdated>,
}

/// An entry whose failure is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outdated {
    /// The entry as it is written: `iss/two-values:iss-advertised-mismatch`.
    pub entry: String,
    /// Where it is written: `known-failures.toml:12`.
    pub place: String,
    /// What happens instead of the failure.
    pub now: String,
    /// What to do about it.
    pub help: String,
}
