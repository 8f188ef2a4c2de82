//! The events of a run, one JSON object per line, for programs that watch it: `run --events FILE`.
//! The schema is `fixtures/schemas/events.schema.json`.

use serde::Serialize;

use crate::judge::{AttackerGain, CaseResult, CheckResult, Stage};
use crate::report::{Report, Summary};
use crate::scenario::model::Revision;
use crate::transcript::Status;

/// The version of the format. It is raised when a reader of the old format would misread the new
/// one.
pub const EVENT_FORMAT: u32 = 2;

/// One line of the event stream.
#[derive(Debug, Serialize)]
pub struct EventLine<'a> {
    /// Seconds since the run began.
    pub seconds: f64,
    pub revision: Revision,
    #[serde(flatten)]
    pub event: RunEvent<'a>,
}

/// What happened in the run.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum RunEvent<'a> {
    /// The runs of a revision begin.
    Planned {
        /// [`EVENT_FORMAT`]
        format: u32,
        harness: &'a str,
        client: &'a str,
        seed: &'a str,
        /// The part of the run, such as `2/5`; absent for the whole.
        #[serde(skip_serializing_if = "Option::is_none")]
        shard: Option<String>,
        cases: usize,
        /// The number of cases and control runs.
        runs: usize,
    },
    /// A case or a control run begins.
    Started { case: &'a str },
    /// A case or a control run is over, and saved if `--save` was given.
    Finished {
        case: &'a str,
        /// Whether it is only a control run.
        control: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<Status>,
        /// Seconds that it took.
        #[serde(skip_serializing_if = "Option::is_none")]
        took: Option<f64>,
        /// An error of the harness.
        #[serde(skip_serializing_if = "Option::is_none")]
        fault: Option<&'a str>,
    },
    /// A case was judged together with its control run. Capabilities that the client shows in later
    /// cases can still change these verdicts; those of the report are final.
    Judged {
        case: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        stopped: Option<Stage>,
        checks: &'a [CheckResult],
        #[serde(skip_serializing_if = "<[AttackerGain]>::is_empty")]
        gains: &'a [AttackerGain],
    },
    /// The runs of a revision are over.
    Done {
        interrupted: bool,
        exit_code: u8,
        summary: &'a Summary,
    },
}

impl<'a> RunEvent<'a> {
    pub fn judged(result: &'a CaseResult) -> Self {
        Self::Judged {
            case: &result.case,
            stopped: result.stopped,
            checks: &result.checks,
            gains: &result.gains,
        }
    }

    pub fn done(report: &'a Report) -> Self {
        Self::Done {
            interrupted: report.interrupted,
            exit_code: report.exit_code(),
            summary: &report.summary,
        }
    }
}
