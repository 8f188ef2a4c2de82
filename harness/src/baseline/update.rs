//! What an update of a baseline takes and returns.

use super::entry_change::EntryChange;
use crate::judge::Conclusions;
use crate::suite::Suite;

/// The verdicts of one run.
#[derive(Debug, Clone, Copy)]
pub struct Learned<'a> {
    pub conclusions: &'a Conclusions,
    /// Whether the whole suite was run.
    pub complete: bool,
}

/// What a baseline is updated with.
#[derive(Debug, Clone, Copy)]
pub struct Update<'a> {
    pub suite: &'a Suite,
    /// One run for each revision.
    pub runs: &'a [Learned<'a>],
    /// Whether a failed `SHOULD` is a failure.
    pub strict: bool,
    /// The reason of new entries.
    pub reason: Option<&'a str>,
}

/// An updated baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updated {
    /// The new text of the file.
    pub text: String,
    pub changes: Vec<EntryChange>,
}
