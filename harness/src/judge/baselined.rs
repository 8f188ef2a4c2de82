//! The marks that a baseline leaves on verdicts: this failure is known and expected. The verdicts
//! themselves stay as they are; a failure that is marked does not fail the run.

use serde::{Deserialize, Serialize};

use super::reason::Reason;

/// A failure that a baseline expects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baselined {
    /// Why the failure is known and not fixed yet, as the baseline says.
    pub reason: String,
    /// Where the baseline says so: `known-failures.toml:12`.
    pub place: String,
}

/// The effect of a baseline on a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineOutcome {
    /// The baseline's file, as the user gave it.
    pub file: String,
    /// Entries whose failure no longer occurs. They fail the run.
    pub outdated: Vec<OutdatedEntry>,
}

/// An entry whose failure no longer occurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutdatedEntry {
    /// The entry as it is written: `iss/two-values:iss-advertised-mismatch`.
    pub entry: String,
    /// Where it is written: `known-failures.toml:12`.
    pub place: String,
    /// What happens instead of the failure.
    pub now: InsteadOfFailure,
}

/// What a check does that is expected to fail and does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum InsteadOfFailure {
    Passes,
    /// It is not exercised, on a level at which that is no failure.
    NotExercised {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    NotApplicable {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// No check that the entry covers was made.
    NotChecked,
}
