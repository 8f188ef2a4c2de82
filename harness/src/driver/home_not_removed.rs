//! The error of a client's home that is still there after a run.

/// A client's home could not be removed.
#[derive(Debug, thiserror::Error)]
#[error("cannot remove the client's folder {folder}: {source}\n  help: remove it by hand")]
pub struct HomeNotRemoved {
    pub folder: String,
    pub source: std::io::Error,
}
