//! Judges one case of a run.

use super::attacker_gain::AttackerGain;
use super::capabilities::was_handed_credentials;
use super::case_result::CaseResult;
use super::check_outcome::CheckOutcome;
use super::check_result::CheckResult;
use super::evaluated_run::EvaluatedRun;
use super::facts::{CheckFacts, Facts};
use super::missing_capability::{CapabilityGap, MissingCapability};
use super::not_run_reason::NotRunReason;
use super::reason::Reason;
use super::ruling::Ruling;
use super::verdict::Verdict;
use crate::requirements::Capability;
use crate::scenario::model::{Case, Expectation};
use crate::transcript::Transcript;

/// Judges one case. `facts` are those of its transcript.
pub(super) fn judge_case(
    run: &EvaluatedRun<'_>,
    case: &Case,
    outcome: Result<&Transcript, &NotRunReason>,
    facts: Option<&Facts>,
) -> CaseResult {
    let control = control_result(run, case, facts);
    let blocked = match outcome {
        Err(reason) => Some(Reason::NotRun(reason.clone())),
        Ok(_) => missing_capability(run, case).map(Reason::CapabilityNeeded),
    };
    let mut checks = Vec::new();
    for (index, expectation) in case.expectations.iter().enumerate() {
        let evaluated = facts.map(|facts| (facts, &facts.checks[index]));
        for id in expectation.requirements() {
            let is_judged = blocked.is_none() || is_demanded(run, id, blocked.as_ref(), outcome);
            checks.extend(match evaluated {
                Some((facts, check)) if is_judged => {
                    judge_check(run, id, expectation, facts, check, control)
                }
                _ => blocked_check(run, id, expectation, blocked.clone()),
            });
        }
    }
    if let (Some(facts), None) = (facts, &blocked) {
        checks.extend(silent_watched_requirements(run, case, facts));
    }
    if let Some(facts) = facts {
        checks.extend(monitor_checks(run, facts));
    }
    CaseResult {
        case: case.id.clone(),
        title: case.title.clone(),
        status: outcome.ok().map(|transcript| transcript.status),
        not_run: outcome.err().cloned(),
        stopped: facts.map(|facts| facts.stage),
        control: control.reached_goal(),
        gains: outcome.map(AttackerGain::all_in).unwrap_or_default(),
        checks,
        baselined: None,
    }
}

/// What the control run of a case showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ControlResult {
    /// The case has no deviation or was not run, so there is nothing to compare.
    NotNeeded,
    NotRun,
    Failed,
    ReachedGoal,
}

impl ControlResult {
    fn reached_goal(self) -> Option<bool> {
        match self {
            Self::NotNeeded | Self::NotRun => None,
            Self::Failed => Some(false),
            Self::ReachedGoal => Some(true),
        }
    }

    /// Why a refusal in the case proves nothing.
    fn doubt(self) -> Option<Reason> {
        match self {
            Self::NotNeeded | Self::ReachedGoal => None,
            Self::NotRun => Some(Reason::ControlNotRun),
            Self::Failed => Some(Reason::ControlFailed),
        }
    }
}

fn control_result(run: &EvaluatedRun<'_>, case: &Case, facts: Option<&Facts>) -> ControlResult {
    if facts.is_none() || case.deviations.is_empty() {
        return ControlResult::NotNeeded;
    }
    match run.control_facts.get(case.world_digest().as_str()) {
        None => ControlResult::NotRun,
        Some(control) if control.goal => ControlResult::ReachedGoal,
        Some(_) => ControlResult::Failed,
    }
}

/// The first capability that the case needs and that the client is not known to have.
fn missing_capability(run: &EvaluatedRun<'_>, case: &Case) -> Option<MissingCapability> {
    case.needs
        .iter()
        .copied()
        .filter(|capability| !capability.is_of_machine())
        .find_map(|capability| {
            let gap = run.capabilities.gap(capability)?;
            Some(MissingCapability { capability, gap })
        })
}

/// Whether a requirement demands the very capability that the client is not known to have, and the
/// client had the occasion to show it: it was handed credentials.
fn is_demanded(
    run: &EvaluatedRun<'_>,
    id: &str,
    blocked: Option<&Reason>,
    outcome: Result<&Transcript, &NotRunReason>,
) -> bool {
    let Some(Reason::CapabilityNeeded(missing)) = blocked else {
        return false;
    };
    let requirement = run.evidence.catalogue.get(id);
    missing.gap == CapabilityGap::NotShown
        && requirement.is_some_and(|r| r.demands == Some(missing.capability))
        && missing.capability == Capability::PreRegistration
        && outcome.is_ok_and(was_handed_credentials)
}

fn judge_check(
    run: &EvaluatedRun<'_>,
    id: &str,
    expectation: &Expectation,
    facts: &Facts,
    check: &CheckFacts,
    control: ControlResult,
) -> Option<CheckResult> {
    let requirement = run.evidence.catalogue.get(id)?;
    let Some(level) = requirement.level_in(run.evidence.revision) else {
        return blocked_check(run, id, expectation, None);
    };
    let doubt = control.doubt();
    let comparison = match doubt {
        Some(_) => Some(false),
        None => control.reached_goal(),
    };
    let verdict = check.verdict(facts.goal, comparison);
    let ruling = Ruling {
        verdict,
        level: expectation.level.unwrap_or(level),
        reason: match verdict {
            Verdict::NotApplicable if check.unobserved => Some(Reason::NotObserved),
            Verdict::NotExercised => Some(doubt.unwrap_or_else(|| why_not_exercised(facts, check))),
            Verdict::NotApplicable => Some(Reason::NeverDone),
            Verdict::Pass | Verdict::Fail => explanation_of_level(expectation),
        },
    };
    let ruling = ruling.adjust_to_capabilities(requirement, &run.capabilities);
    Some(CheckResult {
        evidence: check.evidence.clone(),
        ..CheckResult::new(requirement, ruling)
    })
}

/// The result of a check that is not judged, because of `blocked` or because the requirement does
/// not bind.
fn blocked_check(
    run: &EvaluatedRun<'_>,
    id: &str,
    expectation: &Expectation,
    blocked: Option<Reason>,
) -> Option<CheckResult> {
    let requirement = run.evidence.catalogue.get(id)?;
    let revision = run.evidence.revision;
    let level = requirement.level_in(revision);
    let reason = match level {
        None => Some(Reason::NotBinding { revision }),
        Some(_) => blocked,
    };
    let ruling = Ruling {
        verdict: Verdict::NotApplicable,
        level: expectation.level.or(level).unwrap_or(requirement.level),
        reason,
    };
    Some(CheckResult::new(requirement, ruling))
}

fn why_not_exercised(facts: &Facts, check: &CheckFacts) -> Reason {
    if check.search_incomplete {
        return Reason::NotAllSearched;
    }
    let stopped = facts.stage;
    let undelivered = facts.delivered.iter().find(|(_, delivered)| !**delivered);
    match undelivered {
        Some((deviation, _)) => Reason::BaitNotDelivered {
            deviation: deviation.clone(),
            stopped,
        },
        None => Reason::Stopped { stopped },
    }
}

fn explanation_of_level(expectation: &Expectation) -> Option<Reason> {
    expectation.level?;
    let explanation = expectation.because.clone()?;
    Some(Reason::LevelOfCase { explanation })
}

/// The requirements that the case asks monitors to judge and about which the run showed nothing.
fn silent_watched_requirements(
    run: &EvaluatedRun<'_>,
    case: &Case,
    facts: &Facts,
) -> Vec<CheckResult> {
    let judged = |id: &String| {
        facts
            .monitors
            .iter()
            .any(|check| check.requirements.contains(id))
    };
    case.watch
        .iter()
        .filter(|id| !judged(id))
        .filter_map(|id| {
            let (requirement, level) = run.binding_requirement(id)?;
            let ruling = Ruling {
                verdict: Verdict::NotExercised,
                level,
                reason: Some(Reason::NothingShown {
                    stopped: facts.stage,
                }),
            };
            let ruling = ruling.adjust_to_capabilities(requirement, &run.capabilities);
            Some(CheckResult::new(requirement, ruling))
        })
        .collect()
}

/// The verdicts of the monitors that had something to judge in this run.
fn monitor_checks(run: &EvaluatedRun<'_>, facts: &Facts) -> Vec<CheckResult> {
    let mut checks = Vec::new();
    for monitor in &facts.monitors {
        for id in &monitor.requirements {
            let Some((requirement, level)) = run.binding_requirement(id) else {
                continue;
            };
            let violated = monitor.outcomes.contains(&CheckOutcome::Violated);
            let ruling = Ruling {
                verdict: if violated {
                    Verdict::Fail
                } else {
                    Verdict::Pass
                },
                level,
                reason: None,
            };
            let ruling = ruling.adjust_to_capabilities(requirement, &run.capabilities);
            checks.push(CheckResult {
                evidence: monitor.evidence.clone(),
                monitor: true,
                ..CheckResult::new(requirement, ruling)
            });
        }
    }
    checks
}
