//! Verdicts of a live session: on all finished runs, and on one that is open.

use std::collections::BTreeMap;

use super::live_run::LiveRun;
use super::run_verdict::{CheckLine, RunVerdict, VerdictWord};
use crate::judge::{
    CaseResult, CheckOutcome, CheckResult, Conclusions, Declared, RunEvidence, Verdict,
    collect_facts, conclude, is_settled, shown_capabilities,
};
use crate::report::describe_reason;
use crate::scenario::model::{Case, Level, Revision};
use crate::suite::Suite;
use crate::transcript::Transcript;

/// Judges the runs of a session.
pub(super) struct SessionJudge<'a> {
    pub(super) suite: &'a Suite,
    pub(super) revision: Revision,
    pub(super) declared: &'a Declared,
}

impl SessionJudge<'_> {
    /// Judges all finished runs, as the report will.
    pub(super) fn judge_finished(&self, runs: &mut [LiveRun]) {
        let finished = || {
            let runs = runs.iter();
            runs.filter_map(|run| Some((&run.planned, run.transcript()?)))
        };
        let cases = finished().filter(|(planned, _)| !planned.is_control);
        let controls = finished().filter_map(|(planned, transcript)| {
            let digest = planned.control_of.clone()?;
            Some((digest, (&planned.case, transcript)))
        });
        let conclusions = self.conclude(
            self.declared,
            cases
                .map(|(planned, transcript)| (&planned.case, transcript))
                .collect(),
            controls.collect(),
        );
        let results: BTreeMap<String, CaseResult> = conclusions
            .cases
            .into_iter()
            .map(|result| (result.case.clone(), result))
            .collect();
        let verdicts: Vec<Option<RunVerdict>> = runs
            .iter()
            .map(|run| {
                let transcript = run.transcript()?;
                if run.planned.is_control {
                    return Some(verdict_on_control(&run.planned.case, transcript));
                }
                let result = results.get(run.key())?;
                Some(RunVerdict {
                    certain: true,
                    settled: true,
                    ..self.verdict_of(result)
                })
            })
            .collect();
        for (run, verdict) in runs.iter_mut().zip(verdicts) {
            run.verdict = verdict;
        }
    }

    /// Judges a run as far as it has come, with what the finished ones show.
    pub(super) fn judge_open(
        &self,
        run: &LiveRun,
        runs: &[LiveRun],
        so_far: &Transcript,
    ) -> Option<RunVerdict> {
        let case = &run.planned.case;
        let settled = is_settled(case, so_far);
        if run.planned.is_control {
            return Some(RunVerdict {
                certain: false,
                settled,
                ..verdict_on_control(case, so_far)
            });
        }
        let digest = case.world_digest();
        let control = runs.iter().find_map(|other| {
            let is_control = other.planned.control_of.as_deref() == Some(&digest);
            let transcript = other.transcript().filter(|_| is_control)?;
            Some((digest.clone(), (&other.planned.case, transcript)))
        });
        let conclusions = self.conclude(
            &self.learn_capabilities(runs, so_far),
            vec![(case, so_far)],
            control.into_iter().collect(),
        );
        let verdict = self.verdict_of(conclusions.cases.first()?);
        Some(RunVerdict {
            certain: verdict.verdict == VerdictWord::Fail && is_violated(case, so_far),
            settled,
            ..verdict
        })
    }

    fn conclude<'r>(
        &self,
        declared: &Declared,
        cases: Vec<(&'r Case, &'r Transcript)>,
        controls: BTreeMap<String, (&'r Case, &'r Transcript)>,
    ) -> Conclusions {
        let cases = cases.into_iter();
        conclude(&RunEvidence {
            revision: self.revision,
            catalogue: &self.suite.catalogue,
            monitors: &self.suite.monitors,
            declared,
            cases: cases
                .map(|(case, transcript)| (case, Ok(transcript)))
                .collect(),
            controls,
            complete: false,
        })
    }

    /// What is declared, with what the finished runs and this one show.
    fn learn_capabilities(&self, runs: &[LiveRun], so_far: &Transcript) -> Declared {
        let mut declared = self.declared.clone();
        let finished = runs.iter().filter_map(LiveRun::transcript);
        for capability in finished.chain([so_far]).flat_map(shown_capabilities) {
            let word = capability.to_string();
            if !declared.lacks.contains(&word) {
                declared.has.insert(word);
            }
        }
        declared
    }

    fn verdict_of(&self, result: &CaseResult) -> RunVerdict {
        let shown = result.checks.iter().filter(|check| is_shown(check));
        RunVerdict {
            verdict: word_for(result),
            certain: false,
            settled: false,
            checks: shown.map(|check| self.check_line(check)).collect(),
        }
    }

    fn check_line(&self, check: &CheckResult) -> CheckLine {
        let requirement = self.suite.catalogue.get(&check.requirement);
        let reason = check.reason.as_ref();
        CheckLine {
            requirement: check.requirement.clone(),
            statement: requirement.map_or_else(String::new, |found| found.statement.clone()),
            level: check.level,
            verdict: check.verdict,
            reason: reason.map(|reason| describe_reason(reason).to_string()),
        }
    }
}

/// A monitor that found everything right says nothing about the case.
fn is_shown(check: &CheckResult) -> bool {
    !check.monitor || check.verdict == Verdict::Fail
}

fn word_for(result: &CaseResult) -> VerdictWord {
    let counts = |check: &&CheckResult| !check.unscored && !check.advice;
    let has = |verdict: Verdict, level: Level| {
        let mut checks = result.checks.iter().filter(counts);
        checks.any(|check| {
            check.verdict == verdict
                && check.level == level
                && (verdict == Verdict::Fail || !check.monitor)
        })
    };
    if has(Verdict::Fail, Level::Must) {
        VerdictWord::Fail
    } else if has(Verdict::NotExercised, Level::Must) {
        VerdictWord::NotExercised
    } else if has(Verdict::Fail, Level::Should) {
        VerdictWord::Warning
    } else {
        VerdictWord::Pass
    }
}

/// A control run passes if it reaches its goal.
fn verdict_on_control(case: &Case, transcript: &Transcript) -> RunVerdict {
    let reached = collect_facts(case, &[], transcript, None).goal;
    RunVerdict {
        verdict: if reached {
            VerdictWord::Pass
        } else {
            VerdictWord::NotExercised
        },
        certain: true,
        settled: true,
        checks: Vec::new(),
    }
}

/// Whether something forbidden happened, which nothing can undo.
fn is_violated(case: &Case, transcript: &Transcript) -> bool {
    let facts = collect_facts(case, &[], transcript, None);
    let mut checks = facts.checks.iter();
    checks.any(|check| check.outcomes.contains(&CheckOutcome::Violated))
}
