//! Judges cases while the suite runs, as soon as their control twin is done: for whoever watches,
//! for retries and for an early end.
//!
//! What is concluded here rests on the capabilities shown so far. The report judges all again when
//! everything is known.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Recorder, Suite};
use crate::judge::{
    CaseResult, Conclusions, Declared, Run, collect_facts, conclude, shown_capabilities,
};
use crate::scenario::model::{Case, Revision};
use crate::transcript::{Actor, Transcript};

/// What a run does about what it sees.
#[derive(Clone, Copy)]
pub struct Following<'a> {
    pub suite: &'a Suite,
    /// Whether a failed SHOULD counts.
    pub strict: bool,
    /// How often a case that fails is run again.
    pub retries: u32,
    /// Whether the first case that fails ends the run.
    pub fail_fast: bool,
    /// After how many runs it is given up on a client that has sent nothing in any.
    pub give_up_after: usize,
    /// What is said beforehand about failures: which requirements count, which failures are known.
    pub weigh: &'a Weigh<'a>,
    /// Who keeps what comes.
    pub recorder: Option<&'a dyn Recorder>,
}

/// Marks in conclusions what does not fail the run.
pub type Weigh<'a> = dyn Fn(&mut Conclusions) + Sync + 'a;

/// A case that failed and then passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flaky {
    pub case: String,
    /// The requirements that failed, for each attempt that did not pass.
    pub failed: Vec<Vec<String>>,
}

/// What has been seen so far.
pub(super) struct Seen<'a> {
    following: Following<'a>,
    revision: Revision,
    declared: Declared,
    /// Failed attempts by case.
    failed: BTreeMap<String, Vec<Vec<String>>>,
    flaky: Vec<Flaky>,
    /// Runs so far, if the client has sent nothing in any.
    silent: Option<usize>,
}

/// What is to be done about a run that is over.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Passed,
    /// It failed these requirements, and that is that.
    Failed(Vec<String>),
    /// It failed, and is worth another try.
    Again,
}

impl<'a> Seen<'a> {
    pub(super) fn new(following: Following<'a>, revision: Revision, declared: &Declared) -> Self {
        Self {
            following,
            revision,
            declared: declared.clone(),
            failed: BTreeMap::new(),
            flaky: Vec::new(),
            silent: Some(0),
        }
    }

    /// Takes note of a run. Answers with why nothing more need be run, if so.
    pub(super) fn note(&mut self, transcript: &Transcript) -> Option<String> {
        self.declared.has.extend(
            shown_capabilities(transcript)
                .iter()
                .map(|need| need.as_str().to_owned())
                .filter(|word| !self.declared.lacks.contains(word)),
        );
        let spoke = transcript
            .exchanges
            .iter()
            .any(|exchange| exchange.actor != Actor::Attacker);
        self.silent = self.silent.filter(|_| !spoke).map(|runs| runs + 1);
        self.silent
            .filter(|runs| *runs == self.following.give_up_after)
            .map(|runs| format!("the client had sent nothing in any of the first {runs} runs"))
    }

    /// What to do about a control run, given the cases that rest on it. It is worth another try if
    /// one of them can fail the run without it.
    pub(super) fn control<'c>(
        &mut self,
        control: &Case,
        transcript: &Transcript,
        resting: impl Iterator<Item = &'c Case>,
    ) -> Decision {
        let reached = collect_facts(control, &[], transcript).goal;
        let nothing = Transcript::of_nothing(transcript.header.clone());
        let fails_without = |case| {
            self.judge(case, &nothing, None)
                .is_some_and(|result| !self.failed(&result).is_empty())
        };
        match (reached, resting.into_iter().any(fails_without)) {
            (true, _) => self.decide(control, Vec::new()),
            (false, true) => self.decide(control, vec!["the goal of an honest world".to_owned()]),
            (false, false) => Decision::Failed(Vec::new()),
        }
    }

    /// What to do about a case, given its control run.
    pub(super) fn case(
        &mut self,
        case: &Case,
        transcript: &Transcript,
        control: Option<(&Case, &Transcript)>,
    ) -> Decision {
        let Some(result) = self.judge(case, transcript, control) else {
            return Decision::Passed;
        };
        let decision = self.decide(case, self.failed(&result));
        if let (Some(recorder), false) = (self.following.recorder, decision == Decision::Again) {
            recorder.judged(&result);
        }
        decision
    }

    fn judge(
        &self,
        case: &Case,
        transcript: &Transcript,
        control: Option<(&Case, &Transcript)>,
    ) -> Option<CaseResult> {
        let mut conclusions = conclude(&Run {
            revision: self.revision,
            catalogue: &self.following.suite.catalogue,
            monitors: &self.following.suite.monitors,
            declared: &self.declared,
            cases: vec![(case, Ok(transcript))],
            controls: control
                .map(|control| (case.world_digest(), control))
                .into_iter()
                .collect(),
            complete: false,
        });
        (self.following.weigh)(&mut conclusions);
        conclusions.cases.pop()
    }

    /// What of a case fails the run.
    fn failed(&self, result: &CaseResult) -> Vec<String> {
        let checks = result
            .checks
            .iter()
            .filter(|check| check.fails_the_run(self.following.strict));
        let mut failed: BTreeSet<String> = checks.map(|check| check.requirement.clone()).collect();
        if let (Some(status), true, None) =
            (result.status, result.ended_by_force(), &result.baselined)
        {
            failed.insert(format!("the client ends by itself ({status})"));
        }
        failed.into_iter().collect()
    }

    /// Hands a run that is over to whoever keeps it.
    pub(super) fn record(&self, case: &Case, control: bool, outcome: &Result<Transcript, String>) {
        if let Some(recorder) = self.following.recorder {
            recorder.over(case, control, outcome.as_ref().map_err(String::as_str));
        }
    }

    fn decide(&mut self, case: &Case, failed: Vec<String>) -> Decision {
        let earlier = self.failed.entry(case.id.clone()).or_default();
        if failed.is_empty() {
            if !earlier.is_empty() {
                self.flaky.push(Flaky {
                    case: case.id.clone(),
                    failed: std::mem::take(earlier),
                });
            }
            return Decision::Passed;
        }
        earlier.push(failed.clone());
        let again =
            u32::try_from(earlier.len()).is_ok_and(|attempts| attempts <= self.following.retries);
        if again {
            Decision::Again
        } else {
            Decision::Failed(failed)
        }
    }

    pub(super) const fn fails_fast(&self) -> bool {
        self.following.fail_fast
    }

    pub(super) fn flaky(self) -> Vec<Flaky> {
        self.flaky
    }
}
