//! The outcome of a whole run.

use crate::exit_code;

/// What a run came to, as its exit code says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunOutcome {
    /// All required checks pass.
    Passed,
    /// A requirement failed or was not exercised, a declaration is contradicted, a client did not
    /// end by itself, or a baseline is outdated.
    Failed,
    /// The client could not be run at all.
    NothingRan,
    /// The harness failed.
    HarnessError,
    /// Somebody ended the run.
    Interrupted,
}

impl RunOutcome {
    /// The exit code. 2 is bad usage, which leads to no report.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Passed => exit_code::PASSED,
            Self::Failed => exit_code::FAILED,
            Self::NothingRan => exit_code::CLIENT_NOT_RUN,
            Self::HarnessError => exit_code::HARNESS_ERROR,
            Self::Interrupted => exit_code::INTERRUPTED,
        }
    }
}
