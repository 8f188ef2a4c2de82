//! Judges cases while the suite runs, as soon as their control twin is done: for whoever watches, for retries and for an early end.
//!
//! What is concluded here rests on the capabilities shown so far. The report judges all again when everything is known.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Recorder, Suite};
use crate::judge::{Declared, Run, conclude, facts};
use crate::scenario::model::{Case, Revision};
use crate::transcript::{Actor, Status, Transcript};

/// What a run does about what it sees.
#[derive(Debug, Clone, Copy)]
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
    /// Who keeps what comes.
    pub recorder: Option<&'a dyn Recorder>,
}

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
        Self { following, revision, declared: declared.clone(), failed: BTreeMap::new(), flaky: Vec::new(), silent: Some(0) }
    }

    /// Takes note of a run. Answers with why nothing more need be run, if so.
    pub(super) fn note(&mut self, transcript: &Transcript) -> Option<String> {
        self.declared.has.extend(
            transcript.shown_capabilities().iter().map(|need| need.as_str().to_owned()).filter(|word| !self.declared.lacks.contains(word)),
        );
        let spoke = transcript.exchanges.iter().any(|exchange| exchange.actor != Actor::Attacker);
        self.silent = self.silent.filter(|_| !spoke).map(|runs| runs + 1);
        self.silent
            .filter(|runs| *runs == self.following.give_up_after)
            .map(|runs| format!("the client had sent nothing in any of the first {runs} runs"))
    }

    /// What to do about a control run.
    pub(super) fn control(&mut self, case: &Case, transcript: &Transcript) -> Decision {
        let reached = facts(case, &[], transcript).goal;
        self.decide(case, if reached { Vec::new() } else { vec!["the goal of an honest world".to_owned()] })
    }

    /// What to do about a case, given its control run.
    pub(super) fn case(&mut self, case: &Case, transcript: &Transcript, control: Option<(&Case, &Transcript)>) -> Decision {
        let conclusions = conclude(&Run {
            revision: self.revision,
            catalogue: &self.following.suite.catalogue,
            monitors: &self.following.suite.monitors,
            declared: &self.declared,
            cases: vec![(case, Ok(transcript))],
            controls: control.map(|control| (case.world_digest(), control)).into_iter().collect(),
            complete: false,
        });
        let checks = conclusions.cases.iter().flat_map(|result| &result.checks);
        let mut failed: BTreeSet<String> =
            checks.filter(|c| c.fails_the_run(self.following.strict)).map(|c| c.requirement.clone()).collect();
        if matches!(transcript.status, Status::TimedOut | Status::Crashed | Status::SetupFailed) {
            failed.insert(format!("the client ends by itself ({})", transcript.status));
        }
        let decision = self.decide(case, failed.into_iter().collect());
        if let (Some(recorder), Some(result), false) = (self.following.recorder, conclusions.cases.first(), decision == Decision::Again) {
            recorder.judged(result);
        }
        decision
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
                self.flaky.push(Flaky { case: case.id.clone(), failed: std::mem::take(earlier) });
            }
            return Decision::Passed;
        }
        earlier.push(failed.clone());
        let again = u32::try_from(earlier.len()).is_ok_and(|attempts| attempts <= self.following.retries);
        if again { Decision::Again } else { Decision::Failed(failed) }
    }

    pub(super) const fn fails_fast(&self) -> bool {
        self.following.fail_fast
    }

    pub(super) fn flaky(self) -> Vec<Flaky> {
        self.flaky
    }
}
