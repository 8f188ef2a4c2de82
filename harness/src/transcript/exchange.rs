//! The HTTP messages of a run.

use serde::{Deserialize, Serialize};

/// Who sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// The client under test.
    Client,
    /// The browser that the client opened.
    UserAgent,
    /// The browser, sent on by a server that should not have.
    Relayed,
    /// A hostile party that uses a secret that it got hold of.
    Attacker,
}

/// One HTTP request and its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exchange {
    /// Who sent the request.
    pub actor: Actor,
    /// The hostile party that sent it, if an attacker did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thief: Option<String>,
    /// The party that answered; `None`: the client's own callback listener.
    pub party: Option<String>,
    /// The request's method.
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Request headers.
    pub headers: Vec<(String, String)>,
    /// Request body, cut at a bound.
    pub body: String,
    /// Status of the answer; `None`: the answer was lost on purpose.
    pub status: Option<u16>,
    /// Answer headers.
    pub answer_headers: Vec<(String, String)>,
    /// Answer body, cut at a bound.
    pub answer_body: String,
    /// Why the server answered like this, in a few words.
    pub note: String,
}
