//! The result of one case.

use serde::{Deserialize, Serialize};

use super::attacker_gain::AttackerGain;
use super::baselined::Baselined;
use super::check_result::CheckResult;
use super::not_run_reason::NotRunReason;
use super::stage::Stage;
use crate::transcript::Status;

/// The result of one case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseResult {
    pub case: String,
    pub title: String,
    /// How the run ended; `None` if the case was not run.
    pub status: Option<Status>,
    /// Why the case was not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_run: Option<NotRunReason>,
    /// How far the client got.
    pub stopped: Option<Stage>,
    /// Whether the control run reached its goal; `None` if the case has no deviation, or one of the
    /// two was not run.
    pub control: Option<bool>,
    /// What attackers obtained.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gains: Vec<AttackerGain>,
    pub checks: Vec<CheckResult>,
    /// The baseline expects the whole case to fail. Then a client that crashes or hangs in it does
    /// not fail the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baselined: Option<Baselined>,
}

impl CaseResult {
    /// Whether the client crashed, could not be started, or had to be killed.
    pub fn ended_by_force(&self) -> bool {
        matches!(
            self.status,
            Some(Status::TimedOut | Status::Crashed | Status::SetupFailed)
        )
    }
}
