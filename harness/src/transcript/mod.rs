//! What happened in one run: a header and typed events in one total order over all parties.
//!
//! A transcript is all that the judge sees; it serialises to JSON and can be judged again later, by
//! anyone.

mod event;
mod matching;
mod search;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::short_digest;
use crate::scenario::model::Revision;
use crate::words::words;

pub use event::{Event, EventFields};
pub use matching::{Resolver, View};
pub use search::{Haystack, SHORTEST_SECRET};

/// The version of the transcript's JSON form; grows when a reader of the old form would misread the
/// new one.
pub const FORMAT: u32 = 1;

/// Everything recorded of one run of one world.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Transcript {
    /// What was run, where, and with what.
    pub header: Header,
    /// How the run ended.
    pub status: Status,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// The HTTP messages behind the events, in the order of their requests.
    pub exchanges: Vec<Exchange>,
    /// Every secret handed out or seen, in order.
    pub secrets: Vec<Secret>,
    /// How long it took, where that was measured. No verdict rests on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durations: Option<Durations>,
}

/// How long a run took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Durations {
    /// Seconds of the whole run, with what was set up before and cleaned up after.
    pub seconds: f64,
    /// Seconds of each start of the client, in order.
    pub starts: Vec<f64>,
}

/// The circumstances of a run: everything that placeholders stand for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`]
    pub format: u32,
    /// Version of the harness that recorded this.
    pub harness: String,
    /// The case, or the control world's name.
    pub case: String,
    /// Whether this is a control run (an honest world).
    pub control: bool,
    /// The revision that the world spoke; `None` in hand-written transcripts.
    pub revision: Option<Revision>,
    /// What all random values of the run were made from.
    pub seed: String,
    /// Addresses by `party.value`: `as.issuer`, `mcp.url`.
    pub addresses: BTreeMap<String, String>,
    /// The parties by name.
    pub parties: BTreeMap<String, PartyInfo>,
}

impl Header {
    /// The unique text that `{canary.NAME}` stands for in this run.
    pub fn canary(&self, name: &str) -> String {
        let digest = short_digest(format!("{}/{}/{name}", self.seed, self.case));
        format!("canary-{name}-{}", &digest[..16])
    }
}

/// What a reader of the transcript needs to know of a party.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PartyInfo {
    /// `authorization server`, `mcp server`, ...
    pub role: String,
    /// Whether it uses what it catches.
    pub hostile: bool,
}

words! {
    /// How a run ended. Says nothing about verdicts: an adapter may exit non-zero after a flow that
    /// went right on the wire.
    pub enum Status {
        Completed = "completed",
        /// The client had come to rest without ending: nothing more could follow.
        Quiet = "quiet",
        TimedOut = "timed-out",
        Crashed = "crashed",
        SetupFailed = "setup-failed",
        HarnessError = "harness-error",
    }
}

/// A secret: something that only its rightful audience may see.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Secret {
    /// `as.code`
    pub name: String,
    /// Its place among the secrets of that name, from 1.
    pub number: usize,
    /// The secret itself.
    pub value: String,
    /// Index of the event that handed it out (or first showed it).
    pub event: usize,
    /// The parties that take part in the flow in which the client got it, as far as the client can
    /// know.
    pub audience: Vec<String>,
}

impl Secret {
    /// `as.code#1`
    pub fn tag(&self) -> String {
        format!("{}#{}", self.name, self.number)
    }
}

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
    /// A hostile party that uses what it caught.
    Attacker,
}

/// One HTTP request and its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exchange {
    /// Who asked.
    pub actor: Actor,
    /// Which hostile party it was, where an attacker asked.
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

impl Transcript {
    /// The transcript of a client that ended and had done nothing.
    pub const fn of_nothing(header: Header) -> Self {
        Self {
            header,
            status: Status::Completed,
            events: Vec::new(),
            exchanges: Vec::new(),
            secrets: Vec::new(),
            durations: None,
        }
    }

    /// Whether the answer that carried the deviation `name` reached the client, and the index of
    /// the first such event.
    pub fn delivery_of(&self, name: &str) -> Option<usize> {
        self.events
            .iter()
            .position(|e| e.delivered && e.deviations.iter().any(|d| d == name))
    }
}
