//! Where a client process starts.

use std::path::{Path, PathBuf};
use std::str::FromStr;

/// Where a client process starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum WorkingDirectory {
    /// Where the harness was started. Adapters are run by `npm run`, `python -m` or `uv run`, which
    /// look for the project there.
    #[default]
    Inherited,
    /// An empty folder in the run's sandbox.
    Own,
    /// This folder.
    At(PathBuf),
}

/// A text does not name a working directory.
#[derive(Debug, thiserror::Error)]
pub enum WorkingDirectoryError {
    /// There is no such folder.
    #[error(
        "cannot find the folder `{0}`\n  help: give an existing folder, `inherit` for the current \
         one, or `sandbox` for an empty one"
    )]
    NoSuchFolder(String),
    /// The folder's absolute path cannot be determined.
    #[error("cannot determine the absolute path of the folder `{folder}`: {source}")]
    NotAbsolute {
        folder: String,
        source: std::io::Error,
    },
}

impl FromStr for WorkingDirectory {
    type Err = WorkingDirectoryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "inherit" => Ok(Self::Inherited),
            "sandbox" => Ok(Self::Own),
            folder if Path::new(folder).is_dir() => std::path::absolute(folder)
                .map(Self::At)
                .map_err(|source| WorkingDirectoryError::NotAbsolute {
                    folder: folder.to_owned(),
                    source,
                }),
            other => Err(WorkingDirectoryError::NoSuchFolder(other.to_owned())),
        }
    }
}
