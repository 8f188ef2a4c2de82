//! What a person should know of a run, although no transcript says it.

use super::home_not_removed::HomeNotRemoved;

/// What a person should know of a run, although no transcript says it. The run goes on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunNotice {
    /// A client did not follow the protocol of persistent mode. The scenario counts as crashed.
    #[error("{case}: the client does not follow the protocol of persistent mode: {problem}")]
    ProtocolViolation {
        /// The id of the case.
        case: String,
        /// What the client did.
        problem: String,
    },
    /// A client's folder is still there after the run.
    #[error(transparent)]
    HomeNotRemoved(#[from] HomeNotRemoved),
}
