//! Known failures: a file of them keeps CI green for what is known, and turns it red for anything
//! new, and for what is known no longer.
//!
//! A baseline is applied after the judge has spoken: verdicts stay, failures that are expected get
//! a mark ([`Baselined`]). It is for users; the bundled client has none.

mod apply;
mod error;
mod official;
mod read;
mod target;
mod update;

use std::path::Path;

use crate::scenario::model::Revision;
use crate::suite::Suite;

pub use crate::judge::{BaselineOutcome, Baselined, Outdated};
pub use error::BaselineError;
pub use update::{Change, Learned, Update, UpdateError, Updated, update};

use target::Target;

/// The known failures of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The file, as it was given.
    file: String,
    entries: Vec<Entry>,
    /// Lines of a foreign form that mean nothing here: worth a word, and no error.
    pub notes: Vec<String>,
}

/// One known failure.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    /// What fails, as it is written: `iss/two-values:iss-advertised-mismatch`.
    written: String,
    /// Counted from 1.
    line: usize,
    target: Target,
    reason: String,
    /// Revisions in which it fails; `None`: in all.
    revisions: Option<Vec<Revision>>,
}

impl Entry {
    fn holds_in(&self, revision: Revision) -> bool {
        self.revisions
            .as_ref()
            .is_none_or(|revisions| revisions.contains(&revision))
    }
}

impl Baseline {
    /// Reads a baseline: our own TOML, or the official suite's expected-failures YAML (by the
    /// ending `.yml` or `.yaml`).
    ///
    /// `file` is what errors call it. Every error of the file is returned, not only the first.
    pub fn parse(file: &str, text: &str, suite: &Suite) -> Result<Self, Vec<BaselineError>> {
        if is_official(file) {
            official::parse(file, text, suite)
        } else {
            read::parse(file, text, suite)
        }
    }
}

/// Whether a file of this name has the official suite's form.
fn is_official(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|ending| {
        ending.eq_ignore_ascii_case("yml") || ending.eq_ignore_ascii_case("yaml")
    })
}
