//! The TOML format of baselines: a table of what fails and why.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::baseline::{Baseline, BaselineEntry};
use super::baseline_target::BaselineTarget;
use super::error::{BaselineError, BaselineProblem};
use crate::scenario::line_and_column;
use crate::scenario::model::Revision;
use crate::suite::Suite;

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BaselineFile {
    #[serde(default)]
    known: BTreeMap<Spanned<String>, EntryValue>,
}

/// The value of an entry: a reason, or a reason with revisions.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a reason in quotes, or { reason = \"...\", spec = [\"REVISION\"] }"
)]
enum EntryValue {
    Reason(String),
    ReasonInRevisions(ReasonInRevisions),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReasonInRevisions {
    reason: String,
    #[serde(default)]
    spec: Option<Vec<Revision>>,
}

/// One entry as it is written, valid or not.
pub(super) struct Line {
    pub(super) written: String,
    pub(super) line: usize,
    pub(super) reason: String,
    pub(super) revisions: Option<Vec<Revision>>,
}

/// Reads a baseline and checks every entry.
pub(super) fn parse(file: &str, text: &str, suite: &Suite) -> Result<Baseline, Vec<BaselineError>> {
    let mut entries: Vec<BaselineEntry> = Vec::new();
    let mut errors = Vec::new();
    for line in read_lines(file, text).map_err(|error| vec![error])? {
        match check_line(&line, suite) {
            Ok(entry) => match entries.iter().find(|other| overlap(other, &entry)) {
                Some(earlier) => errors.push(overlap_of(earlier, &entry).at(file, entry.line)),
                None => entries.push(entry),
            },
            Err(problem) => errors.push(problem.at(file, line.line)),
        }
    }
    if errors.is_empty() {
        Ok(Baseline {
            file: file.to_owned(),
            entries,
            notes: Vec::new(),
        })
    } else {
        Err(errors)
    }
}

/// Reads the entries of a file, in the order of their lines.
pub(super) fn read_lines(file: &str, text: &str) -> Result<Vec<Line>, BaselineError> {
    let line_of = |byte: usize| line_and_column(text, byte).0;
    let content: BaselineFile = toml::from_str(text).map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_of(span.start));
        BaselineError {
            line,
            ..not_toml(file, error.message())
        }
    })?;
    let mut lines: Vec<Line> = Vec::new();
    for (key, value) in content.known {
        let line = line_of(key.span().start);
        let (reason, revisions) = match value {
            EntryValue::Reason(reason) => (reason, None),
            EntryValue::ReasonInRevisions(value) => (value.reason, value.spec),
        };
        lines.push(Line {
            written: key.into_inner(),
            line,
            reason,
            revisions,
        });
    }
    lines.sort_by_key(|line| line.line);
    Ok(lines)
}

/// An error of the TOML parser, at the first line.
pub(super) fn not_toml(file: &str, message: &str) -> BaselineError {
    let message = message.replace('\n', " ");
    BaselineProblem::NotToml { message }.at(file, 1)
}

fn check_line(line: &Line, suite: &Suite) -> Result<BaselineEntry, BaselineProblem> {
    let entry = line.written.clone();
    let target = BaselineTarget::parse(&line.written, suite)?;
    if line.reason.trim().is_empty() {
        return Err(BaselineProblem::NoReason { entry });
    }
    if !is_reason(&line.reason) {
        let reason = line.reason.clone();
        return Err(BaselineProblem::EmptyReason { entry, reason });
    }
    if let Some(revisions) = &line.revisions {
        let possible = target.revisions(suite);
        if let Some(&revision) = revisions
            .iter()
            .find(|revision| !possible.contains(revision))
        {
            return Err(BaselineProblem::WrongRevision {
                entry,
                revision,
                possible,
            });
        }
        if revisions.is_empty() {
            return Err(BaselineProblem::NoRevision { entry });
        }
    }
    Ok(BaselineEntry {
        written: entry,
        line: line.line,
        target,
        reason: line.reason.trim().to_owned(),
        revisions: line.revisions.clone(),
    })
}

/// Whether a text gives a reason, instead of saying that one is to follow.
pub(super) fn is_reason(text: &str) -> bool {
    const NOTES_TO_SELF: [&str; 4] = ["todo", "fixme", "tbd", "xxx"];
    const EMPTY_WORDS: [&str; 5] = ["reason", "why", "unknown", "none", "n/a"];
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != '/')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    match words.as_slice() {
        [] => false,
        [first, ..] if NOTES_TO_SELF.contains(&first.as_str()) => false,
        [only] => !EMPTY_WORDS.contains(&only.as_str()),
        _ => true,
    }
}

/// Whether one of two entries covers everything that the other does, in a revision of both.
fn overlap(a: &BaselineEntry, b: &BaselineEntry) -> bool {
    let share_revision = Revision::ALL
        .iter()
        .any(|revision| a.holds_in(*revision) && b.holds_in(*revision));
    share_revision && (a.target.includes(&b.target) || b.target.includes(&a.target))
}

fn overlap_of(earlier: &BaselineEntry, later: &BaselineEntry) -> BaselineProblem {
    BaselineProblem::Overlap {
        entry: later.written.clone(),
        earlier: earlier.written.clone(),
        earlier_line: earlier.line,
    }
}
