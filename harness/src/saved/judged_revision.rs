//! One revision of a run that was judged: of a run just made, or of a saved one.

use super::saved_run::SavedRun;
use crate::judge::Conclusions;
use crate::report::{Report, RunDescription};
use crate::requirements::{RequirementSet, SetError};
use crate::suite::{Record, Suite};

/// The transcripts of one revision with what was concluded from them.
#[derive(Debug)]
pub struct JudgedRevision {
    pub record: Record,
    pub conclusions: Conclusions,
    pub about: RunDescription,
}

impl JudgedRevision {
    /// The report on it.
    pub fn report(&self, suite: &Suite) -> Report {
        Report::new(suite, &self.record, &self.conclusions, &self.about)
    }

    /// The report with the timelines of all cases.
    pub fn full_report(&self, suite: &Suite) -> Report {
        Report::in_full(suite, &self.record, &self.conclusions, &self.about)
    }
}

impl SavedRun {
    /// Judges each revision of the run.
    pub fn judge(self, suite: &Suite) -> Result<Vec<JudgedRevision>, SetError> {
        let declared = self.manifest.declared;
        let set = self
            .manifest
            .requirements
            .map(RequirementSet::of)
            .transpose()?;
        let judged = self.revisions.into_iter().map(|revision| {
            let mut conclusions = revision.record.conclude(suite, &declared);
            if let Some(set) = &set {
                conclusions.score_by(set);
            }
            JudgedRevision {
                record: revision.record,
                conclusions,
                about: revision.about,
            }
        });
        Ok(judged.collect())
    }
}
