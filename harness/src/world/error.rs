//! Why a world could not be set up, run or kept.

use crate::machine::Shortage;

/// Why a world could not be set up, run or kept.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// No port was available.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was tried.
        address: String,
        source: std::io::Error,
    },
    /// The machine has run short of something, so the run says nothing about the client.
    #[error("the machine ran short: {0}\n  help: {help}", help = .0.remedy())]
    Shortage(Shortage),
    /// The client's home could not be made.
    #[error("cannot make a home for the client: {0}")]
    Home(std::io::Error),
    /// The code that answers requests panicked.
    #[error("the handling of a request panicked: {0}")]
    Panicked(String),
    /// The case describes something that cannot be set up.
    #[error("cannot set up the world of {case}: {problem}")]
    Setup { case: String, problem: String },
    /// The files of a run could not be kept.
    #[error("cannot keep the run in {folder}: {source}\n  help: choose another place with --keep")]
    Keep {
        /// The folder that was chosen.
        folder: String,
        source: std::io::Error,
    },
}

impl WorldError {
    /// What the machine has run short of, if that is the reason.
    pub fn shortage(&self) -> Option<Shortage> {
        match self {
            Self::Shortage(shortage) => Some(*shortage),
            // every port of the range was tried
            Self::Listen { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse => {
                Some(Shortage::Ports)
            }
            Self::Listen { source, .. } | Self::Keep { source, .. } | Self::Home(source) => {
                Shortage::of(source)
            }
            Self::Setup { .. } | Self::Panicked(_) => None,
        }
    }
}
