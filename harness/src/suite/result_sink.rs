//! The receiver of results that arrive while a suite runs.

use super::HarnessFault;
use crate::judge::CaseResult;
use crate::scenario::model::Case;
use crate::transcript::Transcript;

/// Receives each transcript and each interim verdict as soon as there is one, for example to save
/// them.
pub trait ResultSink: Sync + std::fmt::Debug {
    /// Receives the transcript of a case or a control run, or the error of the harness that
    /// prevented it. A case that is run again is received again.
    fn receive_run(&self, case: &Case, control: bool, outcome: Result<&Transcript, &HarnessFault>);

    /// Receives the interim verdicts of a case, which rest on the capabilities that the client has
    /// shown so far.
    fn receive_verdicts(&self, result: &CaseResult);
}
