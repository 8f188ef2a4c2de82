//! A run that failed because of the harness.

use serde::{Deserialize, Serialize};

/// A run that failed because of the harness, not because of the client. It never becomes a verdict.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error,
)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum HarnessFault {
    /// The world of a case could not be set up, or its transcript could not be kept.
    #[error("{case} ({message})")]
    RunFailed { case: String, message: String },
    /// The machine ran short of something each time that the case was run.
    #[error("{case} ({message})")]
    Shortage { case: String, message: String },
    /// The task that ran a case panicked.
    #[error("a run that ended in a panic ({message})")]
    Panicked { message: String },
    /// A saved run of a former version describes its fault as a sentence.
    #[error("{text}")]
    Recorded { text: String },
}

impl HarnessFault {
    /// The case whose run failed, if it is known.
    pub fn case(&self) -> Option<&str> {
        match self {
            Self::RunFailed { case, .. } | Self::Shortage { case, .. } => Some(case),
            Self::Panicked { .. } | Self::Recorded { .. } => None,
        }
    }

    /// The error, without the case.
    pub fn message(&self) -> &str {
        match self {
            Self::RunFailed { message, .. }
            | Self::Shortage { message, .. }
            | Self::Panicked { message } => message,
            Self::Recorded { text } => text,
        }
    }
}
