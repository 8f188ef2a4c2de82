//! What scenario files are checked against.

use super::model::{Expectation, Revision};

/// What scenario files are checked against.
#[derive(Clone, Copy)]
pub struct LoadContext<'a> {
    pub monitors: &'a [Expectation],
    /// When the requirement with an id applies; `None`: there is no such requirement.
    pub requirements: &'a (dyn Fn(&str) -> Option<Applies> + Sync),
}

/// The revisions in which a requirement is scored, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applies {
    pub from: Revision,
    pub until: Revision,
}
