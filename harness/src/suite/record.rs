//! The result of a suite run.

use std::collections::BTreeMap;

use super::{FlakyCase, HarnessFault, Suite};
use crate::judge::{Conclusions, Declared, NotRunReason, RunEvidence, conclude};
use crate::scenario::model::{Case, Revision};
use crate::transcript::Transcript;

/// All transcripts of a suite run.
#[derive(Debug)]
pub struct Record {
    pub revision: Revision,
    /// Whether every case of the revision was selected and the run was not ended early.
    pub complete: bool,
    /// Each case with its transcript, or the reason why there is none.
    pub cases: Vec<(Case, Result<Transcript, NotRunReason>)>,
    /// Control runs by the digest of their world.
    pub controls: BTreeMap<String, (Case, Transcript)>,
    /// Runs that failed because of the harness. They never become a verdict.
    pub faults: Vec<HarnessFault>,
    /// Cases that failed and passed when they were run again.
    pub flaky: Vec<FlakyCase>,
    /// The port on which the client always listens for its callback, if that was noticed. Its runs
    /// took place one by one.
    pub fixed_callback_port: Option<u16>,
}

impl Record {
    /// Judges all transcripts.
    pub fn conclude(&self, suite: &Suite, declared: &Declared) -> Conclusions {
        conclude(&RunEvidence {
            revision: self.revision,
            catalogue: &suite.catalogue,
            monitors: &suite.monitors,
            declared,
            cases: self
                .cases
                .iter()
                .map(|(case, outcome)| (case, outcome.as_ref()))
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
