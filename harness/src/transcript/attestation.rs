//! What a person says of a run that no server could observe.

use serde::{Deserialize, Serialize};

/// The answer of the person who drove the client to a question about the run. It is attested, not
/// observed: no check passes by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// The id of the question.
    pub question: String,
    /// The question as it was asked.
    pub asked: String,
    /// The answer.
    pub answer: String,
}
