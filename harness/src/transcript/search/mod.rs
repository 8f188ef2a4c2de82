//! Searches what a client wrote or left, however much it is, for secrets and for texts that the
//! scenario looks for.
//!
//! A text goes in as a stream. Out comes what was found in it, and an excerpt of bounded length.
//! Every encoding of every secret is searched for in one pass, so the cost depends on the length of
//! the text alone.

mod encoded_forms;
mod evidence_search;
mod excerpt;
mod sought_texts;

pub use evidence_search::{EvidenceSearch, FoundEvidence};
pub use sought_texts::SoughtTexts;
