//! The verdict on a run of a live session.

use serde::Serialize;

use crate::judge::Verdict;
use crate::scenario::model::Level;
use crate::words::words;

words! {
    /// The verdict on a run in a word.
    pub enum VerdictWord {
        /// All that was checked holds.
        Pass = "pass",
        /// A MUST failed.
        Fail = "fail",
        /// A SHOULD failed.
        Warning = "warning",
        /// The run shows nothing about a MUST.
        NotExercised = "not-exercised",
    }
}

/// The verdict on a run.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RunVerdict {
    pub(super) verdict: VerdictWord,
    /// Whether nothing that the client still does can change it.
    pub(super) certain: bool,
    /// Whether everything that the run asks for has happened.
    pub(super) settled: bool,
    pub(super) checks: Vec<CheckLine>,
}

/// The verdict on one requirement.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CheckLine {
    pub(super) requirement: String,
    pub(super) statement: String,
    pub(super) level: Level,
    pub(super) verdict: Verdict,
    pub(super) reason: Option<String>,
}
