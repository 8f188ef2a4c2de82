//! How one start of a client ended.

use crate::words::words;

words! {
    /// How one start of a client ended.
    pub enum ClientOutcome {
        Success = "success",
        Failure = "failure",
        Crash = "crash",
        /// Its time was up, the world had had enough of its requests, or the run was interrupted.
        Killed = "killed",
        /// It had come to rest, so the harness ended it.
        Quiet = "quiet",
        /// It could not be started at all.
        NotStarted = "not-started",
    }
}

impl From<()> for ClientOutcome {
    fn from((): ()) -> Self {
        Self::Success
    }
}
