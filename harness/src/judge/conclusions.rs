//! The output of the judge: all verdicts of a run.

use serde::{Deserialize, Serialize};

use super::baselined::BaselineOutcome;
use super::case_result::CaseResult;
use super::monitor_result::MonitorResult;
use super::reason::Reason;
use crate::requirements::{Capability, Catalogue, RequirementSet};
use crate::scenario::model::Revision;

/// All verdicts of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Conclusions {
    pub revision: Revision,
    /// The frozen set by which the run is scored; `None` if every requirement counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement_set: Option<Revision>,
    pub cases: Vec<CaseResult>,
    /// The results of the requirements that monitors judge in every run.
    pub monitors: Vec<MonitorResult>,
    /// Capabilities that the client is declared to lack although a transcript shows them.
    pub contradictions: Vec<Capability>,
    /// The effect of the baseline, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineOutcome>,
}

impl Conclusions {
    /// Marks every result whose requirement is not in a frozen set, so that it does not count.
    pub fn score_by(&mut self, set: &RequirementSet) {
        let revision = set.revision;
        self.leave_unscored(|id| {
            (!set.contains(id)).then_some(Reason::NotInFrozenSet { revision })
        });
        self.requirement_set = Some(revision);
    }

    /// Marks every result whose requirement counts only in later revisions.
    pub(super) fn leave_later_unscored(&mut self, catalogue: &Catalogue) {
        let revision = self.revision;
        self.leave_unscored(|id| {
            let scored = catalogue.get(id)?.unscored_before?;
            (revision < scored).then_some(Reason::ScoredLater { revision: scored })
        });
    }

    /// Marks the results of the requirements for which there is a reason.
    fn leave_unscored(&mut self, why: impl Fn(&str) -> Option<Reason>) {
        for check in self.cases.iter_mut().flat_map(|case| &mut case.checks) {
            if let Some(reason) = why(&check.requirement) {
                check.unscored = true;
                check.reason.get_or_insert(reason);
            }
        }
        for monitor in &mut self.monitors {
            if let Some(reason) = why(&monitor.requirement) {
                monitor.unscored = true;
                monitor.reason.get_or_insert(reason);
            }
        }
    }
}
