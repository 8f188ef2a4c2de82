//! The input of the judge: everything that a run produced.

use std::collections::BTreeMap;

use super::capabilities::Declared;
use super::not_run_reason::NotRunReason;
use crate::requirements::Catalogue;
use crate::scenario::model::{Case, Expectation, Revision};
use crate::transcript::{SharedValues, Transcript};

/// Everything that a run produced, with what it is judged by.
#[derive(Debug)]
pub struct RunEvidence<'a> {
    pub revision: Revision,
    pub catalogue: &'a Catalogue,
    pub monitors: &'a [Expectation],
    pub declared: &'a Declared,
    /// The cases in order, each with its transcript, or with the reason why there is none.
    pub cases: Vec<(&'a Case, Result<&'a Transcript, &'a NotRunReason>)>,
    /// Control runs by the digest of their world.
    pub controls: BTreeMap<String, (&'a Case, &'a Transcript)>,
    /// Whether the whole suite was run, so that a monitor with nothing to judge is a finding.
    pub complete: bool,
}

impl<'a> RunEvidence<'a> {
    /// The values that monitors compare over all runs.
    pub(super) fn shared_values(&self) -> SharedValues<'a> {
        let fields: Vec<_> = self
            .monitors
            .iter()
            .flat_map(Expectation::fields_of_the_run)
            .collect();
        SharedValues::collect(self.transcripts(), &fields)
    }

    /// The transcripts of all cases and control runs.
    pub(super) fn transcripts(&self) -> impl Iterator<Item = &'a Transcript> {
        let of_cases = self
            .cases
            .iter()
            .filter_map(|(_, outcome)| outcome.as_ref().ok().copied());
        let of_controls = self.controls.values().map(|(_, transcript)| *transcript);
        of_cases.chain(of_controls)
    }
}
