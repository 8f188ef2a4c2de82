//! Saved runs: written while the suite runs, and judged again later, by anyone, with the same
//! verdicts.
//!
//! ```text
//! FOLDER/run.json                      what is to be run, with which client and options
//! FOLDER/2026-07-28/cases/*.json       the transcript of each case
//! FOLDER/2026-07-28/controls/*.json    the transcripts of control runs
//! FOLDER/2026-07-28/end.json           how the runs of the revision ended
//! ```
//!
//! `run.json` is written first. The file of a case appears when the case is over, whole or not at
//! all, so a run that is killed loses only the cases that were running. A revision without
//! `end.json` was killed.
//!
//! Transcripts hold the secrets that the mock servers issued. Those secrets have no use, because
//! the servers no longer exist. Verdicts are not saved: they follow from the transcripts.

mod difference;
mod error;
mod file_format;
mod former_format;
mod judged_revision;
mod manifest;
mod merge;
mod paths;
mod run_reader;
mod saved_revision;
mod saved_run;
mod saver;

pub use difference::RunDifference;
pub use error::{ChangedRemedy, Damage, SavedError, SuiteChange};
pub use file_format::SAVED_FORMAT;
pub use judged_revision::JudgedRevision;
pub use manifest::{Manifest, PlannedCase, PlannedRevision, Shards};
pub use merge::merge;
pub use saved_revision::SavedRevision;
pub use saved_run::{SavedRun, WhatIf};
pub use saver::Saver;
