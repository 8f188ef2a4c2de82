//! Phrases that several formats share, and the words for what is data elsewhere.

pub(crate) mod area_name;
pub(crate) mod attested_phrases;
pub(crate) mod baseline_changes;
pub(crate) mod capitalize;
pub(crate) mod case_description;
pub(crate) mod catalogue_phrases;
pub(crate) mod demands;
pub(crate) mod event_phrases;
pub(crate) mod outcome_sentence;
pub(crate) mod phrases;
pub(crate) mod profile_phrases;
pub(crate) mod reasons;
