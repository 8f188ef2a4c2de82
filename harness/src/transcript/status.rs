//! How a run ended.

use crate::words::words;

words! {
    /// How a run ended. It does not decide about verdicts: an adapter may exit with an error after
    /// a flow that was right on the wire.
    pub enum Status {
        Completed = "completed",
        /// The client had become idle without ending, so that nothing more could follow.
        Quiet = "quiet",
        TimedOut = "timed-out",
        Crashed = "crashed",
        SetupFailed = "setup-failed",
        HarnessError = "harness-error",
    }
}
