//! What a scenario or a requirement is about: `mcp-authspec explain`, and the list of scenarios.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::format::style::TextStyle;
use crate::report::model::finding::place;
use crate::report::wording::case_description;
use crate::report::wording::demands::{describe_demands, describe_pattern};
use crate::requirements::{Requirement, position};
use crate::scenario::model::{Case, Expectation, Level, Revision};
use crate::scenario::suggest::nearest;
use crate::suite::Suite;

/// Suggestions for an id that nobody has.
const MOST_SUGGESTIONS: usize = 5;

/// Ids that are longer push their title to the right.
const WIDEST_ID: usize = 44;

/// A case, told for `width` columns; for a file with variants, its cases. `None`: there is neither.
pub fn explain_case(suite: &Suite, id: &str, width: usize) -> Option<String> {
    let text = ExplanationWriter::new(width);
    match suite.cases.iter().find(|case| case.id == id) {
        Some(case) => Some(text.case(suite, case)),
        None => {
            let of_file: Vec<&Case> = suite
                .cases
                .iter()
                .filter(|case| file_of(&case.id) == id)
                .collect();
            (!of_file.is_empty()).then(|| {
                format!(
                    "{id} holds {} cases; `explain` tells each.\n\n{}",
                    of_file.len(),
                    text.table(&of_file)
                )
            })
        }
    }
}

/// A requirement, told for `width` columns. `None`: there is none of that id.
pub fn explain_requirement(suite: &Suite, id: &str, width: usize) -> Option<String> {
    Some(ExplanationWriter::new(width).requirement(suite, suite.catalogue.get(id)?))
}

/// The cases of a revision: id, title, and what they take of the client.
pub fn list(suite: &Suite, revision: Revision, width: usize) -> String {
    let cases = suite.select(revision, &[]);
    format!(
        "{}\n{} cases in {revision}. `mcp-authspec explain ID` tells one.\n",
        ExplanationWriter::new(width).table(&cases),
        cases.len()
    )
}

/// Ids of cases and requirements that were perhaps meant, the likeliest first.
pub fn suggest(suite: &Suite, id: &str) -> Vec<String> {
    let cases = suite
        .cases
        .iter()
        .flat_map(|case| [case.id.as_str(), file_of(&case.id)]);
    let all: BTreeSet<&str> = cases
        .chain(suite.catalogue.iter().map(|r| r.id.as_str()))
        .collect();
    let all: Vec<&str> = all.into_iter().collect();
    let mut out: Vec<&str> = nearest(id, &all).into_iter().collect();
    let holding = all
        .iter()
        .copied()
        .filter(|known| id.len() > 2 && known.contains(id) && !out.contains(known))
        .collect::<Vec<_>>();
    out.extend(holding);
    out.into_iter()
        .take(MOST_SUGGESTIONS)
        .map(str::to_owned)
        .collect()
}

/// `iss/two-values` of `iss/two-values/both`.
pub(super) fn file_of(id: &str) -> &str {
    id.match_indices('/').nth(1).map_or(id, |(at, _)| &id[..at])
}

/// Paragraphs of a width.
struct ExplanationWriter {
    style: TextStyle,
}

impl ExplanationWriter {
    fn new(width: usize) -> Self {
        Self {
            style: TextStyle {
                width,
                ..TextStyle::default()
            },
        }
    }

    fn case(&self, suite: &Suite, case: &Case) -> String {
        let mut lines = vec![
            case.id.clone(),
            self.prose(&case.title),
            String::new(),
            self.prose(&case.why),
            String::new(),
        ];
        lines.push(self.item("written", &place(&case.source)));
        lines.push(self.item("revisions", &span(case.from, Some(case.until))));
        if !case.needs.is_empty() {
            lines.push(self.item("needs", &joined(&case.needs)));
        }
        if !case.official.is_empty() {
            let names = case.official.join(", ");
            let differs = case
                .official_differs
                .as_ref()
                .map(|d| format!(". It differs: {d}"))
                .unwrap_or_default();
            lines.push(self.item("official", &format!("counterpart of {names}{differs}")));
        }
        if let Some(goal) = &case.goal {
            lines.push(self.item("goal", &describe_pattern(goal)));
        }
        self.section(&mut lines, "Who is there", &case_description::parties(case));
        self.section(&mut lines, "What happens", &case_description::steps(case));
        self.section(
            &mut lines,
            "What deviates",
            &case_description::deviations(case),
        );
        let level = |id: &str| suite.catalogue.get(id).map(|requirement| requirement.level);
        let expected: Vec<String> = case
            .expectations
            .iter()
            .map(|e| describe_expectation(e, level(&e.requirement)))
            .collect();
        self.section(&mut lines, "What is expected", &expected);
        let watched: Vec<String> = case
            .watch
            .iter()
            .map(|id| format!("{id} (its monitor must have something to judge)"))
            .collect();
        self.section(&mut lines, "Also watched", &watched);
        let revision = case.until.min(Revision::LATEST);
        lines.extend([
            String::new(),
            format!("Run it: {}", command(revision, &case.id)),
        ]);
        lines.join("\n") + "\n"
    }

    fn requirement(&self, suite: &Suite, requirement: &Requirement) -> String {
        let mut lines = vec![
            requirement.id.clone(),
            self.prose(&requirement.statement),
            String::new(),
        ];
        lines.push(self.item("level", &levels(requirement)));
        lines.push(self.item("revisions", &span(requirement.since, requirement.until)));
        for (label, citation) in std::iter::once(("source", &requirement.source))
            .chain(requirement.also.iter().map(|also| ("also", also)))
        {
            lines.push(self.item(label, &citation.to_string()));
            lines.push(format!("               {}", citation.url));
        }
        let mut more: Vec<(&str, String)> = Vec::new();
        if !requirement.applies_if.is_empty() {
            more.push((
                "applies if",
                format!("the client has {}", joined(&requirement.applies_if)),
            ));
        }
        more.push(("seen by", requirement.observation.clone()));
        let optional = [
            ("binds via", &requirement.binds_via),
            ("stimulus", &requirement.stimulus),
            ("broken by", &requirement.defect),
        ];
        more.extend(
            optional
                .into_iter()
                .filter_map(|(label, text)| Some((label, text.clone()?))),
        );
        more.extend(requirement.upstream.clone().map(|text| ("official", text)));
        more.extend(
            requirement
                .position
                .map(|number| ("position", position_in_full(number))),
        );
        more.extend(requirement.note.clone().map(|text| ("note", text)));
        more.extend(requirement.needs.map(|machine| {
            (
                "not run",
                format!("needs {machine}, which this machine does not offer"),
            )
        }));
        more.extend(
            requirement
                .excluded
                .as_ref()
                .map(|why| ("not run", why.to_string())),
        );
        lines.extend(more.iter().map(|(label, text)| self.item(label, text)));

        let cases: Vec<&Case> = suite
            .cases
            .iter()
            .filter(|case| suite.requirements_of(case).any(|id| *id == requirement.id))
            .collect();
        let checked: Vec<String> = cases
            .iter()
            .map(|case| format!("{}: {}", case.id, case.title))
            .collect();
        self.section(&mut lines, "Checked in", &checked);
        let monitor = suite
            .monitors
            .iter()
            .find(|m| m.requirement == requirement.id || m.also.contains(&requirement.id));
        if let Some(monitor) = monitor {
            self.section(
                &mut lines,
                "Watched in every run",
                &describe_demands(&monitor.demands),
            );
        }
        if cases.is_empty() && monitor.is_none() {
            lines.extend([String::new(), "No scenario checks it.".to_owned()]);
        }
        let revision = requirement.until.unwrap_or(Revision::LATEST);
        if let Some(case) = cases.first() {
            let scenario = if cases
                .iter()
                .all(|other| file_of(&other.id) == file_of(&case.id))
            {
                file_of(&case.id)
            } else {
                case.id.as_str()
            };
            lines.extend([
                String::new(),
                format!("Run it: {}", command(revision, scenario)),
            ]);
        } else if monitor.is_some() {
            lines.extend([
                String::new(),
                format!("Run it: mcp-authspec run --spec {revision} -- CLIENT"),
            ]);
        }
        lines.join("\n") + "\n"
    }

    fn table(&self, cases: &[&Case]) -> String {
        let column = cases
            .iter()
            .map(|case| case.id.len())
            .max()
            .unwrap_or_default()
            .min(WIDEST_ID);
        let line = |case: &&Case| {
            let needs = if case.needs.is_empty() {
                String::new()
            } else {
                format!(" [{}]", joined(&case.needs))
            };
            let id = format!("{:<column$}  ", case.id);
            self.style.wrapped(
                &format!("{}{needs}", case.title),
                &id,
                &" ".repeat(column + 2),
            ) + "\n"
        };
        cases.iter().map(line).collect()
    }

    fn prose(&self, text: &str) -> String {
        self.style.wrapped(text, "", "")
    }

    fn item(&self, label: &str, text: &str) -> String {
        self.style
            .wrapped(text, &format!("  {label:<13}"), "               ")
    }

    fn section(&self, lines: &mut Vec<String>, heading: &str, entries: &[String]) {
        if !entries.is_empty() {
            lines.extend([String::new(), heading.to_owned()]);
            lines.extend(
                entries
                    .iter()
                    .map(|entry| self.style.wrapped(entry, "  ", "      ")),
            );
        }
    }
}

/// `MUST iss-advertised-mismatch: no token-request`
pub(super) fn describe_expectation(expectation: &Expectation, usual: Option<Level>) -> String {
    let level = expectation
        .level
        .or(usual)
        .map(|level| format!("{level} "))
        .unwrap_or_default();
    let ids = std::iter::once(&expectation.requirement)
        .chain(&expectation.also)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    let after = expectation
        .after
        .as_ref()
        .map(|after| format!("after {}: ", describe_pattern(after)))
        .unwrap_or_default();
    let mut text = format!(
        "{level}{ids}: {after}{}.",
        describe_demands(&expectation.demands).join("; ")
    );
    if let Some(because) = &expectation.because {
        text = format!("{text} {because}");
    }
    if let Some(position) = expectation.position {
        text = format!("{text} (position {})", position_in_full(position));
    }
    text
}

pub(super) fn levels(requirement: &Requirement) -> String {
    let mut text = requirement.level.to_string();
    for (revision, level) in &requirement.level_by_revision {
        text = format!("{text}, {level} in {revision}");
    }
    if requirement.prohibits {
        format!("{text} (the source says \"not\")")
    } else {
        text
    }
}

pub(super) fn span(from: Revision, until: Option<Revision>) -> String {
    match until {
        Some(until) if until == from => from.to_string(),
        Some(until) if until < Revision::LATEST => format!("{from} to {until}"),
        _ => format!("from {from} on"),
    }
}

fn joined(words: impl IntoIterator<Item = impl ToString>) -> String {
    words
        .into_iter()
        .map(|word| word.to_string())
        .collect::<Vec<_>>()
        .join(", ")
}

pub(super) fn command(revision: Revision, scenario: &str) -> String {
    let quoted = if scenario.contains('*') {
        format!("'{scenario}'")
    } else {
        scenario.to_owned()
    };
    format!("mcp-authspec run --spec {revision} --scenario {quoted} -- CLIENT")
}

/// The official suite's scenarios, each with the cases that are its counterpart and what they
/// decide otherwise on purpose.
pub fn list_official(suite: &Suite, width: usize) -> String {
    let mut counterparts: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in &suite.cases {
        for name in &case.official {
            counterparts.entry(name).or_default().push(case);
        }
    }
    let style = TextStyle {
        width,
        ..TextStyle::default()
    };
    let mut out = String::new();
    for (name, cases) in counterparts {
        let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        let differs: BTreeSet<&str> = cases
            .iter()
            .filter_map(|case| case.official_differs.as_deref())
            .collect();
        out.push_str(&format!(
            "{name}\n{}\n",
            style.wrapped(&ids.join(", "), "    ", "    ")
        ));
        out.extend(differs.iter().map(|difference| {
            format!(
                "{}\n",
                style.wrapped(&format!("differs: {difference}"), "    ", "      ")
            )
        }));
    }
    out
}

/// A position of ours with its reasons.
pub(super) fn position_in_full(number: u32) -> String {
    let Some(position) = position(number) else {
        return number.to_string();
    };
    let why = position
        .why
        .as_ref()
        .map(|why| format!(" Why: {why}"))
        .unwrap_or_default();
    format!("{number}, {}: {}{why}", position.title, position.position)
}
