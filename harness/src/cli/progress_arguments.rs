//! The options that say how patient a run is and what is shown meanwhile.

use clap::{Args, ValueEnum};

use super::option_values::Seconds;
use crate::suite::DEFAULT_GRACE;

/// Options about patience and progress.
#[derive(Debug, Args)]
pub(super) struct ProgressArguments {
    /// Seconds that a client must have been at rest until its start is taken to be over, if it does
    /// not end by itself
    ///
    /// At rest means: no request, no page loading in the browser, no answer that a server holds
    /// back on purpose, no output, all threads asleep, and next to no processor time used. A client
    /// that waits for a processor is not asleep, so an overloaded machine does not end a start.
    ///
    /// When everything that a scenario asks for has happened, the start is over after this time.
    /// While something is missing, the client may be waiting for a timer of its own, and gets four
    /// times as long. It is then told to end (end of input and SIGTERM), killed if it does not, and
    /// judged by what it did: its status is `quiet`, which is not a failure.
    ///
    /// A client that is not at rest has until --timeout. The same holds for every client where rest
    /// cannot be observed: it can be on Linux, for clients that are processes.
    #[arg(long, value_name = "SECONDS", default_value_t = Seconds(DEFAULT_GRACE))]
    pub(super) grace: Seconds,
    /// End the run at the first case that fails. Failures that --baseline lists or --requirements
    /// does not score do not end it
    #[arg(long)]
    pub(super) fail_fast: bool,
    /// Run a case that fails again, at most N times; a case that then passes is reported as flaky
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) retries: u32,
    /// What is printed to standard error while the suite runs
    #[arg(long, value_enum, default_value_t = ProgressForm::Auto)]
    pub(super) progress: ProgressForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ProgressForm {
    /// A progress bar on a terminal; elsewhere a line every half minute
    Auto,
    /// A line for each run that is over, and for each failure
    Plain,
    /// Nothing
    None,
}
