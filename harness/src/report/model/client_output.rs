//! What a client wrote last: often the shortest way to what went wrong.

use crate::report::model::redactor::Redactor;
use crate::scenario::model::{EventField, EventKind};
use crate::transcript::Transcript;

/// The longest line that is looked at, in bytes: an error message is shorter.
const LONGEST_READ: usize = 4_000;
/// The longest line that is shown, in characters.
const LONGEST_SHOWN: usize = 200;

/// The last lines that its last start wrote to standard error, or else to standard output, without
/// secrets.
pub(crate) fn last_words(run: &Transcript, most: usize) -> Vec<String> {
    let shown = |surface| {
        run.events.iter().rfind(|event| {
            event.kind == EventKind::Display && event.fields.text(EventField::Surface) == surface
        })
    };
    let output = shown("stderr")
        .or_else(|| shown("stdout"))
        .map(|event| event.fields.text(EventField::Contains))
        .unwrap_or_default();
    // colours and tabs are for a terminal
    let plain = |line: &str| {
        anstream::adapter::strip_str(line)
            .to_string()
            .replace('\t', "    ")
    };
    let mut last: Vec<&str> = output
        .lines()
        .rev()
        .filter(|line| !line.trim().is_empty() && line.len() <= LONGEST_READ)
        .take(most)
        .collect();
    last.reverse();
    // what is cut could be half a secret, so it is cut last
    let redacted =
        Redactor::new(run).lines(&last.into_iter().map(plain).collect::<Vec<_>>().join("\n"));
    redacted
        .lines()
        .map(|line| line.chars().take(LONGEST_SHOWN).collect())
        .collect()
}
