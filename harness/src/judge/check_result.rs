//! The result of one check: a requirement in a case.

use serde::{Deserialize, Serialize};

use super::baselined::Baselined;
use super::reason::Reason;
use super::ruling::Ruling;
use super::verdict::Verdict;
use crate::requirements::Requirement;
use crate::scenario::model::Level;

/// The result of one requirement in one case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckResult {
    pub requirement: String,
    pub verdict: Verdict,
    pub level: Level,
    /// Why it is not applicable or not exercised, or why the level differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Events that show a violation, as indices into the transcript.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<usize>,
    /// Whether a monitor found this, and not an expectation of the case.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub monitor: bool,
    /// The requirement is not part of the frozen set by which the run is scored: the result is
    /// shown and does not count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unscored: bool,
    /// The requirement is good practice: the result is shown apart and never fails a run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub advice: bool,
    /// The baseline expects this failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baselined: Option<Baselined>,
}

impl CheckResult {
    pub(super) fn new(requirement: &Requirement, ruling: Ruling) -> Self {
        Self {
            requirement: requirement.id.clone(),
            verdict: ruling.verdict,
            level: ruling.level,
            reason: ruling.reason,
            evidence: Vec::new(),
            monitor: false,
            unscored: false,
            advice: requirement.is_advice(),
            baselined: None,
        }
    }

    /// Whether this check makes the run fail: it is a failure that no baseline expects.
    pub fn fails_the_run(&self, strict: bool) -> bool {
        self.baselined.is_none() && self.is_failure(strict)
    }

    /// Whether this is a failed MUST, or one that was not exercised, whether or not a baseline
    /// expects it. If `strict`, a failed SHOULD is a failure as well. A monitor that had nothing to
    /// judge in one case is no failure, because it may have had something to judge in another one.
    pub fn is_failure(&self, strict: bool) -> bool {
        let silent_monitor = self.monitor && self.verdict == Verdict::NotExercised;
        !self.unscored
            && !self.advice
            && !silent_monitor
            && self.verdict.is_failure(self.level, strict)
    }
}
