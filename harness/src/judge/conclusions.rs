//! Stage two: from the facts of all transcripts of a run to verdicts. Control twins, monitors,
//! capabilities and levels come in here.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::baselined::{BaselineOutcome, Baselined};
use super::capabilities::{Declared, shown_capabilities};
use super::check_outcome::CheckOutcome;
use super::facts::{CheckFacts, Facts, collect_facts};
use super::stage::Stage;
use super::verdict::Verdict;
use crate::requirements::{Capability, Catalogue, Requirement, RequirementSet};
use crate::scenario::model::{Case, EventField, EventKind, Expectation, Level, Revision};
use crate::transcript::{Status, Transcript};

/// Everything a run produced, to be judged.
#[derive(Debug)]
pub struct Run<'a> {
    pub revision: Revision,
    pub catalogue: &'a Catalogue,
    pub monitors: &'a [Expectation],
    pub declared: &'a Declared,
    /// The cases in order, each with its transcript, or why it was not run.
    pub cases: Vec<(&'a Case, Result<&'a Transcript, String>)>,
    /// Control runs by the digest of their world.
    pub controls: BTreeMap<String, (&'a Case, &'a Transcript)>,
    /// Whether this is the whole suite, so that a monitor that never spoke is a finding.
    pub complete: bool,
}

/// All verdicts of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Conclusions {
    pub revision: Revision,
    /// The frozen set that these are scored by; `None`: everything counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirement_set: Option<Revision>,
    pub cases: Vec<CaseResult>,
    /// Requirements that are watched in every run.
    pub monitors: Vec<MonitorResult>,
    /// Declarations that the transcripts contradict.
    pub contradictions: Vec<String>,
    /// What the baseline came to, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineOutcome>,
}

/// What became of one case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseResult {
    pub case: String,
    pub title: String,
    /// How the run ended; `None`: it was not run.
    pub status: Option<Status>,
    /// Why it was not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_run: Option<String>,
    /// How far the client got.
    pub stopped: Option<Stage>,
    /// Whether the control twin reached the goal; `None`: the case has no deviation, or one of the
    /// two was not run.
    pub control: Option<bool>,
    /// What an attacker obtained.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gains: Vec<String>,
    pub checks: Vec<CheckResult>,
    /// The whole case is known to fail, however it does: a client that crashes or hangs in it does
    /// not fail the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baselined: Option<Baselined>,
}

/// One verdict: a requirement in a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckResult {
    pub requirement: String,
    pub verdict: Verdict,
    pub level: Level,
    /// Why it is not applicable or not exercised, or why the level differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Events that show a violation, as indices into the transcript.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<usize>,
    /// Whether this was found by a monitor and not by the case's own expectation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub monitor: bool,
    /// It is no part of the requirement set that this run was scored by: shown, and without
    /// consequence.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unscored: bool,
    /// This failure is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baselined: Option<Baselined>,
}

/// What became of a requirement that is watched in every run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MonitorResult {
    pub requirement: String,
    pub verdict: Verdict,
    pub level: Level,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Runs in which there was something to judge.
    pub spoke_in: usize,
    /// The cases in which it failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_in: Vec<String>,
    /// It is no part of the requirement set that this run was scored by: shown, and without
    /// consequence.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unscored: bool,
    /// Those of them in which the failure is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_in: Vec<String>,
    /// All of this failure is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baselined: Option<Baselined>,
}

/// Judges a run.
pub fn conclude(run: &Run<'_>) -> Conclusions {
    let facts_of: Vec<Option<Facts>> = run
        .cases
        .iter()
        .map(|(case, t)| {
            t.as_ref()
                .ok()
                .map(|t| collect_facts(case, run.monitors, t))
        })
        .collect();
    let control_facts: BTreeMap<&str, Facts> = run
        .controls
        .iter()
        .map(|(digest, (case, t))| (digest.as_str(), collect_facts(case, run.monitors, t)))
        .collect();
    let shown = all_shown_capabilities(run);
    let judge = Judge {
        run,
        shown: &shown,
        control_facts: &control_facts,
    };
    let cases: Vec<CaseResult> = run
        .cases
        .iter()
        .zip(&facts_of)
        .map(|((case, t), f)| judge.case(case, t, f.as_ref()))
        .collect();
    let monitors = judge.monitors(&facts_of);
    let contradictions = run
        .declared
        .lacks
        .iter()
        .filter(|word| shown.contains(word.as_str()))
        .map(|word| {
            format!(
                "the client is declared to lack `{word}`, and a transcript shows that it has it"
            )
        })
        .collect();
    Conclusions {
        revision: run.revision,
        requirement_set: None,
        cases,
        monitors,
        contradictions,
        baseline: None,
    }
}

fn all_shown_capabilities(run: &Run<'_>) -> BTreeSet<&'static str> {
    let transcripts = run
        .cases
        .iter()
        .filter_map(|(_, t)| t.as_ref().ok().copied())
        .chain(run.controls.values().map(|(_, t)| *t));
    transcripts
        .flat_map(shown_capabilities)
        .map(Capability::as_str)
        .collect()
}

/// Why a refusal proves nothing.
const CONTROL_FAILED: &str =
    "the control twin, the same world without the deviation, did not reach its goal either";
const CONTROL_MISSING: &str = "the control twin, the same world without the deviation, was not run";

struct Judge<'a> {
    run: &'a Run<'a>,
    shown: &'a BTreeSet<&'static str>,
    control_facts: &'a BTreeMap<&'a str, Facts>,
}

/// Whether the client can do something.
enum Ability {
    Has,
    /// With the end of a sentence that tells why.
    Lacks(String),
    NotShown,
}

impl Judge<'_> {
    fn ability(&self, word: &str) -> Ability {
        if let Some(why) = self.run.declared.lacking(word) {
            Ability::Lacks(why)
        } else if self.run.declared.has.contains(word) || self.shown.contains(word) {
            Ability::Has
        } else {
            Ability::NotShown
        }
    }

    fn case(
        &self,
        case: &Case,
        transcript: &Result<&Transcript, String>,
        facts: Option<&Facts>,
    ) -> CaseResult {
        let twin = facts.filter(|_| !case.deviations.is_empty()).map(|_| {
            self.control_facts
                .get(case.world_digest().as_str())
                .map(|facts| facts.goal)
        });
        let doubt = match twin {
            None | Some(Some(true)) => None,
            Some(Some(false)) => Some(CONTROL_FAILED),
            Some(None) => Some(CONTROL_MISSING),
        };
        let blocked = transcript
            .as_ref()
            .err()
            .cloned()
            .or_else(|| self.missing_need(case));
        let mut checks = Vec::new();
        for (index, expectation) in case.expectations.iter().enumerate() {
            for id in std::iter::once(&expectation.requirement).chain(&expectation.also) {
                let found = facts.map(|f| (f, &f.checks[index]));
                checks.extend(self.check(id, expectation, found, doubt, blocked.as_deref()));
            }
        }
        if let (Some(facts), None) = (facts, &blocked) {
            for id in &case.watch {
                let spoke = facts.monitors.iter().any(|m| m.requirements.contains(id));
                if let (false, Some((requirement, level))) = (spoke, self.binding(id)) {
                    let reason = Some(format!(
                        "nothing in this run shows it; the client stopped {}",
                        facts.stage
                    ));
                    checks.push(self.softened(
                        requirement,
                        CheckResult {
                            monitor: false,
                            ..CheckResult::silent(id, level, reason)
                        },
                    ));
                }
            }
        }
        for monitor in facts.map(|f| f.monitors.as_slice()).unwrap_or_default() {
            for id in &monitor.requirements {
                if let Some((requirement, level)) = self.binding(id) {
                    let verdict = if monitor.outcomes.contains(&CheckOutcome::Violated) {
                        Verdict::Fail
                    } else {
                        Verdict::Pass
                    };
                    let evidence = monitor.evidence.clone();
                    let check = CheckResult {
                        verdict,
                        evidence,
                        ..CheckResult::silent(id, level, None)
                    };
                    checks.push(self.softened(requirement, check));
                }
            }
        }
        CaseResult {
            case: case.id.clone(),
            title: case.title.clone(),
            status: transcript.as_ref().ok().map(|t| t.status),
            not_run: transcript.as_ref().err().cloned(),
            stopped: facts.map(|f| f.stage),
            control: twin.flatten(),
            gains: transcript.as_ref().map(|t| gains(t)).unwrap_or_default(),
            checks,
            baselined: None,
        }
    }

    fn check(
        &self,
        id: &str,
        expectation: &Expectation,
        found: Option<(&Facts, &CheckFacts)>,
        doubt: Option<&str>,
        blocked: Option<&str>,
    ) -> Option<CheckResult> {
        let requirement = self.run.catalogue.get(id)?;
        let mut check = CheckResult {
            requirement: id.to_owned(),
            verdict: Verdict::NotApplicable,
            level: expectation.level.unwrap_or(requirement.level),
            reason: None,
            evidence: Vec::new(),
            monitor: false,
            unscored: false,
            baselined: None,
        };
        let Some(level) = requirement.level_in(self.run.revision) else {
            check.reason = Some(format!("does not bind in {}", self.run.revision));
            return Some(check);
        };
        check.level = expectation.level.unwrap_or(level);
        let Some((facts, found)) = found.filter(|_| blocked.is_none()) else {
            check.reason = blocked.map(str::to_owned);
            return Some(check);
        };
        check.verdict = found.verdict(facts.goal, doubt.is_some());
        check.evidence = found.evidence.clone();
        check.reason = match check.verdict {
            Verdict::NotExercised if doubt.is_some() => doubt.map(str::to_owned),
            Verdict::NotExercised => Some(
                match facts.delivered.iter().find(|(_, delivered)| !**delivered) {
                    Some((name, _)) => format!(
                        "`{name}` was never delivered; the client stopped {}",
                        facts.stage
                    ),
                    None => format!("the client stopped {}", facts.stage),
                },
            ),
            Verdict::NotApplicable => Some("the client never does this".to_owned()),
            _ => expectation.level.and(expectation.because.clone()),
        };
        Some(self.softened(requirement, check))
    }

    /// A requirement that binds only clients with a capability that this one was not seen to have
    /// cannot fail the run by itself.
    fn softened(&self, requirement: &Requirement, mut check: CheckResult) -> CheckResult {
        for (capability, level) in &requirement.level_if {
            if matches!(self.ability(capability.as_str()), Ability::Has) && check.level < *level {
                check.level = *level;
                check.reason = Some(format!("{level} only for clients with `{capability}`"));
            }
        }
        for capability in &requirement.applies_if {
            let word = capability.as_str();
            match (self.ability(word), check.verdict) {
                (Ability::Has, _) | (Ability::NotShown, Verdict::Pass | Verdict::NotApplicable) => {
                }
                (Ability::Lacks(why), _) => {
                    check.verdict = Verdict::NotApplicable;
                    check.reason = Some(format!("binds clients with `{word}`, {why}"));
                }
                (Ability::NotShown, Verdict::NotExercised) => {
                    check.verdict = Verdict::NotApplicable;
                    check.reason = Some(format!(
                        "binds clients with `{word}`, which this one neither declares nor shows"
                    ));
                }
                (Ability::NotShown, Verdict::Fail) if check.level == Level::Must => {
                    check.level = Level::Should;
                    check.reason = Some(format!(
                        "a warning only: binds clients with `{word}`, which this one does not declare"
                    ));
                }
                (Ability::NotShown, Verdict::Fail) => {}
            }
        }
        check
    }

    fn binding(&self, id: &str) -> Option<(&Requirement, Level)> {
        let requirement = self.run.catalogue.get(id)?;
        Some((requirement, requirement.level_in(self.run.revision)?))
    }

    fn missing_need(&self, case: &Case) -> Option<String> {
        case.needs
            .iter()
            .filter(|need| !need.is_of_machine())
            .find_map(|need| match self.ability(need.as_str()) {
                Ability::Has => None,
                Ability::Lacks(why) => Some(format!("needs `{need}`, {why}")),
                Ability::NotShown => Some(format!(
                    "needs `{need}`, which the client neither declares nor shows"
                )),
            })
    }

    fn monitors(&self, facts_of: &[Option<Facts>]) -> Vec<MonitorResult> {
        let scored = self
            .run
            .cases
            .iter()
            .zip(facts_of)
            .filter_map(|((case, _), f)| Some((case.id.as_str(), f.as_ref()?)));
        // a scored case may be the control of others
        let is_scored = |id: &str| self.run.cases.iter().any(|(case, _)| case.id == id);
        let controls = self
            .run
            .controls
            .values()
            .zip(self.control_facts.values())
            .map(|((case, _), f)| (case.id.as_str(), f));
        let controls = controls.filter(|(id, _)| !is_scored(id));
        let runs: Vec<(&str, &Facts)> = scored.chain(controls).collect();
        let mut out = Vec::new();
        for monitor in self.run.monitors {
            for id in std::iter::once(&monitor.requirement).chain(&monitor.also) {
                let Some((requirement, level)) = self.binding(id) else {
                    continue;
                };
                let spoke: Vec<_> = runs
                    .iter()
                    .filter_map(|(case, f)| {
                        Some((
                            *case,
                            f.monitors.iter().find(|m| m.requirements.contains(id))?,
                        ))
                    })
                    .collect();
                let failed_in: Vec<String> = spoke
                    .iter()
                    .filter(|(_, m)| m.outcomes.contains(&CheckOutcome::Violated))
                    .map(|(case, _)| (*case).to_owned())
                    .collect();
                let check = if !failed_in.is_empty() {
                    CheckResult {
                        verdict: Verdict::Fail,
                        ..CheckResult::silent(id, level, None)
                    }
                } else if !spoke.is_empty() {
                    CheckResult {
                        verdict: Verdict::Pass,
                        ..CheckResult::silent(id, level, None)
                    }
                } else if self.run.complete {
                    CheckResult::silent(
                        id,
                        level,
                        Some("no run showed anything to judge".to_owned()),
                    )
                } else {
                    let reason = Some("nothing to judge in the selected cases".to_owned());
                    CheckResult {
                        verdict: Verdict::NotApplicable,
                        ..CheckResult::silent(id, level, reason)
                    }
                };
                let check = self.softened(requirement, check);
                out.push(MonitorResult {
                    requirement: check.requirement,
                    verdict: check.verdict,
                    level: check.level,
                    reason: check.reason,
                    spoke_in: spoke.len(),
                    failed_in,
                    unscored: false,
                    known_in: Vec::new(),
                    baselined: None,
                });
            }
        }
        out
    }
}

impl Conclusions {
    /// Lets only the requirements of a frozen set count.
    pub fn score_by(&mut self, set: &RequirementSet) {
        let reason = || {
            Some(format!(
                "unscored: not in the frozen set of {}",
                set.revision
            ))
        };
        for check in self
            .cases
            .iter_mut()
            .flat_map(|case| &mut case.checks)
            .filter(|check| !set.contains(&check.requirement))
        {
            check.unscored = true;
            check.reason = check.reason.take().or_else(reason);
        }
        for monitor in self
            .monitors
            .iter_mut()
            .filter(|monitor| !set.contains(&monitor.requirement))
        {
            monitor.unscored = true;
            monitor.reason = monitor.reason.take().or_else(reason);
        }
        self.requirement_set = Some(set.revision);
    }
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

impl CheckResult {
    fn silent(requirement: &str, level: Level, reason: Option<String>) -> Self {
        let requirement = requirement.to_owned();
        let (verdict, evidence) = (Verdict::NotExercised, Vec::new());
        Self {
            requirement,
            verdict,
            level,
            reason,
            evidence,
            monitor: true,
            unscored: false,
            baselined: None,
        }
    }

    /// Whether this check makes the run fail: a MUST that failed, or that silence cannot settle,
    /// and that no baseline expects.
    pub fn fails_the_run(&self, strict: bool) -> bool {
        self.baselined.is_none() && self.is_failure(strict)
    }

    /// The same, baseline or not.
    pub fn is_failure(&self, strict: bool) -> bool {
        match self.verdict {
            _ if self.unscored => false,
            Verdict::Fail => self.level == Level::Must || strict && self.level == Level::Should,
            Verdict::NotExercised => self.level == Level::Must && !self.monitor,
            _ => false,
        }
    }
}

impl MonitorResult {
    /// Whether the requirement makes the run fail.
    pub fn fails_the_run(&self, strict: bool) -> bool {
        self.baselined.is_none() && self.is_failure(strict)
    }

    /// The same, baseline or not.
    pub fn is_failure(&self, strict: bool) -> bool {
        match self.verdict {
            _ if self.unscored => false,
            Verdict::Fail => self.level == Level::Must || strict && self.level == Level::Should,
            Verdict::NotExercised => self.level == Level::Must,
            _ => false,
        }
    }
}

/// What attackers obtained, in words.
fn gains(transcript: &Transcript) -> Vec<String> {
    let gains = transcript
        .events
        .iter()
        .filter(|e| e.kind == EventKind::AttackerGain);
    gains
        .map(|e| {
            let text = |field| e.fields.text(field);
            let (thief, robbed) = (e.party.as_deref().unwrap_or("the attacker"), text(EventField::From));
            match text(EventField::What) {
                "code-redeemed" => format!("`{thief}` redeemed the victim's authorization code at `{robbed}`"),
                "token-replayed" => format!("`{thief}` used the victim's access token at `{robbed}` and read the victim's tool list"),
                "token-refreshed" => format!("`{thief}` turned the victim's refresh token into a new access token at `{robbed}`"),
                "client-impersonated" => format!("`{thief}` signed in at `{robbed}` with the client's own credentials"),
                "code-injected" => {
                    format!("the victim's client took the attacker's code: it now works in the attacker's account at `{robbed}`")
                }
                other => format!("`{thief}` at `{robbed}`: {other}"),
            }
        })
        .collect()
}
