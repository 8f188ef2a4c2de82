//! The file in which a live session keeps what a saved run has no place for: the choice, notes, and
//! what was skipped. Everything else is in the saved run beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::choice::Choice;
use super::error::LiveError;

/// The version of the file's format.
const FORMAT: u32 = 1;

/// What is kept of a live session besides its transcripts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionFile {
    format: u32,
    pub(super) choice: Choice,
    /// Notes by the id of the case or control run.
    #[serde(default)]
    pub(super) notes: BTreeMap<String, String>,
    /// The ids of cases and control runs that were skipped.
    #[serde(default)]
    pub(super) skipped: BTreeSet<String>,
}

impl SessionFile {
    pub(super) const fn new(choice: Choice) -> Self {
        Self {
            format: FORMAT,
            choice,
            notes: BTreeMap::new(),
            skipped: BTreeSet::new(),
        }
    }

    /// Reads the file of a folder; `None` if there is none.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, LiveError> {
        let path = path_in(folder);
        let text = match std::fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(file_error(&path, error)),
        };
        let file: Self =
            serde_json::from_slice(&text).map_err(|error| file_error(&path, error.into()))?;
        if file.format != FORMAT {
            let problem = format!(
                "format {} is unknown; this version reads format {FORMAT}",
                file.format
            );
            return Err(file_error(&path, std::io::Error::other(problem)));
        }
        Ok(Some(file))
    }

    /// Writes the file whole or not at all.
    pub(super) fn write(&self, folder: &Path) -> Result<(), LiveError> {
        let path = path_in(folder);
        self.write_to(&path, folder)
            .map_err(|error| file_error(&path, error))
    }

    fn write_to(&self, path: &Path, folder: &Path) -> std::io::Result<()> {
        let mut temporary = tempfile::Builder::new()
            .prefix(".mcp-authspec-")
            .tempfile_in(folder)?;
        temporary.write_all(&serde_json::to_vec_pretty(self)?)?;
        temporary
            .persist(path)
            .map(|_| ())
            .map_err(|error| error.error)
    }
}

fn path_in(folder: &Path) -> PathBuf {
    folder.join("live.json")
}

fn file_error(path: &Path, source: std::io::Error) -> LiveError {
    LiveError::File {
        path: path.display().to_string(),
        source,
    }
}
