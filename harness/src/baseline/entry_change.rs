//! What an update changes in a baseline.

use super::error::BaselineProblem;
use crate::judge::InsteadOfFailure;
use crate::scenario::model::Revision;

/// One entry that an update adds, removes or changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryChange {
    Added {
        entry: String,
        /// The revisions in which the failure is expected; `None` for all.
        revisions: Option<Vec<Revision>>,
    },
    Removed {
        entry: String,
        cause: RemovalCause,
    },
    /// The entry is expected to fail in other revisions than before.
    RevisionsChanged {
        entry: String,
        revisions: Option<Vec<Revision>>,
    },
}

/// Why an update removes an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemovalCause {
    /// The entry is not valid: it names, for example, a scenario that no longer exists.
    Invalid { problem: BaselineProblem },
    /// The entry names no revision.
    NoRevision,
    /// The failure no longer occurs.
    FailureGone(InsteadOfFailure),
    /// A new entry covers this one.
    CoveredBy { entry: String },
}
