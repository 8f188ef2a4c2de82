//! `--save` and `--events`: what a run leaves while it goes on.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use clap::Args;
use mcp_authspec::events::{Event, Line};
use mcp_authspec::judge::CaseResult;
use mcp_authspec::saved::Saver;
use mcp_authspec::scenario::model::{Case, Revision};
use mcp_authspec::suite::Recorder;
use mcp_authspec::transcript::Transcript;
use tokio::sync::watch;

use super::CliError;

/// Options about what is kept.
#[derive(Debug, Args)]
pub(super) struct RecordArguments {
    /// Save the run in this folder, case by case, so that `judge`, `report`, `merge` and `compare`
    /// can take it up again
    ///
    /// Each case is written when it is over: a run that is killed loses no more than the cases in
    /// flight. Transcripts hold the secrets of the mock servers, which are worth nothing once the
    /// run is over; reports made from them show none, as always.
    #[arg(long, value_name = "FOLDER")]
    pub(super) save: Option<PathBuf>,
    /// Write what happens to this file while it happens: one JSON object a line (`mcp-authspec
    /// schema events`)
    #[arg(long, value_name = "FILE")]
    pub(super) events: Option<PathBuf>,
}

/// Ends the run.
pub(super) type Interrupt = Arc<watch::Sender<bool>>;

/// The event stream.
#[derive(Debug)]
pub(super) struct Events {
    file: Option<(PathBuf, File)>,
    began: Instant,
}

impl Events {
    pub(super) fn open(path: Option<&PathBuf>) -> Result<Self, CliError> {
        let open = |path: &PathBuf| match File::create(path) {
            Ok(file) => Ok((path.clone(), file)),
            Err(source) => Err(CliError::Write {
                what: path.display().to_string(),
                source,
            }),
        };
        Ok(Self {
            file: path.map(open).transpose()?,
            began: Instant::now(),
        })
    }

    /// Writes one line, at once.
    pub(super) fn tell(&self, revision: Revision, event: Event<'_>) -> Result<(), CliError> {
        let Some((path, mut file)) = self.file.as_ref().map(|(path, file)| (path, file)) else {
            return Ok(());
        };
        let line = Line {
            seconds: self.began.elapsed().as_secs_f64(),
            revision,
            event,
        };
        let mut text =
            serde_json::to_vec(&line).map_err(|error| CliError::Harness(error.to_string()))?;
        text.push(b'\n');
        file.write_all(&text).map_err(|source| CliError::Write {
            what: path.display().to_string(),
            source,
        })
    }
}

/// Keeps what one revision brings. What cannot be kept ends the run: it was asked for.
#[derive(Debug)]
pub(super) struct Recording<'a> {
    revision: Revision,
    saver: Option<&'a Saver>,
    events: &'a Events,
    interrupt: Interrupt,
    failed: Mutex<Option<CliError>>,
}

impl<'a> Recording<'a> {
    pub(super) fn new(
        revision: Revision,
        saver: Option<&'a Saver>,
        events: &'a Events,
        interrupt: Interrupt,
    ) -> Self {
        Self {
            revision,
            saver,
            events,
            interrupt,
            failed: Mutex::default(),
        }
    }

    pub(super) fn tell(&self, event: Event<'_>) {
        self.note(self.events.tell(self.revision, event));
    }

    /// The first thing that could not be kept.
    pub(super) fn failure(self) -> Option<CliError> {
        self.failed
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, result: Result<(), CliError>) {
        if let Err(error) = result {
            self.failed
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert(error);
            let _ = self.interrupt.send(true);
        }
    }
}

impl Recorder for Recording<'_> {
    fn over(&self, case: &Case, control: bool, outcome: Result<&Transcript, &str>) {
        if let Some(saver) = self.saver {
            self.note(
                saver
                    .run(self.revision, &case.id, control, outcome)
                    .map_err(CliError::from),
            );
        }
        let status = outcome.ok().map(|transcript| transcript.status);
        let took = outcome
            .ok()
            .and_then(|transcript| Some(transcript.durations.as_ref()?.seconds));
        self.tell(Event::Finished {
            case: &case.id,
            control,
            status,
            took,
            fault: outcome.err(),
        });
    }

    fn judged(&self, result: &CaseResult) {
        self.tell(Event::judged(result));
    }
}
