//! `--save` and `--events`: what is written while a run goes on.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use clap::Args;
use tokio::sync::watch;

use super::error::CliError;
use crate::events::{EventLine, RunEvent};
use crate::judge::CaseResult;
use crate::saved::Saver;
use crate::scenario::model::{Case, Revision};
use crate::suite::{HarnessFault, ResultSink};
use crate::transcript::Transcript;

/// Options about what is written while a run goes on.
#[derive(Debug, Args)]
pub(super) struct RecordArguments {
    /// Save the run in this folder, case by case, for `judge`, `report`, `merge` and `compare`
    ///
    /// Each case is written when it is over, so a run that is killed loses only the cases that were
    /// running. Transcripts hold the secrets of the mock servers, which have no use after the run;
    /// reports that are made from them show none.
    #[arg(long, value_name = "FOLDER")]
    pub(super) save: Option<PathBuf>,
    /// Write events to this file as they happen, one JSON object per line (`mcp-authspec schema
    /// events`)
    #[arg(long, value_name = "FILE")]
    pub(super) events: Option<PathBuf>,
}

/// Sends true to end the run.
pub(super) type Interrupt = Arc<watch::Sender<bool>>;

/// The event stream of `--events`.
#[derive(Debug)]
pub(super) struct EventStream {
    file: Option<(PathBuf, File)>,
    began: Instant,
}

impl EventStream {
    /// Creates the file. Without one, events are discarded.
    pub(super) fn create(path: Option<&PathBuf>) -> Result<Self, CliError> {
        let create = |path: &PathBuf| match File::create(path) {
            Ok(file) => Ok((path.clone(), file)),
            Err(source) => Err(CliError::write(path, source)),
        };
        Ok(Self {
            file: path.map(create).transpose()?,
            began: Instant::now(),
        })
    }

    /// Writes one line, unbuffered: another program may be reading.
    fn write_event(&self, revision: Revision, event: RunEvent<'_>) -> Result<(), CliError> {
        let Some((path, mut file)) = self.file.as_ref().map(|(path, file)| (path, file)) else {
            return Ok(());
        };
        let line = EventLine {
            seconds: self.began.elapsed().as_secs_f64(),
            revision,
            event,
        };
        let mut text = serde_json::to_vec(&line).map_err(CliError::harness)?;
        text.push(b'\n');
        file.write_all(&text)
            .map_err(|source| CliError::write(path, source))
    }
}

/// Writes the transcripts and events of one revision. An error ends the run, because the user asked
/// for these files.
#[derive(Debug)]
pub(super) struct RunRecording<'a> {
    revision: Revision,
    saver: Option<&'a Saver>,
    events: &'a EventStream,
    interrupt: Interrupt,
    first_error: Mutex<Option<CliError>>,
}

impl<'a> RunRecording<'a> {
    pub(super) fn new(
        revision: Revision,
        saver: Option<&'a Saver>,
        events: &'a EventStream,
        interrupt: Interrupt,
    ) -> Self {
        Self {
            revision,
            saver,
            events,
            interrupt,
            first_error: Mutex::default(),
        }
    }

    /// Whether events are written at all.
    pub(super) fn writes_events(&self) -> bool {
        self.events.file.is_some()
    }

    pub(super) fn write_event(&self, event: RunEvent<'_>) {
        self.end_run_on_error(self.events.write_event(self.revision, event));
    }

    /// The first error, if there was one.
    pub(super) fn into_error(self) -> Option<CliError> {
        self.first_error
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn end_run_on_error(&self, result: Result<(), CliError>) {
        if let Err(error) = result {
            self.first_error
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert(error);
            let _ = self.interrupt.send(true);
        }
    }
}

impl ResultSink for RunRecording<'_> {
    fn receive_run(&self, case: &Case, control: bool, outcome: Result<&Transcript, &HarnessFault>) {
        if let Some(saver) = self.saver {
            let saved = saver.save_run(self.revision, &case.id, control, outcome);
            self.end_run_on_error(saved.map_err(CliError::from));
        }
        let transcript = outcome.ok();
        self.write_event(RunEvent::Finished {
            case: &case.id,
            control,
            status: transcript.map(|transcript| transcript.status),
            took: transcript.and_then(|transcript| Some(transcript.durations.as_ref()?.seconds)),
            fault: outcome.err().map(HarnessFault::message),
        });
    }

    fn receive_verdicts(&self, result: &CaseResult) {
        self.write_event(RunEvent::judged(result));
    }
}
