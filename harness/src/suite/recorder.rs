//! Whoever keeps what a run brings while it goes on.

use crate::judge::CaseResult;
use crate::scenario::model::Case;
use crate::transcript::Transcript;

/// Is told of results as they come.
pub trait Recorder: Sync + std::fmt::Debug {
    /// A case is over, or a control run; a case that is run again comes again. An error is one of
    /// the harness.
    fn over(&self, case: &Case, control: bool, outcome: Result<&Transcript, &str>);

    /// A case has been judged, as far as the capabilities go that the client has shown so far.
    fn judged(&self, result: &CaseResult);
}
