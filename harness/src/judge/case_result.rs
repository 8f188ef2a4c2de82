//! The result of one case.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::attacker_gain::AttackerGain;
use super::baselined::Baselined;
use super::check_result::CheckResult;
use super::not_run_reason::NotRunReason;
use super::stage::Stage;
use super::verdict::Verdict;
use crate::scenario::model::Level;
use crate::transcript::Status;

/// The result of one case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(into = "CaseResultForm", from = "CaseResultForm")]
pub struct CaseResult {
    pub case: String,
    pub title: String,
    /// How the run ended; `None` if the case was not run.
    pub status: Option<Status>,
    /// Why the case was not run.
    pub not_run: Option<NotRunReason>,
    /// How far the client got.
    pub stopped: Option<Stage>,
    /// Whether the control run reached its goal; `None` if the case has no deviation, or one of the
    /// two was not run.
    pub control: Option<bool>,
    /// What attackers obtained.
    pub gains: Vec<AttackerGain>,
    pub checks: Vec<CheckResult>,
    /// The baseline expects the whole case to fail. Then a client that crashes or hangs in it does
    /// not fail the run.
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

/// The JSON form of the result of a case: requirements that monitors judged and found met are only
/// named, because most checks of a run are such.
#[derive(Serialize, Deserialize)]
struct CaseResultForm {
    case: String,
    title: String,
    status: Option<Status>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    not_run: Option<NotRunReason>,
    stopped: Option<Stage>,
    control: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    gains: Vec<AttackerGain>,
    checks: Vec<CheckResult>,
    /// The requirements that monitors found met, by level.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    watched: BTreeMap<Level, Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    baselined: Option<Baselined>,
}

impl From<CaseResult> for CaseResultForm {
    fn from(result: CaseResult) -> Self {
        let (met, checks): (Vec<_>, Vec<_>) = result.checks.into_iter().partition(is_only_met);
        let mut watched: BTreeMap<Level, Vec<String>> = BTreeMap::new();
        for check in met {
            let of_level = watched.entry(check.level).or_default();
            of_level.push(check.requirement);
        }
        Self {
            case: result.case,
            title: result.title,
            status: result.status,
            not_run: result.not_run,
            stopped: result.stopped,
            control: result.control,
            gains: result.gains,
            checks,
            watched,
            baselined: result.baselined,
        }
    }
}

impl From<CaseResultForm> for CaseResult {
    fn from(form: CaseResultForm) -> Self {
        let mut checks = form.checks;
        for (level, requirements) in form.watched {
            checks.extend(requirements.iter().map(|id| met_by_monitor(id, level)));
        }
        Self {
            case: form.case,
            title: form.title,
            status: form.status,
            not_run: form.not_run,
            stopped: form.stopped,
            control: form.control,
            gains: form.gains,
            checks,
            baselined: form.baselined,
        }
    }
}

fn met_by_monitor(requirement: &str, level: Level) -> CheckResult {
    CheckResult {
        requirement: requirement.to_owned(),
        verdict: Verdict::Pass,
        level,
        reason: None,
        evidence: Vec::new(),
        monitor: true,
        unscored: false,
        advice: false,
        baselined: None,
    }
}

/// Whether there is nothing to say of a check but that a monitor found the requirement met.
fn is_only_met(check: &CheckResult) -> bool {
    check.monitor
        && check.verdict == Verdict::Pass
        && check.reason.is_none()
        && check.evidence.is_empty()
        && !check.unscored
        && !check.advice
        && check.baselined.is_none()
}
