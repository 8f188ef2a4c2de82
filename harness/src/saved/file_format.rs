//! The format of the files of a saved run.

use serde::{Deserialize, Serialize};

use super::former_format;
use crate::judge::NotRunReason;
use crate::suite::{FlakyCase, HarnessFault};
use crate::transcript::Transcript;

/// The version of the format that this harness writes. It is raised when a reader of the old format
/// would misread the new one.
///
/// | version | change |
/// | --- | --- |
/// | 1 | |
/// | 2 | Reasons why cases were not run, and faults of the harness, are data, not sentences. |
/// | 3 | Transcripts have excerpts of output and files. |
pub const SAVED_FORMAT: u32 = 3;

/// The first version whose digests of the suite can be compared with those of today.
pub(super) const FIRST_FORMAT_WITH_DIGESTS: u32 = 2;

/// The oldest version that this harness reads.
pub(super) const OLDEST_FORMAT: u32 = 1;

/// The file of one case, or of one control run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SavedCase {
    /// [`SAVED_FORMAT`]
    pub(super) format: u32,
    /// The version of the harness that recorded this.
    pub(super) harness: String,
    pub(super) case: String,
    /// Seconds from the beginning of the run to the end of this case.
    pub(super) seconds: f64,
    #[serde(flatten)]
    pub(super) outcome: SavedOutcome,
}

/// The outcome of one case or control run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum SavedOutcome {
    Transcript(Box<Transcript>),
    /// The error of the harness that prevented a transcript.
    Fault(String),
}

/// How the runs of one revision ended.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RevisionEnd {
    /// [`SAVED_FORMAT`]
    pub(super) format: u32,
    /// The version of the harness that recorded this.
    pub(super) harness: String,
    pub(super) seconds: f64,
    /// Whether the user ended the run before every case was run.
    pub(super) interrupted: bool,
    /// Why the cases that have no file were not run.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "former_format::deserialize_reason"
    )]
    pub(super) stopped: Option<NotRunReason>,
    /// Runs that failed because of the harness.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "former_format::deserialize_faults"
    )]
    pub(super) faults: Vec<HarnessFault>,
    /// Cases that failed and passed when they were run again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) flaky: Vec<FlakyCase>,
    /// The port on which the client always listens for its callback, if that was noticed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) fixed_callback_port: Option<u16>,
}

/// The version of the harness, as it is written to files.
pub(super) fn harness_version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
