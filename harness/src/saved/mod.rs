//! Runs that are kept: written while they run, so that whatever ends a run loses no more than the
//! cases in flight, and judged again later, by anyone, with the same verdicts.
//!
//! ```text
//! DIR/run.json                      what is to be run, by whom, how: written first
//! DIR/2026-07-28/cases/*.json       what happened in each case: written when it is over, each whole or not at all
//! DIR/2026-07-28/controls/*.json    the same for control runs
//! DIR/2026-07-28/end.json           how it ended: a run without it was ended by force
//! ```
//!
//! Transcripts hold the secrets that the mock servers handed out. They are worth nothing: the
//! servers are gone. Verdicts are not kept; they follow from the transcripts.

mod error;
mod manifest;
mod merge;
mod read;
mod write;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::scenario::model::Revision;
use crate::suite::FlakyCase;
use crate::transcript::Transcript;

pub use error::SavedError;
pub use manifest::{Manifest, Planned, PlannedCase, Shards};
pub use merge::merge;
pub use read::{SavedRevision, SavedRun, WhatIf};
pub use write::Saver;

/// The version of the files; grows when a reader of the old form would misread the new one.
pub const FORMAT: u32 = 1;

/// One case, or one control run, that is over.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    /// [`FORMAT`]
    format: u32,
    /// Version of the harness that recorded this.
    harness: String,
    case: String,
    /// Since the run began.
    seconds: f64,
    #[serde(flatten)]
    outcome: Outcome,
}

/// What came of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Transcript(Box<Transcript>),
    /// An error of the harness.
    Fault(String),
}

/// How the runs of one revision ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    /// [`FORMAT`]
    format: u32,
    /// Version of the harness that recorded this.
    harness: String,
    seconds: f64,
    /// Whether somebody ended it before all was run.
    interrupted: bool,
    /// Why the cases that have no file were not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stopped: Option<String>,
    /// Errors of the harness.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    faults: Vec<String>,
    /// Cases that failed and then passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    flaky: Vec<FlakyCase>,
}

fn manifest_file(folder: &Path) -> PathBuf {
    folder.join("run.json")
}

fn end_file(folder: &Path, revision: Revision) -> PathBuf {
    folder.join(revision.as_str()).join("end.json")
}

fn case_file(folder: &Path, revision: Revision, case: &str) -> PathBuf {
    folder
        .join(revision.as_str())
        .join("cases")
        .join(file_name(case))
}

/// The file of the control run of the world of `case`.
fn control_file(folder: &Path, revision: Revision, case: &str) -> PathBuf {
    folder
        .join(revision.as_str())
        .join("controls")
        .join(file_name(case))
}

/// `iss.two-values.both.json`: no two ids share a name, and none leads to another folder.
fn file_name(case: &str) -> String {
    let mut name = String::new();
    for byte in case.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(char::from(byte)),
            b'/' => name.push('.'),
            other => name.push_str(&format!("%{other:02x}")),
        }
    }
    name + ".json"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::file_name;

    #[test]
    fn names_can_be_read() {
        assert_eq!(file_name("iss/two-values/both"), "iss.two-values.both.json");
        assert_eq!(file_name("../etc/Passwd"), "%2e%2e.etc.%50asswd.json");
    }

    proptest! {
        #[test]
        fn no_two_ids_share_a_name(a in ".{0,12}", b in ".{0,12}") {
            prop_assert!(!file_name(&a).contains('/'));
            prop_assert_eq!(a == b, file_name(&a) == file_name(&b));
        }
    }
}
