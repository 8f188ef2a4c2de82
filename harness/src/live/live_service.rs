//! The service behind a live page: at most one session, which begins when a person has chosen.

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::choice::Choice;
use super::error::LiveError;
use super::live_run::{LiveRun, RunState};
use super::persistence::SessionFile;
use super::session::LiveSession;
use crate::driver::PersonClient;
use crate::place::RunPlace;
use crate::saved::{Manifest, PlannedRevision, SavedRun, Saver, Shards, WhatIf};
use crate::suite::{PlannedRuns, Shard, Suite};

/// How a live page works.
#[derive(Debug, Clone)]
pub struct LiveSettings {
    /// Where the run is saved.
    pub folder: PathBuf,
    /// Only cases whose id matches one of these patterns; none stands for all.
    pub patterns: Vec<String>,
    /// What all random values of the worlds are made from.
    pub seed: String,
    /// How long a world stays up.
    pub ttl: Duration,
}

/// The service behind a live page.
#[derive(Debug)]
pub struct LiveService {
    pub(super) suite: Arc<Suite>,
    settings: LiveSettings,
    session: OnceLock<Arc<LiveSession>>,
    /// Held while a session begins, so that there is only one.
    beginning: Mutex<()>,
    pub(super) changes: Arc<watch::Sender<u64>>,
}

impl LiveService {
    /// A service without a session.
    pub fn new(suite: Suite, settings: LiveSettings) -> Self {
        Self {
            suite: Arc::new(suite),
            settings,
            session: OnceLock::new(),
            beginning: Mutex::default(),
            changes: Arc::new(watch::channel(0).0),
        }
    }

    /// Goes on with the session that was saved in the folder, if there is one.
    pub fn resume(&self) -> Result<(), LiveError> {
        let folder = &self.settings.folder;
        let Some(file) = SessionFile::read(folder)? else {
            return Ok(());
        };
        let saved = SavedRun::read(folder, &self.suite, WhatIf::NotOffered)?;
        let seed = saved.manifest.seeds.first().cloned().unwrap_or_default();
        let saver = Saver::reopen(folder, &saved.manifest);
        let planned = self.plan(&file.choice)?;
        let session = self.session_of(&file.choice, planned, saver, seed)?;
        let mut runs = session.lock();
        for run in runs.iter_mut() {
            run.note = file.notes.get(run.key()).cloned().unwrap_or_default();
            if file.skipped.contains(run.key()) {
                run.state = RunState::Skipped;
            }
        }
        for revision in saved.revisions {
            restore_transcripts(&mut runs, revision.record);
        }
        session.judge().judge_finished(&mut runs);
        drop(runs);
        let _ = self.session.set(Arc::new(session));
        Ok(())
    }

    /// Begins the session of a choice, and the saved run with it.
    pub fn begin(&self, choice: &Choice) -> Result<(), LiveError> {
        let _beginning = self
            .beginning
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if self.session.get().is_some() {
            return Err(LiveError::AlreadyChosen);
        }
        let choice = &self.complete(choice);
        let planned = self.plan(choice)?;
        let manifest = self.manifest(choice)?;
        let saver = Saver::create(&self.settings.folder, &manifest)?;
        SessionFile::new(choice.clone()).write(&self.settings.folder)?;
        let session = self.session_of(choice, planned, saver, self.settings.seed.clone())?;
        let _ = self.session.set(Arc::new(session));
        self.changes.send_modify(|change| *change += 1);
        Ok(())
    }

    pub(super) fn session(&self) -> Result<&Arc<LiveSession>, LiveError> {
        self.session.get().ok_or(LiveError::NothingChosen)
    }

    /// The choice with what the command line demands.
    pub(super) fn complete(&self, choice: &Choice) -> Choice {
        let mut complete = choice.clone();
        complete.scenarios.extend(self.settings.patterns.clone());
        complete
    }

    /// The runs of a choice.
    pub(super) fn plan(&self, choice: &Choice) -> Result<PlannedRuns, LiveError> {
        let options = choice.suite_options()?;
        let cases = choice.select(&self.suite, &options);
        let planned = Choice::plan_runs(&cases, &options);
        if planned.runs.is_empty() {
            return Err(LiveError::NothingToRun);
        }
        Ok(planned)
    }

    fn manifest(&self, choice: &Choice) -> Result<Manifest, LiveError> {
        let options = choice.suite_options()?;
        let cases = choice.select(&self.suite, &options);
        let (client, _) = PersonClient::new();
        let planned = PlannedRevision::new(
            &self.suite,
            choice.revision,
            options.complete,
            &cases,
            &client,
            &options.declared,
            &RunPlace::Loopback,
        );
        Ok(Manifest {
            format: Manifest::FORMAT,
            harness: env!("CARGO_PKG_VERSION").to_owned(),
            rules: self.suite.rules_digest().to_owned(),
            client: choice.client.clone(),
            rerun: String::new(),
            plan: Some(choice.plan).filter(|_| choice.scenarios.is_empty()),
            driven_by_person: true,
            declared: options.declared,
            strict: false,
            requirements: None,
            seeds: vec![self.settings.seed.clone()],
            timeout: self.settings.ttl.as_secs_f64(),
            shards: Shards::one(Shard::WHOLE),
            revisions: vec![planned],
        })
    }

    fn session_of(
        &self,
        choice: &Choice,
        planned: PlannedRuns,
        saver: Saver,
        seed: String,
    ) -> Result<LiveSession, LiveError> {
        let runs = planned.runs.into_iter().map(LiveRun::new);
        Ok(LiveSession {
            suite: Arc::clone(&self.suite),
            choice: choice.clone(),
            declared: choice.declared()?,
            not_run: planned.not_run,
            folder: self.settings.folder.clone(),
            seed,
            saver,
            ttl: self.settings.ttl,
            runs: Mutex::new(runs.collect()),
            changes: Arc::clone(&self.changes),
            attempts: AtomicU64::new(0),
        })
    }
}

/// Puts the transcripts of a saved run where they belong.
fn restore_transcripts(runs: &mut [LiveRun], record: crate::suite::Record) {
    let cases = record
        .cases
        .into_iter()
        .filter_map(|(case, outcome)| Some((case.id, outcome.ok()?)));
    let controls = record.controls.into_values();
    let controls = controls.map(|(case, transcript)| (case.id, transcript));
    for (id, transcript) in cases.chain(controls) {
        if let Some(run) = runs.iter_mut().find(|run| run.key() == id) {
            run.state = RunState::Finished(Box::new(transcript));
        }
    }
}
