//! What happens in a run, one JSON object a line, for programs that watch: `run --events FILE`. The
//! schema is `fixtures/schemas/events.schema.json`.

use serde::Serialize;

use crate::judge::{CaseResult, CheckResult, Stage};
use crate::report::{Report, Summary};
use crate::scenario::model::Revision;
use crate::transcript::Status;

/// The version of the lines; grows when a reader of the old form would misread the new one.
pub const FORMAT: u32 = 1;

/// One line.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    /// Since the run began.
    pub seconds: f64,
    pub revision: Revision,
    #[serde(flatten)]
    pub event: Event<'a>,
}

/// What happened.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event<'a> {
    /// The runs of a revision begin.
    Planned {
        /// [`FORMAT`]
        format: u32,
        harness: &'a str,
        client: &'a str,
        seed: &'a str,
        /// `2/5`; absent if this is all.
        #[serde(skip_serializing_if = "Option::is_none")]
        shard: Option<String>,
        cases: usize,
        /// Cases and control runs.
        runs: usize,
    },
    /// A case or a control run begins.
    Started { case: &'a str },
    /// A case or a control run is over, and saved if it is to be.
    Finished {
        case: &'a str,
        /// It says something about others only.
        control: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<Status>,
        /// How long it took.
        #[serde(skip_serializing_if = "Option::is_none")]
        took: Option<f64>,
        /// An error of the harness.
        #[serde(skip_serializing_if = "Option::is_none")]
        fault: Option<&'a str>,
    },
    /// A case and its control run are over. What other cases show of the client may change a
    /// verdict still; the report is final.
    Judged {
        case: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        stopped: Option<Stage>,
        checks: &'a [CheckResult],
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        gains: &'a [String],
    },
    /// The runs of a revision are over.
    Done {
        interrupted: bool,
        exit_code: u8,
        summary: &'a Summary,
    },
}

impl<'a> Event<'a> {
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
