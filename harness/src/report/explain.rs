//! What a scenario or a requirement is about: `mcp-authspec explain`.

use std::collections::BTreeSet;

use crate::report::format::style::TextStyle;
use crate::report::model::finding::place;
use crate::report::scenario_list::case_table;
use crate::report::wording::case_description;
use crate::report::wording::catalogue_phrases::{
    basis_in_full, case_facts, cited_sentence, command, describe_expectation, levels,
    requirement_facts, span,
};
use crate::report::wording::demands::describe_demands;
use crate::requirements::Requirement;
use crate::scenario::model::{Case, Revision, scenario_of};
use crate::scenario::suggest::nearest;
use crate::suite::Suite;

/// Suggestions for an id that nobody has.
const MOST_SUGGESTIONS: usize = 5;

/// A case, told for `width` columns; for a file with variants, its cases. `None`: there is neither.
pub fn explain_case(suite: &Suite, id: &str, width: usize) -> Option<String> {
    let text = ExplanationWriter::new(width);
    match suite.cases.iter().find(|case| case.id == id) {
        Some(case) => Some(text.case(suite, case)),
        None => {
            let (usual, rare): (Vec<&Case>, Vec<&Case>) = suite
                .cases
                .iter()
                .filter(|case| scenario_of(&case.id) == id)
                .partition(|case| !case.is_rare());
            let and_rare = if rare.is_empty() {
                String::new()
            } else {
                let list = "`list --variety all` lists them";
                format!(" {} more are rare; {list}.", rare.len())
            };
            (!usual.is_empty()).then(|| {
                format!(
                    "{id} holds {} cases; `explain` tells each.{and_rare}\n\n{}",
                    usual.len(),
                    case_table(&usual, width)
                )
            })
        }
    }
}

/// A requirement, told for `width` columns. `None`: there is none of that id.
pub fn explain_requirement(suite: &Suite, id: &str, width: usize) -> Option<String> {
    Some(ExplanationWriter::new(width).requirement(suite, suite.catalogue.get(id)?))
}

/// Ids of cases and requirements that were perhaps meant, the likeliest first.
pub fn suggest(suite: &Suite, id: &str) -> Vec<String> {
    let cases = suite
        .cases
        .iter()
        .flat_map(|case| [case.id.as_str(), scenario_of(&case.id)]);
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

/// Before the lines that continue an item.
const INDENT: &str = "                 ";

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
        lines.push(self.item("file", &place(&case.source)));
        let facts = case_facts(case);
        lines.extend(facts.iter().map(|(label, text)| self.item(label, text)));
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
            .map(|id| format!("{id}: watched in every run, and shown in this one"))
            .collect();
        self.section(&mut lines, "Also watched", &watched);
        let revision = case.until.min(Revision::LATEST);
        lines.extend([
            String::new(),
            "What a requirement says: mcp-authspec explain REQUIREMENT".to_owned(),
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
        lines.push(self.item("basis", &basis_in_full(requirement)));
        for (label, citation) in std::iter::once(("source", &requirement.source))
            .chain(requirement.also.iter().map(|also| ("also", also)))
        {
            lines.push(self.item(label, &cited_sentence(citation)));
            lines.push(format!("{INDENT}{}", citation.url));
        }
        let facts = requirement_facts(requirement);
        lines.extend(facts.iter().map(|(label, text)| self.item(label, text)));

        let cases: Vec<&Case> = suite
            .cases
            .iter()
            .filter(|case| suite.requirements_of(case).any(|id| *id == requirement.id))
            .collect();
        let checked: Vec<String> = cases
            .iter()
            .filter(|case| !case.is_rare())
            .map(|case| format!("{}: {}", case.id, case.short_title()))
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
        let revision = requirement.until.unwrap_or(Revision::LATEST);
        let last = match (cases.as_slice(), monitor) {
            ([], None) => "No scenario checks it.".to_owned(),
            ([], Some(_)) => format!("Run it: mcp-authspec run --spec {revision} -- CLIENT"),
            (cases, _) => format!("Run it: {}", command(revision, common_id(cases))),
        };
        lines.extend([String::new(), last]);
        lines.join("\n") + "\n"
    }

    fn prose(&self, text: &str) -> String {
        self.style.wrapped(text, "", "")
    }

    fn item(&self, label: &str, text: &str) -> String {
        self.style.wrapped(text, &format!("  {label:<15}"), INDENT)
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

/// The name of the file that holds all these cases, or the first case's id if there are several.
fn common_id<'a>(cases: &[&'a Case]) -> &'a str {
    let Some(first) = cases.first() else {
        return "";
    };
    let file = scenario_of(&first.id);
    if cases.iter().all(|case| scenario_of(&case.id) == file) {
        file
    } else {
        &first.id
    }
}
