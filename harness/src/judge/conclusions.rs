//! The output of the judge: all verdicts of a run.

use serde::{Deserialize, Serialize};

use super::baselined::BaselineOutcome;
use super::case_result::CaseResult;
use super::monitor_result::MonitorResult;
use super::reason::Reason;
use crate::requirements::{Capability, RequirementSet};
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
        let not_in_set = || {
            Some(Reason::NotInFrozenSet {
                revision: set.revision,
            })
        };
        for check in self.cases.iter_mut().flat_map(|case| &mut case.checks) {
            if !set.contains(&check.requirement) {
                check.unscored = true;
                check.reason = check.reason.take().or_else(not_in_set);
            }
        }
        for monitor in &mut self.monitors {
            if !set.contains(&monitor.requirement) {
                monitor.unscored = true;
                monitor.reason = monitor.reason.take().or_else(not_in_set);
            }
        }
        self.requirement_set = Some(set.revision);
    }
}
