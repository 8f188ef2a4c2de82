//! One run of a live session: a case or a control run, with its state.

use tokio::sync::watch;

use super::run_verdict::RunVerdict;
use crate::driver::{PersonControls, PersonTask};
use crate::suite::PlannedRun;
use crate::transcript::{Attestation, Transcript};
use crate::words::words;

/// One run of a live session.
#[derive(Debug)]
pub(super) struct LiveRun {
    pub(super) planned: PlannedRun,
    pub(super) state: RunState,
    /// What the person noted upon it.
    pub(super) note: String,
    /// The verdict, as far as there is one. That of an open run is made when it is looked at.
    pub(super) verdict: Option<RunVerdict>,
}

/// The state of a run.
#[derive(Debug)]
pub(super) enum RunState {
    /// It was not opened yet.
    Waiting,
    /// Its world is up.
    Open(OpenRun),
    Finished(Box<Transcript>),
    /// The person wants no such run.
    Skipped,
    /// The harness failed.
    Failed(String),
}

/// A run whose world is up.
#[derive(Debug)]
pub(super) struct OpenRun {
    /// Tells this attempt from others of the same run.
    pub(super) attempt: u64,
    pub(super) controls: PersonControls,
    /// Ends the attempt without a result.
    pub(super) cancel: watch::Sender<bool>,
    pub(super) attested: Vec<Attestation>,
    /// The state before, which comes back if the attempt ends without a result.
    pub(super) former: Box<RunState>,
}

words! {
    /// The state of a run in a word.
    pub enum RunStateWord {
        Waiting = "waiting",
        Open = "open",
        Finished = "finished",
        Skipped = "skipped",
        Failed = "failed",
    }
}

impl LiveRun {
    /// A run that was not opened yet.
    pub(super) const fn new(planned: PlannedRun) -> Self {
        Self {
            planned,
            state: RunState::Waiting,
            note: String::new(),
            verdict: None,
        }
    }

    /// What names the run in files.
    pub(super) fn key(&self) -> &str {
        &self.planned.case.id
    }

    pub(super) const fn state_word(&self) -> RunStateWord {
        match self.state {
            RunState::Waiting => RunStateWord::Waiting,
            RunState::Open(_) => RunStateWord::Open,
            RunState::Finished(_) => RunStateWord::Finished,
            RunState::Skipped => RunStateWord::Skipped,
            RunState::Failed(_) => RunStateWord::Failed,
        }
    }

    /// The transcript of a finished run.
    pub(super) fn transcript(&self) -> Option<&Transcript> {
        match &self.state {
            RunState::Finished(transcript) => Some(transcript),
            _ => None,
        }
    }

    /// The attempt that is under way.
    pub(super) const fn open(&self) -> Option<&OpenRun> {
        match &self.state {
            RunState::Open(open) => Some(open),
            _ => None,
        }
    }

    /// What the person is asked to do now.
    pub(super) fn task(&self) -> Option<PersonTask> {
        self.open()?.controls.task()
    }

    /// Whether nothing more will come of it unless the person wants it.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.state, RunState::Finished(_) | RunState::Skipped)
    }
}
