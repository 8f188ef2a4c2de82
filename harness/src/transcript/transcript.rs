//! The transcript of one run.

use serde::{Deserialize, Serialize};

use super::attestation::Attestation;
use super::event::Event;
use super::exchange::{Actor, Exchange};
use super::header::Header;
use super::secret::Secret;
use super::status::Status;
use super::unsearched::Unsearched;
use crate::scenario::model::EventKind;

/// The version of the transcript's JSON form. It grows when a reader of the old form would misread
/// the new one.
///
/// | version | change |
/// | --- | --- |
/// | 1 | |
/// | 2 | Of output and files, what was found in them and an excerpt are kept. |
pub const FORMAT: u32 = 2;

/// The oldest version that this harness reads.
pub const OLDEST_FORMAT: u32 = 1;

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
    /// What of the client's files and output was not searched.
    #[serde(default, skip_serializing_if = "Unsearched::is_nothing")]
    pub unsearched: Unsearched,
    /// Whether a person drove the client. Its output, its files and its end were not observed then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub driven_by_person: bool,
    /// What the person who drove the client says of the run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attested: Vec<Attestation>,
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

impl Transcript {
    /// Whether the client did anything that a server noticed, were it only to refuse a certificate.
    pub fn has_contact(&self) -> bool {
        let mut exchanges = self.exchanges.iter();
        exchanges.any(|exchange| exchange.actor != Actor::Attacker)
            || self.events.iter().any(|e| e.kind == EventKind::Handshake)
    }

    /// The transcript of a client that did nothing and ended.
    pub const fn of_nothing(header: Header) -> Self {
        Self {
            header,
            status: Status::Completed,
            events: Vec::new(),
            exchanges: Vec::new(),
            secrets: Vec::new(),
            unsearched: Unsearched {
                files: 0,
                output_bytes: 0,
            },
            driven_by_person: false,
            attested: Vec::new(),
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
