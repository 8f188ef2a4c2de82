//! Phrases that several formats share, and the words for what is data elsewhere.

pub(crate) mod case_description;
pub(crate) mod phrases;
