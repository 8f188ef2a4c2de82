//! The official suite's expected-failures file: YAML lists of scenario names, of which `client` is
//! read. Names that begin with `auth/` stand for our counterparts; others are none of our business.
//!
//! The form has no place for reasons, so that the comment behind an entry is taken for one.

use saphyr_parser::{Event, Parser, ScanError, Span};

use super::error::{BaselineError, Problem};
use super::target::Target;
use super::{Baseline, Entry};
use crate::scenario::OFFICIAL_SCENARIOS;
use crate::scenario::suggest::instead;
use crate::suite::Suite;

/// Stands for a reason where there is none.
const NO_REASON: &str = "expected to fail, for a reason that is not told";

/// One name in the list.
struct Item {
    text: String,
    line: usize,
    comment: Option<String>,
}

pub(super) fn parse(file: &str, text: &str, suite: &Suite) -> Result<Baseline, Vec<BaselineError>> {
    let items = items(text).map_err(|(problem, line)| vec![problem.at(file, line)])?;
    let mut baseline = Baseline {
        file: file.to_owned(),
        entries: Vec::new(),
        notes: Vec::new(),
    };
    let mut errors = Vec::new();
    for item in items.iter().filter(|item| item.text.starts_with("auth/")) {
        match target(&item.text, suite) {
            Ok(Ok(target)) => baseline.entries.push(Entry {
                written: item.text.clone(),
                line: item.line,
                target,
                reason: item
                    .comment
                    .clone()
                    .filter(|comment| super::read::is_reason(comment))
                    .unwrap_or_else(|| NO_REASON.to_owned()),
                revisions: None,
            }),
            Ok(Err(note)) => baseline.notes.push(format!("{file}:{}: {note}", item.line)),
            Err(problem) => errors.push(problem.at(file, item.line)),
        }
    }
    if errors.is_empty() {
        Ok(baseline)
    } else {
        Err(errors)
    }
}

/// What an entry covers here; or why it covers nothing, although it is right.
fn target(written: &str, suite: &Suite) -> Result<Result<Target, String>, Problem> {
    let (name, check) = written
        .split_once(':')
        .map_or((written, None), |(name, check)| (name, Some(check)));
    if !OFFICIAL_SCENARIOS.contains(&name) {
        let help = instead(name, OFFICIAL_SCENARIOS.iter().copied());
        return Err(Problem::new(
            format!("the official suite has no scenario `{name}` that this version knows of"),
            help,
        ));
    }
    let cases: Vec<_> = suite
        .cases
        .iter()
        .filter(|case| case.official.iter().any(|official| official == name))
        .collect();
    if cases.is_empty() {
        return Ok(Err(format!("`{name}` has no counterpart here")));
    }
    let Some(check) = check else {
        return Ok(Ok(Target {
            cases: Some(cases.iter().map(|case| case.id.clone()).collect()),
            requirement: None,
        }));
    };
    let checked: Vec<_> = cases
        .iter()
        .filter(|case| suite.requirements_of(case).any(|id| id == check))
        .collect();
    if checked.is_empty() {
        return Ok(Err(format!(
            "`{check}` is a check of the official suite's own, so that this entry excuses nothing here"
        )));
    }
    Ok(Ok(Target {
        cases: Some(checked.iter().map(|case| case.id.clone()).collect()),
        requirement: Some(check.to_owned()),
    }))
}

/// The list below `client`.
fn items(text: &str) -> Result<Vec<Item>, (Problem, usize)> {
    let mut events =
        Parser::new_from_str(text).map(|event| event.map_err(|error| not_yaml(&error)));
    let mut next = || {
        events
            .next()
            .unwrap_or(Ok((Event::StreamEnd, Span::default())))
    };
    let mut items = Vec::new();
    loop {
        match next()? {
            (Event::StreamEnd, _) => return Ok(items),
            (Event::MappingStart(..), _) => break,
            (
                Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing,
                _,
            ) => {}
            // a file of comments only is an empty one
            (Event::Scalar(value, ..), _)
                if value.is_empty() || value == "~" || value == "null" => {}
            (_, place) => return Err((lists_expected(), place.start.line())),
        }
    }
    loop {
        let section = match next()? {
            (Event::Scalar(name, ..), _) => name.into_owned(),
            (Event::MappingEnd | Event::StreamEnd, _) => return Ok(items),
            (_, place) => return Err((lists_expected(), place.start.line())),
        };
        match next()? {
            (Event::SequenceStart(..), _) => {}
            (_, place) => {
                return Err((
                    Problem::new(
                        format!("`{section}` is no list"),
                        "write `- SCENARIO` lines below it",
                    ),
                    place.start.line(),
                ));
            }
        }
        loop {
            match next()? {
                (Event::SequenceEnd, _) => break,
                (Event::Scalar(value, ..), place) if section == "client" => {
                    let comment = comment_behind(text, &place);
                    items.push(Item {
                        text: value.into_owned(),
                        line: place.start.line(),
                        comment,
                    });
                }
                (Event::Scalar(..), _) => {}
                (_, place) => {
                    let help = "an entry is `- SCENARIO` or `- SCENARIO:CHECK`, without a space after the colon";
                    return Err((
                        Problem::new("this entry is no name", help),
                        place.start.line(),
                    ));
                }
            }
        }
    }
}

fn lists_expected() -> Problem {
    Problem::new(
        "lists of scenarios expected",
        "write `client:` and `- SCENARIO` lines below it",
    )
}

fn not_yaml(error: &ScanError) -> (Problem, usize) {
    (
        Problem::new(
            format!("this is not YAML: {}", error.info()),
            "mend it, or write a baseline in TOML",
        ),
        error.marker().line(),
    )
}

/// What stands behind a `#` on the same line.
fn comment_behind(text: &str, place: &Span) -> Option<String> {
    let line = text.lines().nth(place.end.line().checked_sub(1)?)?;
    let rest: String = line.chars().skip(place.end.col()).collect();
    let comment = rest.trim_start().strip_prefix('#')?.trim();
    (!comment.is_empty()).then(|| comment.to_owned())
}
