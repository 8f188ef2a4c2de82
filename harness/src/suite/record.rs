//! The result of a suite run.

use std::collections::BTreeMap;

use super::{FlakyCase, Suite};
use crate::judge::{Conclusions, Declared, Run, conclude};
use crate::scenario::model::{Case, Revision};
use crate::transcript::Transcript;

/// Why a case was not run when the user ended the run.
pub const INTERRUPTED: &str = "the run was interrupted before";

/// All transcripts of a suite run.
#[derive(Debug)]
pub struct Record {
    pub revision: Revision,
    /// Whether every case of the revision was selected and the run was not ended early.
    pub complete: bool,
    /// Each case with its transcript, or the reason why there is none.
    pub cases: Vec<(Case, Result<Transcript, String>)>,
    /// Control runs by the digest of their world.
    pub controls: BTreeMap<String, (Case, Transcript)>,
    /// Runs that failed because of the harness. They never become a verdict.
    pub faults: Vec<String>,
    /// Cases that failed and passed when they were run again.
    pub flaky: Vec<FlakyCase>,
}

impl Record {
    /// Judges all transcripts.
    pub fn conclude(&self, suite: &Suite, declared: &Declared) -> Conclusions {
        conclude(&Run {
            revision: self.revision,
            catalogue: &suite.catalogue,
            monitors: &suite.monitors,
            declared,
            cases: self
                .cases
                .iter()
                .map(|(case, t)| (case, t.as_ref().map_err(Clone::clone)))
                .collect(),
            controls: self
                .controls
                .iter()
                .map(|(digest, (case, t))| (digest.clone(), (case, t)))
                .collect(),
            complete: self.complete,
        })
    }
}
