//! The known failures of a client.

use super::baseline_target::BaselineTarget;
use crate::scenario::model::Revision;

/// The known failures of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The file, as the user gave it.
    pub(super) file: String,
    pub(super) entries: Vec<BaselineEntry>,
    /// Entries of the official suite's format that have no effect here.
    pub notes: Vec<String>,
}

/// One known failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BaselineEntry {
    /// What fails, as it is written: `iss/two-values:iss-advertised-mismatch`.
    pub(super) written: String,
    /// The line, counted from 1.
    pub(super) line: usize,
    pub(super) target: BaselineTarget,
    pub(super) reason: String,
    /// The revisions in which the failure is expected; `None` for all.
    pub(super) revisions: Option<Vec<Revision>>,
}

impl BaselineEntry {
    /// Whether the failure is expected in a revision.
    pub(super) fn holds_in(&self, revision: Revision) -> bool {
        self.revisions
            .as_ref()
            .is_none_or(|revisions| revisions.contains(&revision))
    }
}
