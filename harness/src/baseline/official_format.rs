//! The expected-failures format of the official suite: YAML lists of scenario names. Only the list
//! `client` is read, and in it only the names that begin with `auth/`; they stand for the
//! scenarios here that check the same. The format has no place for reasons, so the comment behind
//! an entry counts as its reason.

use saphyr_parser::{Event, Parser, ScanError, Span};

use super::baseline::{Baseline, BaselineEntry};
use super::baseline_target::BaselineTarget;
use super::error::{BaselineError, BaselineProblem};
use super::toml_format::is_reason;
use crate::scenario::OFFICIAL_SCENARIOS;
use crate::scenario::suggest::instead;
use crate::suite::Suite;

/// The beginning of the names of authorization scenarios.
const AUTHORIZATION: &str = "auth/";

/// The reason of entries without a comment.
const NO_REASON: &str = "expected to fail; the file gives no reason";

/// One name in the list.
struct ListItem {
    text: String,
    line: usize,
    comment: Option<String>,
}

/// What an entry means here.
enum Meaning {
    Covers(BaselineTarget),
    /// The entry is valid but covers nothing; this note says why.
    HasNoEffect(String),
}

/// A problem and the line that it is in.
type ProblemAtLine = (BaselineProblem, usize);

/// Reads a baseline and checks every entry.
pub(super) fn parse(file: &str, text: &str, suite: &Suite) -> Result<Baseline, Vec<BaselineError>> {
    let items = ListReader::new(text)
        .read_client_list()
        .map_err(|(problem, line)| vec![problem.at(file, line)])?;
    let mut baseline = Baseline {
        file: file.to_owned(),
        entries: Vec::new(),
        notes: Vec::new(),
    };
    let mut errors = Vec::new();
    for item in items
        .into_iter()
        .filter(|item| item.text.starts_with(AUTHORIZATION))
    {
        match find_meaning(&item.text, suite) {
            Ok(Meaning::Covers(target)) => {
                let reason = item.comment.filter(|comment| is_reason(comment));
                baseline.entries.push(BaselineEntry {
                    written: item.text,
                    line: item.line,
                    target,
                    reason: reason.unwrap_or_else(|| NO_REASON.to_owned()),
                    revisions: None,
                });
            }
            Ok(Meaning::HasNoEffect(note)) => {
                baseline.notes.push(format!("{file}:{}: {note}", item.line));
            }
            Err(problem) => errors.push(problem.at(file, item.line)),
        }
    }
    if errors.is_empty() {
        Ok(baseline)
    } else {
        Err(errors)
    }
}

fn find_meaning(written: &str, suite: &Suite) -> Result<Meaning, BaselineProblem> {
    let (scenario, check) = match written.split_once(':') {
        Some((scenario, check)) => (scenario, Some(check)),
        None => (written, None),
    };
    if !OFFICIAL_SCENARIOS.contains(&scenario) {
        return Err(BaselineProblem::UnknownOfficialScenario {
            scenario: scenario.to_owned(),
            help: instead(scenario, OFFICIAL_SCENARIOS.iter().copied()),
        });
    }
    let counterparts: Vec<_> = suite
        .cases
        .iter()
        .filter(|case| case.official.iter().any(|official| official == scenario))
        .collect();
    if counterparts.is_empty() {
        return Ok(Meaning::HasNoEffect(format!(
            "no scenario here checks the same as `{scenario}`"
        )));
    }
    let covered: Vec<_> = counterparts
        .into_iter()
        .filter(|case| check.is_none_or(|check| suite.requirements_of(case).any(|id| id == check)))
        .collect();
    match check {
        Some(check) if covered.is_empty() => Ok(Meaning::HasNoEffect(format!(
            "only the official suite has the check `{check}`, so this entry has no effect here"
        ))),
        _ => Ok(Meaning::Covers(BaselineTarget {
            cases: Some(covered.iter().map(|case| case.id.clone()).collect()),
            requirement: check.map(str::to_owned),
        })),
    }
}

/// Reads the YAML events of a file.
struct ListReader<'t> {
    text: &'t str,
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
}

impl<'t> ListReader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            parser: Parser::new_from_str(text),
        }
    }

    /// Reads the list below `client`, and skips the other lists.
    fn read_client_list(mut self) -> Result<Vec<ListItem>, ProblemAtLine> {
        let mut items = Vec::new();
        if !self.enter_mapping()? {
            return Ok(items);
        }
        loop {
            let section = match self.next_event()? {
                (Event::Scalar(name, ..), _) => name.into_owned(),
                (Event::MappingEnd | Event::StreamEnd, _) => return Ok(items),
                (_, place) => return Err((BaselineProblem::NoLists, place.start.line())),
            };
            let list = self.read_list(&section)?;
            if section == "client" {
                items.extend(list);
            }
        }
    }

    /// Reads up to the beginning of the lists; false if the file is empty.
    fn enter_mapping(&mut self) -> Result<bool, ProblemAtLine> {
        loop {
            match self.next_event()? {
                (Event::StreamEnd, _) => return Ok(false),
                (Event::MappingStart(..), _) => return Ok(true),
                (
                    Event::StreamStart
                    | Event::DocumentStart(_)
                    | Event::DocumentEnd
                    | Event::Nothing,
                    _,
                ) => {}
                // A file that has only comments consists of an empty value.
                (Event::Scalar(value, ..), _)
                    if value.is_empty() || value == "~" || value == "null" => {}
                (_, place) => return Err((BaselineProblem::NoLists, place.start.line())),
            }
        }
    }

    fn read_list(&mut self, section: &str) -> Result<Vec<ListItem>, ProblemAtLine> {
        let (event, place) = self.next_event()?;
        if !matches!(event, Event::SequenceStart(..)) {
            let section = section.to_owned();
            return Err((BaselineProblem::NotAList { section }, place.start.line()));
        }
        let mut items = Vec::new();
        loop {
            match self.next_event()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (Event::Scalar(value, ..), place) => items.push(ListItem {
                    text: value.into_owned(),
                    line: place.start.line(),
                    comment: self.comment_after(&place),
                }),
                (_, place) => return Err((BaselineProblem::NotAName, place.start.line())),
            }
        }
    }

    fn next_event(&mut self) -> Result<(Event<'t>, Span), ProblemAtLine> {
        match self.parser.next() {
            None => Ok((Event::StreamEnd, Span::default())),
            Some(event) => event.map_err(|error| not_yaml(&error)),
        }
    }

    /// The comment behind a value on the same line.
    fn comment_after(&self, place: &Span) -> Option<String> {
        let line = self.text.lines().nth(place.end.line().checked_sub(1)?)?;
        let rest: String = line.chars().skip(place.end.col()).collect();
        let comment = rest.trim_start().strip_prefix('#')?.trim();
        (!comment.is_empty()).then(|| comment.to_owned())
    }
}

fn not_yaml(error: &ScanError) -> ProblemAtLine {
    let message = error.info().to_owned();
    (BaselineProblem::NotYaml { message }, error.marker().line())
}
