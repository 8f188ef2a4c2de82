//! The run in which a finding was seen.

use crate::judge::{AttackerGain, Stage};
use crate::scenario::model::{Case, Expectation};
use crate::transcript::{SharedValues, Transcript, View};

/// The run in which a finding was seen.
pub(crate) struct ShownRun<'a> {
    pub(crate) case: &'a Case,
    pub(crate) transcript: &'a Transcript,
    pub(crate) evidence: &'a [usize],
    pub(crate) stage: Stage,
    pub(crate) gains: Vec<AttackerGain>,
    /// What monitors compare with other runs.
    pub(crate) shared: &'a SharedValues<'a>,
}

impl ShownRun<'_> {
    /// The other case with which a monitor has compared this one and found the violation.
    pub(crate) fn compared_case(&self, expectation: &Expectation) -> Option<&str> {
        let view = View {
            header: &self.transcript.header,
            events: &self.transcript.events,
            secrets: &self.transcript.secrets,
            shared: Some(self.shared),
        };
        let fields = expectation.fields_of_the_run();
        let mut violations = self.evidence.iter();
        violations.find_map(|&event| {
            let mut fields = fields.iter();
            fields.find_map(|(_, field)| view.other_case_with(field, event))
        })
    }
}
