//! The catalogue as Markdown: a page for every requirement and every scenario file, with indexes,
//! and the settings and events of the scenario format. `mcp-authspec explain --pages FOLDER` writes
//! them, and the documentation includes them.

use std::collections::BTreeMap;

use crate::report::format_pages::{event_page, setting_page};
use crate::report::markdown_page::{MarkdownPage, cell};
use crate::report::wording::area_name::area_title;
use crate::report::wording::capitalize::capitalize;
use crate::report::wording::case_description;
use crate::report::wording::catalogue_phrases::{
    basis_in_full, case_facts, cited_sentence, command, describe_expectation, levels,
    requirement_facts, span,
};
use crate::report::wording::demands::describe_demands;
use crate::requirements::Requirement;
use crate::scenario::model::{Case, Revision, scenario_of};
use crate::suite::Suite;

/// One page of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferencePage {
    /// Where the page belongs, below the folder of all pages: `requirements/iss-match.md`.
    pub path: String,
    /// The page as Markdown.
    pub text: String,
}

/// The pages of all requirements and scenarios, two indexes called `README.md`, and the pages of
/// settings and events.
pub fn reference_pages(suite: &Suite) -> Vec<ReferencePage> {
    let files = scenario_files(suite);
    let requirements = suite.catalogue.iter().map(|requirement| ReferencePage {
        path: format!("requirements/{}.md", requirement.id),
        text: requirement_page(suite, requirement),
    });
    let scenarios = files.iter().map(|(file, cases)| ReferencePage {
        path: format!("scenarios/{file}.md"),
        text: scenario_page(suite, file, cases),
    });
    let indexes = [
        ReferencePage {
            path: "requirements/README.md".to_owned(),
            text: requirement_index(suite),
        },
        ReferencePage {
            path: "scenarios/README.md".to_owned(),
            text: scenario_index(&files),
        },
        ReferencePage {
            path: "settings.md".to_owned(),
            text: setting_page(),
        },
        ReferencePage {
            path: "events.md".to_owned(),
            text: event_page(),
        },
    ];
    indexes
        .into_iter()
        .chain(requirements)
        .chain(scenarios)
        .collect()
}

/// The cases of each scenario file, by its name: `iss/two-values`.
fn scenario_files(suite: &Suite) -> BTreeMap<&str, Vec<&Case>> {
    let mut files: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in suite.cases.iter().filter(|case| !case.is_rare()) {
        files.entry(scenario_of(&case.id)).or_default().push(case);
    }
    files
}

fn requirement_index(suite: &Suite) -> String {
    let mut text = "# Requirements\n".to_owned();
    let mut area = None;
    for requirement in suite.catalogue.iter() {
        if area != Some(requirement.area) {
            area = Some(requirement.area);
            text += &format!("\n## {}\n\n", capitalize(&area_title(requirement.area)));
            text += "| requirement | level | statement |\n| --- | --- | --- |\n";
        }
        text += &format!(
            "| [{0}]({0}.md) | {1} | {2} |\n",
            requirement.id,
            requirement.level,
            cell(&requirement.statement)
        );
    }
    text
}

fn scenario_index(files: &BTreeMap<&str, Vec<&Case>>) -> String {
    let rows = files.iter().map(|(file, cases)| {
        let title = cases.first().map_or("", |case| case.title.as_str());
        format!(
            "| [{file}]({file}.md) | {} | {} |\n",
            cases.len(),
            cell(title)
        )
    });
    let head = "# Scenarios\n\n| scenario | cases | what happens |\n| --- | --- | --- |\n";
    head.to_owned() + &rows.collect::<String>()
}

fn requirement_page(suite: &Suite, requirement: &Requirement) -> String {
    let mut page = MarkdownPage::titled(&format!("`{}`", requirement.id));
    page.paragraph(&requirement.statement);
    page.item("Level", &levels(requirement));
    page.item("Revisions", &span(requirement.since, requirement.until));
    page.item("Basis", &basis_in_full(requirement));
    page.item("Area", &area_title(requirement.area));
    for citation in std::iter::once(&requirement.source).chain(&requirement.also) {
        page.item(
            "Source",
            &format!("[{}]({})", cited_sentence(citation), citation.url),
        );
    }
    for (label, text) in requirement_facts(requirement) {
        page.item(&capitalize(label), &text);
    }
    let cases: Vec<&Case> = suite
        .cases
        .iter()
        .filter(|case| suite.requirements_of(case).any(|id| *id == requirement.id))
        .filter(|case| !case.is_rare())
        .collect();
    page.list(
        "Checked in",
        cases.iter().map(|case| {
            let file = scenario_of(&case.id);
            format!(
                "[{}](../scenarios/{file}.md): {}",
                case.id,
                case.short_title()
            )
        }),
    );
    let monitors = suite.monitors.iter().filter(|monitor| {
        monitor.requirement == requirement.id || monitor.also.contains(&requirement.id)
    });
    page.list(
        "Watched in every run",
        monitors.flat_map(|monitor| describe_demands(&monitor.demands)),
    );
    let defects = reference_client::defects()
        .filter(|defect| defect.breaks.contains(&requirement.id.as_str()));
    page.list(
        "Proved by broken clients",
        defects.map(|defect| format!("`{}`: the client {}", defect.name, defect.summary)),
    );
    page.into_text()
}

fn scenario_page(suite: &Suite, file: &str, cases: &[&Case]) -> String {
    let mut page = MarkdownPage::titled(&format!("`{file}`"));
    if let Some(first) = cases.first() {
        page.paragraph(&format!("**{}.**", first.title.trim_end_matches('.')));
        page.paragraph(&first.why);
    }
    for case in cases {
        if case.id != file {
            page.heading(&format!("`{}`", case.id));
        }
        for (label, text) in case_facts(case) {
            page.item(&capitalize(label), &text);
        }
        page.list("Who is there", case_description::parties(case));
        page.list("What happens", case_description::steps(case));
        page.list("What deviates", case_description::deviations(case));
        let level = |id: &str| suite.catalogue.get(id).map(|requirement| requirement.level);
        page.list(
            "What is expected",
            case.expectations
                .iter()
                .map(|e| describe_expectation(e, level(&e.requirement))),
        );
        let mut ids: Vec<&String> = suite.requirements_of(case).collect();
        ids.dedup();
        page.list(
            "Requirements",
            ids.iter()
                .map(|id| format!("[{id}](../../requirements/{id}.md)")),
        );
        let revision = case.until.min(Revision::LATEST);
        page.paragraph(&format!("Run it: `{}`", command(revision, &case.id)));
    }
    page.into_text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_between_pages_leads_to_a_page() {
        let pages = reference_pages(&Suite::embedded().unwrap());
        for page in &pages {
            let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let links = page.text.split("](").skip(1);
            let links = links.filter_map(|rest| rest.split(')').next());
            for link in links.filter(|link| link.ends_with(".md")) {
                let mut parts: Vec<&str> = folder.split('/').collect();
                parts.retain(|part| !part.is_empty());
                for part in link.split('/') {
                    match part {
                        ".." => drop(parts.pop()),
                        part => parts.push(part),
                    }
                }
                let target = parts.join("/");
                assert!(
                    pages.iter().any(|page| page.path == target),
                    "{}: {link}",
                    page.path
                );
            }
        }
    }

    #[test]
    fn pages_of_a_requirement_and_of_a_scenario() {
        let suite = Suite::embedded().unwrap();
        let pages = reference_pages(&suite);
        let text = |path: &str| &pages.iter().find(|page| page.path == path).unwrap().text;
        insta::assert_snapshot!(
            "requirement",
            text("requirements/iss-advertised-mismatch.md")
        );
        insta::assert_snapshot!("scenario", text("scenarios/iss/advertised-and-wrong.md"));
    }
}
