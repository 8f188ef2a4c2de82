//! One run with what the judge concluded from it: all that a report is made of.

use crate::judge::{CaseResult, Conclusions};
use crate::report::model::RunDescription;
use crate::scenario::model::{Case, Expectation, Revision};
use crate::suite::{Record, Suite};
use crate::transcript::{SharedValues, Transcript};

/// A run and what was concluded from it.
#[derive(Clone, Copy)]
pub(crate) struct ReportSource<'a> {
    pub(crate) suite: &'a Suite,
    pub(crate) record: &'a Record,
    pub(crate) conclusions: &'a Conclusions,
    pub(crate) about: &'a RunDescription,
}

impl<'a> ReportSource<'a> {
    pub(crate) fn revision(&self) -> Revision {
        self.conclusions.revision
    }

    /// Every scored case with its transcript, if it was run, and its result.
    pub(crate) fn cases(
        &self,
    ) -> impl Iterator<Item = (&'a Case, Option<&'a Transcript>, &'a CaseResult)> + use<'a> {
        let runs = self.record.cases.iter().zip(&self.conclusions.cases);
        runs.map(|((case, outcome), result)| (case, outcome.as_ref().ok(), result))
    }

    /// The transcripts of control runs.
    pub(crate) fn controls(&self) -> impl Iterator<Item = (&'a Case, &'a Transcript)> + use<'a> {
        let controls = self.record.controls.values();
        controls.map(|(case, transcript)| (case, transcript))
    }

    /// All transcripts: those of scored cases, then those of control runs.
    pub(crate) fn transcripts(&self) -> impl Iterator<Item = (&'a Case, &'a Transcript)> + use<'a> {
        let scored = self
            .cases()
            .filter_map(|(case, transcript, _)| Some((case, transcript?)));
        scored.chain(self.controls())
    }

    /// The values that monitors compare over all runs.
    pub(crate) fn shared_values(&self) -> SharedValues<'a> {
        let monitors = self.suite.monitors.iter();
        let fields: Vec<_> = monitors.flat_map(Expectation::fields_of_the_run).collect();
        SharedValues::collect(
            self.transcripts().map(|(_, transcript)| transcript),
            &fields,
        )
    }
}
