//! A client that has sent nothing to any server: what is known of it is how it ended, and its last words.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::scenario::model::EventKind;
use crate::suite::Record;
use crate::transcript::{Event, Status, Transcript};

/// Lines of its output that are shown.
const LAST_WORDS: usize = 8;
/// The longest line that is shown, in characters.
const LONGEST_LINE: usize = 200;

/// A client that has sent nothing in any run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// How many runs there were.
    pub runs: usize,
    /// Whether each of them ended in an error of the client's: it could not be run at all.
    pub broken: bool,
    /// The last lines that it wrote in the first of them.
    pub last_words: Vec<String>,
}

impl Silence {
    /// `None`: there was no run, or the client has sent something.
    pub(super) fn of(record: &Record) -> Option<Self> {
        let scored = record.cases.iter().filter_map(|(_, outcome)| outcome.as_ref().ok());
        let runs: Vec<&Transcript> = scored.chain(record.controls.values().map(|(_, transcript)| transcript)).collect();
        let first = runs.first()?;
        let silent = runs.iter().all(|run| run.exchanges.is_empty());
        silent.then(|| Self { runs: runs.len(), broken: runs.iter().all(|run| ended_in_error(run)), last_words: last_words(first) })
    }
}

fn ended_in_error(run: &Transcript) -> bool {
    let last = run.events.iter().rfind(|event| event.kind == EventKind::ClientFinished);
    run.status == Status::SetupFailed || last.is_some_and(|event| matches!(text(event, "outcome"), "failure" | "crash"))
}

/// What it wrote to standard error, or else to standard output.
pub(crate) fn last_words(run: &Transcript) -> Vec<String> {
    let shown = |surface: &str| -> String {
        let events = run.events.iter().filter(|event| event.kind == EventKind::Display && text(event, "surface") == surface);
        events.map(|event| text(event, "contains")).collect::<Vec<_>>().join("\n")
    };
    let output = Some(shown("stderr")).filter(|text| !text.is_empty()).unwrap_or_else(|| shown("stdout"));
    let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.iter().skip(lines.len().saturating_sub(LAST_WORDS));
    // what moves the cursor of a terminal is not for a report
    last.map(|line| line.chars().filter(|c| !c.is_control() || *c == '\t').take(LONGEST_LINE).collect()).collect()
}

fn text<'a>(event: &'a Event, field: &str) -> &'a str {
    event.fields.get(field).and_then(Json::as_str).unwrap_or_default()
}
