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
    /// Fewer runs take place at the same time than the user wants.
    #[error(
        "{jobs} instead of {wanted} clients run at the same time, because there are few file \
         descriptors\n  help: raise the limit, for example with `ulimit -n 1024`"
    )]
    FewerJobs {
        /// What the user wants.
        wanted: usize,
        /// How many run at the same time.
        jobs: usize,
    },
    /// The client always listens for its callback on the same port.
    #[error(
        "the client always listens for its callback on port {port}, so its runs take place one by \
         one from now on, and those that overlapped are made again"
    )]
    OneByOne {
        /// The port.
        port: u16,
    },
    /// A client's folder is still there after the run.
    #[error(transparent)]
    HomeNotRemoved(#[from] HomeNotRemoved),
}
