//! A live session: the runs of one choice, opened and finished by a person.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::choice::Choice;
use super::error::LiveError;
use super::live_run::{LiveRun, OpenRun, RunState};
use super::persistence::SessionFile;
use super::questions::{apply_answers, attest, open_question};
use super::session_judge::SessionJudge;
use crate::driver::{PersonClient, PersonControls, RunOptions, run};
use crate::judge::{Declared, NotRunReason, is_settled};
use crate::saved::Saver;
use crate::suite::{DEFAULT_GRACE, HarnessFault, PlannedRun, Suite};
use crate::transcript::{Attestation, Transcript};
use crate::world::WorldError;

/// A start of a client that a person drives has no time limit of its own: its world has one.
const NO_LIMIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The runs of one choice.
#[derive(Debug)]
pub(super) struct LiveSession {
    pub(super) suite: Arc<Suite>,
    pub(super) choice: Choice,
    pub(super) declared: Declared,
    pub(super) not_run: BTreeMap<String, NotRunReason>,
    pub(super) folder: PathBuf,
    pub(super) seed: String,
    pub(super) saver: Saver,
    /// How long a world stays up.
    pub(super) ttl: Duration,
    pub(super) runs: Mutex<Vec<LiveRun>>,
    /// Grows with everything that happens.
    pub(super) changes: Arc<watch::Sender<u64>>,
    pub(super) attempts: AtomicU64,
}

impl LiveSession {
    pub(super) fn lock(&self) -> MutexGuard<'_, Vec<LiveRun>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn judge(&self) -> SessionJudge<'_> {
        SessionJudge {
            suite: &self.suite,
            revision: self.choice.revision,
            declared: &self.declared,
        }
    }

    fn note_change(&self) {
        self.changes.send_modify(|change| *change += 1);
    }

    /// Opens a run: starts its world, and returns once there is a URL for the client.
    pub(super) async fn open(self: &Arc<Self>, number: usize) -> Result<(), LiveError> {
        let (client, mut controls) = PersonClient::new();
        let (cancel, cancelled) = watch::channel(false);
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed);
        let planned = {
            let mut runs = self.lock();
            let run = find_run(&mut runs, number)?;
            if run.open().is_some() {
                return Err(LiveError::AlreadyOpen { number });
            }
            let former = std::mem::replace(&mut run.state, RunState::Waiting);
            run.state = RunState::Open(OpenRun {
                attempt,
                controls: controls.clone(),
                cancel,
                attested: Vec::new(),
                former: Box::new(former),
            });
            run.planned.clone()
        };
        let session = Arc::clone(self);
        let watched = controls.clone();
        tokio::spawn(async move {
            let outcome = session
                .make_run(&planned, &client, watched, cancelled)
                .await;
            session.end_attempt(number, attempt, outcome);
        });
        while controls.task().is_none() && self.is_attempt(number, attempt) {
            let mut changes = self.changes.subscribe();
            tokio::select! {
                () = controls.task_changed() => {}
                _ = changes.changed() => {}
            }
        }
        self.note_change();
        Ok(())
    }

    /// Makes a run until the person has finished it; `None` if it was cancelled or its world died.
    async fn make_run(
        &self,
        planned: &PlannedRun,
        client: &PersonClient,
        mut controls: PersonControls,
        mut cancelled: watch::Receiver<bool>,
    ) -> Option<Result<Transcript, WorldError>> {
        let (_never, interrupted) = watch::channel(false);
        let options = RunOptions {
            revision: self.choice.revision,
            seed: self.seed.clone(),
            timeout: NO_LIMIT,
            grace: DEFAULT_GRACE,
            settled: is_settled,
            interrupted,
            keep: None,
            notify: |_| {},
            network: None,
        };
        let mut run = Box::pin(run(&planned.case, planned.is_control, client, &options));
        let mut end_of_world = Box::pin(tokio::time::sleep(self.ttl));
        loop {
            let task = controls.task();
            // listens before the change is announced, so that none is missed
            let recorded = task.as_ref().map(|task| task.changed());
            self.note_change();
            tokio::select! {
                result = &mut run => return Some(result),
                () = &mut end_of_world => return None,
                _ = cancelled.wait_for(|cancelled| *cancelled) => return None,
                () = controls.task_changed() => {}
                () = wait_for(recorded) => {}
            }
        }
    }

    fn is_attempt(&self, number: usize, attempt: u64) -> bool {
        let mut runs = self.lock();
        let run = find_run(&mut runs, number).ok();
        run.and_then(|run| run.open())
            .is_some_and(|open| open.attempt == attempt)
    }

    /// Takes in the end of an attempt.
    fn end_attempt(
        &self,
        number: usize,
        attempt: u64,
        outcome: Option<Result<Transcript, WorldError>>,
    ) {
        let mut runs = self.lock();
        let Some(run) = runs.get_mut(number.wrapping_sub(1)) else {
            return;
        };
        let open = match std::mem::replace(&mut run.state, RunState::Waiting) {
            RunState::Open(open) if open.attempt == attempt => open,
            other => {
                run.state = other;
                return;
            }
        };
        run.state = match outcome {
            None => *open.former,
            Some(Err(error)) => RunState::Failed(error.to_string()),
            Some(Ok(mut transcript)) => {
                apply_answers(&mut transcript, open.attested);
                match self.save(&run.planned, &transcript) {
                    Ok(()) => RunState::Finished(Box::new(transcript)),
                    Err(error) => RunState::Failed(error.to_string()),
                }
            }
        };
        self.judge().judge_finished(&mut runs);
        // an error here leaves the saved run without its end, so that it counts as interrupted
        let _ = self.save_last_word(&runs);
        drop(runs);
        self.note_change();
    }

    fn save(&self, planned: &PlannedRun, transcript: &Transcript) -> Result<(), LiveError> {
        let (revision, case) = (self.choice.revision, &planned.case.id);
        let outcome: Result<&Transcript, &HarnessFault> = Ok(transcript);
        self.saver
            .save_run(revision, case, planned.is_control, outcome)?;
        Ok(())
    }

    /// Completes the saved run once nothing is left to do.
    fn save_last_word(&self, runs: &[LiveRun]) -> Result<(), LiveError> {
        if !runs.iter().all(LiveRun::is_over) {
            return Ok(());
        }
        let is_skipped = |run: &LiveRun| run.transcript().is_none();
        let missing = runs.iter().any(is_skipped).then_some(NotRunReason::Skipped);
        self.saver.save_last_word(self.choice.revision, missing)?;
        Ok(())
    }

    /// Says that the client has done what the current start asks for. The run is over with its last
    /// start.
    pub(super) fn finish(
        &self,
        number: usize,
        answers: &BTreeMap<String, String>,
    ) -> Result<(), LiveError> {
        let attested = attest(answers)?;
        let mut runs = self.lock();
        let run = find_run(&mut runs, number)?;
        let task = run.task().ok_or(LiveError::NotOpen { number })?;
        if let Some(question) = open_question(&task.transcript_so_far(), answers) {
            return Err(LiveError::QuestionOpen { question });
        }
        if let RunState::Open(open) = &mut run.state {
            for attestation in attested {
                let is_other = |known: &Attestation| known.question != attestation.question;
                open.attested.retain(is_other);
                open.attested.push(attestation);
            }
            open.controls.finish_task();
        }
        Ok(())
    }

    /// Ends the attempt without a result. What was there before comes back.
    pub(super) fn cancel(&self, number: usize) -> Result<(), LiveError> {
        let mut runs = self.lock();
        let run = find_run(&mut runs, number)?;
        let open = run.open().ok_or(LiveError::NotOpen { number })?;
        let _ = open.cancel.send(true);
        Ok(())
    }

    /// Leaves a run out.
    pub(super) fn skip(&self, number: usize) -> Result<(), LiveError> {
        let mut runs = self.lock();
        let run = find_run(&mut runs, number)?;
        if run.open().is_some() {
            return Err(LiveError::AlreadyOpen { number });
        }
        if !matches!(run.state, RunState::Finished(_)) {
            run.state = RunState::Skipped;
        }
        self.write_file(&runs)?;
        self.save_last_word(&runs)?;
        drop(runs);
        self.note_change();
        Ok(())
    }

    /// Keeps a note upon a run.
    pub(super) fn set_note(&self, number: usize, note: &str) -> Result<(), LiveError> {
        let mut runs = self.lock();
        find_run(&mut runs, number)?.note = note.to_owned();
        self.write_file(&runs)?;
        drop(runs);
        self.note_change();
        Ok(())
    }

    fn write_file(&self, runs: &[LiveRun]) -> Result<(), LiveError> {
        let mut file = SessionFile::new(self.choice.clone());
        for run in runs {
            if !run.note.is_empty() {
                file.notes.insert(run.key().to_owned(), run.note.clone());
            }
            if matches!(run.state, RunState::Skipped) {
                file.skipped.insert(run.key().to_owned());
            }
        }
        file.write(&self.folder)
    }
}

/// The run with this number, counted from 1.
pub(super) fn find_run(runs: &mut [LiveRun], number: usize) -> Result<&mut LiveRun, LiveError> {
    let run = number.checked_sub(1).and_then(|index| runs.get_mut(index));
    run.ok_or(LiveError::NoSuchRun { number })
}

/// Returns when the future is ready; never, if there is none.
async fn wait_for(recorded: Option<impl Future<Output = ()>>) {
    match recorded {
        Some(recorded) => recorded.await,
        None => std::future::pending().await,
    }
}
