//! Writes a run while it runs. Every file appears whole or not at all, so that no moment is a bad
//! one to be killed in.

use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Serialize;

use super::{
    End, FORMAT, Manifest, Outcome, Planned, Saved, SavedError, case_file, control_file, end_file,
    manifest_file,
};
use crate::scenario::model::{Case, Revision};
use crate::suite::Record;
use crate::transcript::Transcript;

/// A run that is being saved.
#[derive(Debug)]
pub struct Saver {
    folder: PathBuf,
    revisions: Vec<Planned>,
    began: Instant,
}

impl Saver {
    /// Begins a saved run in a folder that is empty, or not there yet.
    pub fn create(folder: &Path, manifest: &Manifest) -> Result<Self, SavedError> {
        let unwritable = |source| SavedError::Write {
            path: folder.to_owned(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(unwritable)?;
        if std::fs::read_dir(folder)
            .map_err(unwritable)?
            .next()
            .is_some()
        {
            return Err(SavedError::NotEmpty(folder.to_owned()));
        }
        write(&manifest_file(folder), manifest)?;
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

    /// Saves what came of one case, or of the control run of `case`.
    pub fn run(
        &self,
        revision: Revision,
        case: &str,
        control: bool,
        outcome: Result<&Transcript, &str>,
    ) -> Result<(), SavedError> {
        let outcome = match outcome {
            Ok(transcript) => Outcome::Transcript(Box::new(transcript.clone())),
            Err(fault) => Outcome::Fault(fault.to_owned()),
        };
        let seconds = self.began.elapsed().as_secs_f64();
        self.keep(
            revision,
            case,
            control,
            &Saved {
                format: FORMAT,
                harness: harness(),
                case: case.to_owned(),
                seconds,
                outcome,
            },
        )
    }

    pub(super) fn keep(
        &self,
        revision: Revision,
        case: &str,
        control: bool,
        saved: &Saved,
    ) -> Result<(), SavedError> {
        let place = if control { control_file } else { case_file };
        let case = case.strip_suffix(" (control)").unwrap_or(case);
        write(&place(&self.folder, revision, case), saved)
    }

    /// Saves how the runs of a revision ended.
    pub fn end(&self, record: &Record, seconds: f64, interrupted: bool) -> Result<(), SavedError> {
        let (faults, flaky) = (record.faults.clone(), record.flaky.clone());
        let stopped = self.stopped(record).map(str::to_owned);
        self.keep_end(
            record.revision,
            &End {
                format: FORMAT,
                harness: harness(),
                seconds,
                interrupted,
                stopped,
                faults,
                flaky,
            },
        )
    }

    /// Why cases were not run that were to be.
    fn stopped<'r>(&self, record: &'r Record) -> Option<&'r str> {
        let planned = self
            .revisions
            .iter()
            .find(|planned| planned.revision == record.revision)?;
        let expected: BTreeSet<&str> = planned
            .cases
            .iter()
            .filter(|case| case.not_run.is_some())
            .map(|case| case.case.as_str())
            .collect();
        let is_fault = |case: &Case| {
            record
                .faults
                .iter()
                .any(|fault| fault.starts_with(&format!("{} (", case.id)))
        };
        let lost = record
            .cases
            .iter()
            .filter(|(case, _)| !expected.contains(case.id.as_str()) && !is_fault(case));
        lost.filter_map(|(_, outcome)| outcome.as_ref().err().map(String::as_str))
            .next()
    }

    pub(super) fn keep_end(&self, revision: Revision, end: &End) -> Result<(), SavedError> {
        write(&end_file(&self.folder, revision), end)
    }
}

fn harness() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

fn write(path: &Path, value: &impl Serialize) -> Result<(), SavedError> {
    let written = || {
        let folder = path.parent().unwrap_or(Path::new("."));
        let usual = std::fs::Permissions::from_mode(0o666);
        let mut temporary = tempfile::Builder::new()
            .prefix(".mcp-authspec-")
            .permissions(usual)
            .tempfile_in(folder)?;
        let mut text = serde_json::to_vec(value)?;
        text.push(b'\n');
        temporary.write_all(&text)?;
        temporary
            .persist(path)
            .map(|_| ())
            .map_err(|error| error.error)
    };
    written().map_err(|source| SavedError::Write {
        path: path.to_owned(),
        source,
    })
}
