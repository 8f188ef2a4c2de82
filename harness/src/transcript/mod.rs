//! What happened in one run: a header and typed events in one total order over all parties.
//!
//! A [`Transcript`] is all that the judge sees. It is written as JSON, and anyone can judge it
//! again later.

mod attestation;
mod event;
mod exchange;
mod field_value;
mod filters;
mod haystack;
mod header;
mod matching;
mod randomness;
mod search;
mod secret;
mod shared_values;
mod status;
#[allow(clippy::module_inception)] // the file is named after the one public type in it
mod transcript;
mod unsearched;

pub use attestation::Attestation;
pub use event::{Event, EventFields};
pub use exchange::{Actor, Exchange};
pub use haystack::{Haystack, SHORTEST_SECRET};
pub use header::{Header, PartyInfo};
pub use matching::{Resolver, View};
pub use search::{EvidenceSearch, FoundEvidence, SoughtTexts};
pub use secret::Secret;
pub use shared_values::SharedValues;
pub use status::Status;
pub use transcript::{Durations, FORMAT, OLDEST_FORMAT, Transcript};
pub use unsearched::Unsearched;
