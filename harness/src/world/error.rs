//! Why a world could not be set up, run or kept.

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
