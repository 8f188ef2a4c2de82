//! The result of one requirement that a monitor judges in every run.

use serde::{Deserialize, Serialize};

use super::baselined::Baselined;
use super::reason::Reason;
use super::verdict::Verdict;
use crate::scenario::model::Level;

/// The result of one requirement that a monitor judges in every run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MonitorResult {
    pub requirement: String,
    pub verdict: Verdict,
    pub level: Level,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The number of runs in which the monitor had something to judge.
    pub spoke_in: usize,
    /// The cases in which the requirement failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_in: Vec<String>,
    /// The requirement is not part of the frozen set by which the run is scored: the result is
    /// shown and does not count.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unscored: bool,
    /// The requirement is good practice: the result is shown apart and never fails a run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub advice: bool,
    /// Those of `failed_in` in which the baseline expects the failure.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_in: Vec<String>,
    /// The baseline expects the failure wherever it occurred.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baselined: Option<Baselined>,
}

impl MonitorResult {
    /// Whether this requirement makes the run fail: it is a failure that no baseline expects.
    pub fn fails_the_run(&self, strict: bool) -> bool {
        self.baselined.is_none() && self.is_failure(strict)
    }

    /// Whether this is a failed MUST, or one that was not exercised, whether or not a baseline
    /// expects it. If `strict`, a failed SHOULD is a failure as well.
    pub fn is_failure(&self, strict: bool) -> bool {
        !self.unscored && !self.advice && self.verdict.is_failure(self.level, strict)
    }
}
