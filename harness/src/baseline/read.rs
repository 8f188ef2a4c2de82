//! Our own form: a TOML table of what fails and why.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::error::{BaselineError, Problem};
use super::target::Target;
use super::{Baseline, Entry};
use crate::scenario::line_and_column;
use crate::scenario::model::Revision;
use crate::suite::Suite;

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    known: BTreeMap<Spanned<String>, Written>,
}

/// A reason, or a reason and more.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a reason in quotes, or { reason = \"...\", spec = [\"REVISION\"] }"
)]
enum Written {
    Reason(String),
    More(More),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct More {
    reason: String,
    #[serde(default)]
    spec: Option<Vec<Revision>>,
}

/// One line of the file, whether or not it is right.
pub(super) struct Line {
    pub(super) written: String,
    pub(super) line: usize,
    pub(super) reason: String,
    pub(super) revisions: Option<Vec<Revision>>,
}

pub(super) fn parse(file: &str, text: &str, suite: &Suite) -> Result<Baseline, Vec<BaselineError>> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut errors = Vec::new();
    for line in lines(file, text).map_err(|error| vec![error])? {
        match entry(&line, suite) {
            Ok(entry) => match entries.iter().find(|other| overlap(other, &entry)) {
                Some(other) => errors.push(said_twice(other, &entry).at(file, entry.line)),
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

/// The lines of a file, in its order.
pub(super) fn lines(file: &str, text: &str) -> Result<Vec<Line>, BaselineError> {
    let line_of = |byte: usize| line_and_column(text, byte).0;
    let read: File = toml::from_str(text).map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_of(span.start));
        BaselineError {
            line,
            ..not_toml(file, error.message())
        }
    })?;
    let mut lines: Vec<Line> = Vec::new();
    for (key, written) in read.known {
        let line = line_of(key.span().start);
        let (reason, revisions) = match written {
            Written::Reason(reason) => (reason, None),
            Written::More(more) => (more.reason, more.spec),
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

/// An error of the first line; the caller knows better.
pub(super) fn not_toml(file: &str, message: &str) -> BaselineError {
    let help = "an entry is `\"SCENARIO:REQUIREMENT\" = \"reason\"` below `[known]`";
    Problem::new(message.replace('\n', " "), help).at(file, 1)
}

fn entry(line: &Line, suite: &Suite) -> Result<Entry, Problem> {
    let target = Target::parse(&line.written, suite)?;
    if !is_reason(&line.reason) {
        let said = if line.reason.trim().is_empty() {
            "has no reason".to_owned()
        } else {
            format!("has `{}` for a reason", line.reason)
        };
        return Err(Problem::new(
            format!("`{}` {said}", line.written),
            "say why it is not mended yet, or where that is discussed",
        ));
    }
    if let Some(revisions) = &line.revisions {
        let possible = target.revisions(suite);
        if let Some(odd) = revisions
            .iter()
            .find(|revision| !possible.contains(revision))
        {
            let words: Vec<&str> = possible.iter().map(|revision| revision.as_str()).collect();
            return Err(Problem::new(
                format!("`{}` says nothing in {odd}", line.written),
                format!("it does in {}", words.join(", ")),
            ));
        }
        if revisions.is_empty() {
            return Err(Problem::new(
                format!("`{}` has an empty list of revisions", line.written),
                "leave `spec` out: it fails in all",
            ));
        }
    }
    Ok(Entry {
        written: line.written.clone(),
        line: line.line,
        target,
        reason: line.reason.trim().to_owned(),
        revisions: line.revisions.clone(),
    })
}

/// Whether a text tells why. A note to write one later does not.
pub(super) fn is_reason(text: &str) -> bool {
    const LATER: [&str; 9] = [
        "todo", "fixme", "tbd", "xxx", "reason", "why", "unknown", "none", "n/a",
    ];
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != '/')
        .map(str::to_lowercase)
        .filter(|w| !w.is_empty())
        .collect();
    match words.as_slice() {
        [] => false,
        [only] => !LATER.contains(&only.as_str()),
        [first, ..] => !LATER[..4].contains(&first.as_str()),
    }
}

/// Whether two entries cover the same check in the same revision, one of them all that the other
/// does.
pub(super) fn overlap(a: &Entry, b: &Entry) -> bool {
    let shared = Revision::ALL
        .iter()
        .any(|revision| a.holds_in(*revision) && b.holds_in(*revision));
    shared && (a.target.includes(&b.target) || b.target.includes(&a.target))
}

fn said_twice(earlier: &Entry, later: &Entry) -> Problem {
    Problem::new(
        format!(
            "`{}` and `{}` (line {}) expect the same failure",
            later.written, earlier.written, earlier.line
        ),
        "keep the narrower one, so that nothing else is hidden",
    )
}
