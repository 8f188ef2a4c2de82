//! What a saved run recorded for one revision.

use super::file_format::RevisionEnd;
use crate::report::RunDescription;
use crate::suite::Record;

/// What was recorded for one revision.
#[derive(Debug)]
pub struct SavedRevision {
    pub record: Record,
    pub about: RunDescription,
    /// `None` if the run was killed.
    pub(super) end: Option<RevisionEnd>,
}
