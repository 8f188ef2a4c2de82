//! Writes a saved run while the suite runs. Every file appears whole or not at all, so the saved
//! run is valid whenever the process is killed.

use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use super::error::SavedError;
use super::file_format::{RevisionEnd, SAVED_FORMAT, SavedCase, SavedOutcome, harness_version};
use super::manifest::{Manifest, PlannedRevision};
use super::paths::{case_file, control_file, end_file, manifest_file};
use crate::judge::NotRunReason;
use crate::scenario::model::{Case, Revision};
use crate::suite::{HarnessFault, Record};
use crate::transcript::Transcript;

/// A run that is being saved.
#[derive(Debug)]
pub struct Saver {
    folder: PathBuf,
    revisions: Vec<PlannedRevision>,
    began: Instant,
}

impl Saver {
    /// Begins to save a run in a folder that is empty or does not exist yet.
    pub fn create(folder: &Path, manifest: &Manifest) -> Result<Self, SavedError> {
        let unwritable = |source| SavedError::Write {
            path: folder.to_owned(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(unwritable)?;
        let mut entries = std::fs::read_dir(folder).map_err(unwritable)?;
        if entries.next().is_some() {
            return Err(SavedError::NotEmpty(folder.to_owned()));
        }
        write_file(&manifest_file(folder), manifest)?;
        for planned in &manifest.revisions {
            for part in ["cases", "controls"] {
                let path = folder.join(planned.revision.as_str()).join(part);
                std::fs::create_dir_all(&path)
                    .map_err(|source| SavedError::Write { path, source })?;
            }
        }
        Ok(Self {
            folder: folder.to_owned(),
            revisions: manifest.revisions.clone(),
            began: Instant::now(),
        })
    }

    /// Goes on with a run that was saved in a folder.
    pub fn reopen(folder: &Path, manifest: &Manifest) -> Self {
        Self {
            folder: folder.to_owned(),
            revisions: manifest.revisions.clone(),
            began: Instant::now(),
        }
    }

    /// Saves that no further case of a revision will be run. `missing` is the reason why cases have
    /// no transcript, if some have none.
    pub fn save_last_word(
        &self,
        revision: Revision,
        missing: Option<NotRunReason>,
    ) -> Result<(), SavedError> {
        let end = RevisionEnd {
            format: SAVED_FORMAT,
            harness: harness_version(),
            seconds: self.began.elapsed().as_secs_f64(),
            stopped: missing,
            ..RevisionEnd::default()
        };
        self.write_end(revision, &end)
    }

    /// Saves the outcome of a case, or of the control run of `case`.
    pub fn save_run(
        &self,
        revision: Revision,
        case: &str,
        control: bool,
        outcome: Result<&Transcript, &HarnessFault>,
    ) -> Result<(), SavedError> {
        let outcome = match outcome {
            Ok(transcript) => SavedOutcome::Transcript(Box::new(transcript.clone())),
            Err(fault) => SavedOutcome::Fault(fault.message().to_owned()),
        };
        let saved = SavedCase {
            format: SAVED_FORMAT,
            harness: harness_version(),
            case: case.to_owned(),
            seconds: self.began.elapsed().as_secs_f64(),
            outcome,
        };
        self.write_run(revision, case, control, &saved)
    }

    /// Saves how the runs of a revision ended.
    pub fn save_end(
        &self,
        record: &Record,
        seconds: f64,
        interrupted: bool,
    ) -> Result<(), SavedError> {
        let end = RevisionEnd {
            format: SAVED_FORMAT,
            harness: harness_version(),
            seconds,
            interrupted,
            stopped: self.reason_for_missing_cases(record),
            faults: record.faults.clone(),
            flaky: record.flaky.clone(),
            fixed_callback_port: record.fixed_callback_port,
        };
        self.write_end(record.revision, &end)
    }

    /// Why cases were not run although they were planned, if there are any.
    fn reason_for_missing_cases(&self, record: &Record) -> Option<NotRunReason> {
        let planned = self
            .revisions
            .iter()
            .find(|planned| planned.revision == record.revision)?;
        let excluded: BTreeSet<&str> = planned
            .cases
            .iter()
            .filter(|case| case.not_run.is_some())
            .map(|case| case.case.as_str())
            .collect();
        let failed = |case: &Case| {
            record
                .faults
                .iter()
                .any(|fault| fault.case() == Some(case.id.as_str()))
        };
        record
            .cases
            .iter()
            .filter(|(case, _)| !excluded.contains(case.id.as_str()) && !failed(case))
            .find_map(|(_, outcome)| outcome.as_ref().err().cloned())
    }

    pub(super) fn write_run(
        &self,
        revision: Revision,
        case: &str,
        control: bool,
        saved: &SavedCase,
    ) -> Result<(), SavedError> {
        let path = if control {
            control_file(&self.folder, revision, case)
        } else {
            case_file(&self.folder, revision, case)
        };
        write_file(&path, saved)
    }

    pub(super) fn write_end(
        &self,
        revision: Revision,
        end: &RevisionEnd,
    ) -> Result<(), SavedError> {
        write_file(&end_file(&self.folder, revision), end)
    }
}

fn write_file(path: &Path, value: &impl Serialize) -> Result<(), SavedError> {
    write_whole_file(path, value).map_err(|source| SavedError::Write {
        path: path.to_owned(),
        source,
    })
}

/// Writes a temporary file and renames it, so that no reader sees a part of it.
fn write_whole_file(path: &Path, value: &impl Serialize) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let usual_permissions = std::fs::Permissions::from_mode(0o666);
    let mut temporary = tempfile::Builder::new()
        .prefix(".mcp-authspec-")
        .permissions(usual_permissions)
        .tempfile_in(folder)?;
    let mut text = serde_json::to_vec(value)?;
    text.push(b'\n');
    temporary.write_all(&text)?;
    temporary
        .persist(path)
        .map(|_| ())
        .map_err(|error| error.error)
}
