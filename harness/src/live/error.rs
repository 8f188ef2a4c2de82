//! What can go wrong with a live session.

use std::net::SocketAddr;

use crate::saved::SavedError;
use crate::suite::SuiteError;

/// What can go wrong with a live session.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// Nothing was chosen yet.
    #[error("nothing is chosen yet; choose a revision, a kind of client and a plan first")]
    NothingChosen,
    /// The choice was made before.
    #[error(
        "the choice was made before; start `mcp-authspec serve` with another folder for another one"
    )]
    AlreadyChosen,
    /// The plan has no case that such a client can be asked for.
    #[error("the plan has no case for such a client; choose another plan or revision")]
    NothingToRun,
    /// A capability that is not offered.
    #[error("unknown capability `{word}`; expected one of: {known}")]
    UnknownCapability { word: String, known: String },
    /// No run has this number.
    #[error("there is no run {number}; the session lists all runs")]
    NoSuchRun { number: usize },
    /// The run is not open.
    #[error("run {number} is not open; start it first")]
    NotOpen { number: usize },
    /// The run is open already.
    #[error("run {number} is open already; finish or cancel it first")]
    AlreadyOpen { number: usize },
    /// An answer is missing without which the run proves nothing.
    #[error("the question `{question}` has no answer; send one with `answers`")]
    QuestionOpen { question: &'static str },
    /// An answer that the question does not offer.
    #[error("unknown answer `{answer}` to `{question}`; expected one of: {known}")]
    UnknownAnswer {
        question: String,
        answer: String,
        known: String,
    },
    /// A question that does not exist.
    #[error("there is no question `{question}`; the session lists all questions")]
    NoSuchQuestion { question: String },
    #[error(transparent)]
    Saved(#[from] SavedError),
    /// The file with notes and choice cannot be read or written.
    #[error("{path}: {source}")]
    File {
        path: String,
        source: std::io::Error,
    },
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// The machine gives no random numbers.
    #[error("cannot make a random value: {0}")]
    Random(getrandom::Error),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}\n  help: choose another one with --listen")]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
    /// The server ended.
    #[error("the page can no longer be served: {0}")]
    Serve(std::io::Error),
}
