//! Reads requests and answers: the fields of events that scenarios talk about, by subject.

pub(super) mod answer;
pub(super) mod authorization;
pub(super) mod browser_open;
pub(super) mod callback_page;
pub(super) mod dpop;
pub(super) mod fields;
pub(super) mod mcp;
pub(super) mod registration;
pub(super) mod request;
pub(super) mod token;
