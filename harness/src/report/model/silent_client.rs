//! A client that has sent nothing to any server: what is known of it is how it ended, and its last
//! words.

use crate::report::model::client_output::last_words;
use crate::report::model::printable_text::{PrintableText, printable_texts};
use crate::scenario::model::{EventField, EventKind};
use crate::suite::Record;
use crate::transcript::{Status, Transcript};
use serde::{Deserialize, Serialize};

/// Lines of its output that are shown.
const LAST_WORDS: usize = 8;

/// A client that has sent nothing in any run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SilentClient {
    /// How many runs there were.
    pub runs: usize,
    /// Whether each of them ended in an error of the client's: it could not be run at all.
    pub broken: bool,
    /// The last lines that it wrote in the first of them.
    pub last_words: Vec<PrintableText>,
}

impl SilentClient {
    /// `None`: there was no run, or the client has sent something.
    pub(crate) fn of(record: &Record) -> Option<Self> {
        let scored = record
            .cases
            .iter()
            .filter_map(|(_, outcome)| outcome.as_ref().ok());
        let runs: Vec<&Transcript> = scored
            .chain(record.controls.values().map(|(_, transcript)| transcript))
            .collect();
        let first = runs.first()?;
        let silent = !runs.iter().any(|run| run.has_contact());
        silent.then(|| Self {
            runs: runs.len(),
            broken: runs.iter().all(|run| ended_in_error(run)),
            last_words: printable_texts(last_words(first, LAST_WORDS)),
        })
    }
}

fn ended_in_error(run: &Transcript) -> bool {
    let last = run
        .events
        .iter()
        .rfind(|event| event.kind == EventKind::ClientFinished);
    run.status == Status::SetupFailed
        || last.is_some_and(|event| {
            matches!(event.fields.text(EventField::Outcome), "failure" | "crash")
        })
}
