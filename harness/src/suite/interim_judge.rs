//! Judges cases while the suite runs, as soon as their control run is over: for progress output,
//! for retries and for an early end.
//!
//! These verdicts rest on the capabilities that the client has shown so far. The report judges all
//! cases again when the run is over.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::runner::RunResult;
use super::{ResultSink, Suite};
use crate::judge::{
    CaseResult, Conclusions, Declared, NotRunReason, RunEvidence, collect_facts, conclude,
    shown_capabilities,
};
use crate::scenario::model::{Case, Revision};
use crate::transcript::Transcript;

/// How cases are judged while the suite runs, and what follows from it.
#[derive(Clone, Copy)]
pub struct InterimOptions<'a> {
    pub suite: &'a Suite,
    /// Whether a failed SHOULD fails the run.
    pub strict: bool,
    /// How often a case that fails is run again.
    pub retries: u32,
    /// Whether the first case that fails ends the run.
    pub fail_fast: bool,
    /// The number of runs without a single request after which the run ends.
    pub silent_runs_before_giving_up: usize,
    /// Marks failures that do not fail the run.
    pub apply_exemptions: &'a ApplyExemptions<'a>,
    /// Receives transcripts and verdicts as they come.
    pub sink: Option<&'a dyn ResultSink>,
}

/// Marks failures that do not fail the run: requirements outside the scored set, and known failures
/// of a baseline.
pub type ApplyExemptions<'a> = dyn Fn(&mut Conclusions) + Sync + 'a;

/// A case that failed and passed when it was run again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlakyCase {
    pub case: String,
    /// The requirements that failed, for each attempt that did not pass.
    pub failed: Vec<Vec<String>>,
}

/// Judges single cases with what is known of the client so far.
pub(super) struct InterimJudge<'a> {
    options: InterimOptions<'a>,
    revision: Revision,
    /// Grows with the capabilities that the client shows.
    declared: Declared,
    /// The requirements that failed, for each failed attempt of a case.
    failed_attempts: BTreeMap<String, Vec<Vec<String>>>,
    flaky: Vec<FlakyCase>,
    /// The number of runs so far, as long as the client has sent nothing in any of them.
    silent_runs: Option<usize>,
}

/// What the scheduler does about a case that was judged.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NextStep {
    /// Nothing failed.
    Passed,
    /// These requirements failed, and the case is not run again.
    Failed(Vec<String>),
    /// Something failed, and the case is run again.
    Retry,
}

impl<'a> InterimJudge<'a> {
    pub(super) fn new(
        options: InterimOptions<'a>,
        revision: Revision,
        declared: &Declared,
    ) -> Self {
        Self {
            options,
            revision,
            declared: declared.clone(),
            failed_attempts: BTreeMap::new(),
            flaky: Vec::new(),
            silent_runs: Some(0),
        }
    }

    /// Hands a run that is over to the sink.
    pub(super) fn hand_to_sink(&self, case: &Case, control: bool, outcome: &RunResult) {
        if let Some(sink) = self.options.sink {
            sink.receive_run(case, control, outcome.as_ref());
        }
    }

    /// Learns the capabilities that a run shows. Returns the reason to end the suite run if the
    /// client has been silent for too long.
    pub(super) fn observe(&mut self, transcript: &Transcript) -> Option<NotRunReason> {
        self.declared.has.extend(
            shown_capabilities(transcript)
                .iter()
                .map(|need| need.as_str().to_owned())
                .filter(|word| !self.declared.lacks.contains(word)),
        );
        self.silent_runs = self
            .silent_runs
            .filter(|_| !transcript.has_contact())
            .map(|runs| runs + 1);
        self.silent_runs
            .filter(|runs| *runs == self.options.silent_runs_before_giving_up)
            .map(|runs| NotRunReason::ClientSilent { runs })
    }

    /// Judges a control run, given the cases that depend on it. It is run again if it missed the
    /// goal and one of those cases would therefore fail the run.
    pub(super) fn judge_control<'c>(
        &mut self,
        control: &Case,
        transcript: &Transcript,
        mut dependents: impl Iterator<Item = &'c Case>,
    ) -> NextStep {
        if collect_facts(control, &[], transcript, None).goal {
            return self.decide(control, Vec::new());
        }
        let empty = Transcript::of_nothing(transcript.header.clone());
        let fails_without_control = |case| {
            self.judge(case, &empty, None)
                .is_some_and(|result| !self.failures(&result).is_empty())
        };
        if dependents.any(fails_without_control) {
            self.decide(control, vec!["the goal of an honest world".to_owned()])
        } else {
            NextStep::Failed(Vec::new())
        }
    }

    /// Judges a case, given its control run.
    pub(super) fn judge_case(
        &mut self,
        case: &Case,
        transcript: &Transcript,
        control: Option<(&Case, &Transcript)>,
    ) -> NextStep {
        let Some(result) = self.judge(case, transcript, control) else {
            return NextStep::Passed;
        };
        let next = self.decide(case, self.failures(&result));
        if let (Some(sink), false) = (self.options.sink, next == NextStep::Retry) {
            sink.receive_verdicts(&result);
        }
        next
    }

    fn judge(
        &self,
        case: &Case,
        transcript: &Transcript,
        control: Option<(&Case, &Transcript)>,
    ) -> Option<CaseResult> {
        let mut conclusions = conclude(&RunEvidence {
            revision: self.revision,
            catalogue: &self.options.suite.catalogue,
            monitors: &self.options.suite.monitors,
            declared: &self.declared,
            cases: vec![(case, Ok(transcript))],
            controls: control
                .map(|control| (case.world_digest(), control))
                .into_iter()
                .collect(),
            complete: false,
        });
        (self.options.apply_exemptions)(&mut conclusions);
        conclusions.cases.pop()
    }

    /// The requirements that failed and fail the run, and the client's end if it was forced.
    fn failures(&self, result: &CaseResult) -> Vec<String> {
        let checks = result
            .checks
            .iter()
            .filter(|check| check.fails_the_run(self.options.strict));
        let mut failures: BTreeSet<String> =
            checks.map(|check| check.requirement.clone()).collect();
        if let (Some(status), true, None) =
            (result.status, result.ended_by_force(), &result.baselined)
        {
            failures.insert(format!("the client ends by itself ({status})"));
        }
        failures.into_iter().collect()
    }

    /// Counts an attempt, and decides whether there is another one.
    fn decide(&mut self, case: &Case, failures: Vec<String>) -> NextStep {
        let attempts = self.failed_attempts.entry(case.id.clone()).or_default();
        if failures.is_empty() {
            if !attempts.is_empty() {
                self.flaky.push(FlakyCase {
                    case: case.id.clone(),
                    failed: std::mem::take(attempts),
                });
            }
            return NextStep::Passed;
        }
        attempts.push(failures.clone());
        if u32::try_from(attempts.len()).is_ok_and(|count| count <= self.options.retries) {
            NextStep::Retry
        } else {
            NextStep::Failed(failures)
        }
    }

    pub(super) const fn fails_fast(&self) -> bool {
        self.options.fail_fast
    }

    pub(super) fn into_flaky_cases(self) -> Vec<FlakyCase> {
        self.flaky
    }
}
