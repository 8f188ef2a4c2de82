//! Errors that end a command before there is anything to report.

use std::path::Path;

use crate::certificate::CertificateError;
use crate::driver::{CommandError, HelloError};
use crate::exit_code::{BAD_INPUT, CLIENT_NOT_RUN, FAILED, HARNESS_ERROR};
use crate::live::LiveError;
use crate::machine::DescriptorLimit;
use crate::saved::SavedError;
use crate::suite::SuiteError;

/// What went wrong before there was anything to report.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The user asked for something that cannot be done. The text says what to do instead.
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Command(#[from] CommandError),
    /// A client file has errors. All of them are listed with their places.
    #[error("{0}")]
    ClientFile(String),
    #[error(transparent)]
    Hello(#[from] HelloError),
    #[error("cannot load the built-in suite:\n{0}")]
    Suite(#[from] SuiteError),
    #[error(
        "cannot write {what}: {source}\n  \
         help: choose another place, or leave the option out to print the report"
    )]
    Write {
        what: String,
        source: std::io::Error,
    },
    #[error(
        "cannot make a temporary folder in {folder}: {source}\n  \
         help: set TMPDIR to a folder that exists, has room and can be written to"
    )]
    TemporaryFolder {
        folder: String,
        source: std::io::Error,
    },
    #[error(transparent)]
    Descriptors(#[from] DescriptorLimit),
    /// Scenario files of the user have errors. All of them are listed with their places.
    #[error("--scenarios: not all of these files can be used\n{0}")]
    Scenarios(String),
    #[error("cannot read {path}: {source}")]
    Read {
        path: String,
        source: std::io::Error,
    },
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    #[error(transparent)]
    Live(#[from] LiveError),
    #[error(transparent)]
    Saved(#[from] SavedError),
    /// The harness failed.
    #[error("{0}")]
    Harness(String),
}

impl CliError {
    pub(super) fn read(path: &Path, source: std::io::Error) -> Self {
        Self::Read {
            path: path.display().to_string(),
            source,
        }
    }

    pub(super) fn write(path: &Path, source: std::io::Error) -> Self {
        Self::Write {
            what: path.display().to_string(),
            source,
        }
    }

    /// No folder for temporary files could be made.
    pub(super) fn temporary_folder(source: std::io::Error) -> Self {
        Self::TemporaryFolder {
            folder: std::env::temp_dir().display().to_string(),
            source,
        }
    }

    /// An error that no input of the user explains.
    pub(super) fn harness(error: impl std::fmt::Display) -> Self {
        Self::Harness(error.to_string())
    }

    /// The exit code: an error that the user can correct, a client program that does not exist, or
    /// a failure of the harness.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_)
            | Self::ClientFile(_)
            | Self::Scenarios(_)
            | Self::Write { .. }
            | Self::TemporaryFolder { .. }
            | Self::Descriptors(_)
            | Self::Read { .. }
            | Self::Live(_)
            | Self::Saved(_) => BAD_INPUT,
            Self::Command(CommandError::NoSuchProgram(_)) | Self::Hello(_) => CLIENT_NOT_RUN,
            Self::Command(_) => BAD_INPUT,
            Self::Certificate(error) if error.is_refutation() => FAILED,
            Self::Certificate(_) => BAD_INPUT,
            Self::Suite(_) | Self::Harness(_) => HARNESS_ERROR,
        }
    }
}
