//! The catalogue as Markdown: a page for every requirement and every scenario file, with indexes.
//! `mcp-authspec explain --pages FOLDER` writes them, and the documentation includes them.

use std::collections::BTreeMap;

use crate::report::wording::area_name::area_title;
use crate::report::wording::capitalize::capitalize;
use crate::report::wording::case_description;
use crate::report::wording::catalogue_phrases::{
    basis_in_full, cited_sentence, command, describe_expectation, levels, position_in_full, span,
};
use crate::report::wording::demands::{describe_demands, describe_pattern};
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

/// The pages of all requirements and scenarios, and two indexes called `README.md`.
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
    for case in &suite.cases {
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
    let mut page = Markdown::titled(&format!("`{}`", requirement.id));
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
    page.optional("Why it binds MCP clients", requirement.binds_via.as_deref());
    page.optional("What brings it about", requirement.stimulus.as_deref());
    page.item("What shows it", &requirement.observation);
    page.optional("How clients break it", requirement.defect.as_deref());
    page.optional("Official suite", requirement.upstream.as_deref());
    page.optional("Note", requirement.note.as_deref());
    page.optional("If a failure is disputed", requirement.argument.as_deref());
    if let Some(number) = requirement.position {
        page.item("Position", &position_in_full(number));
    }
    let cases: Vec<&Case> = suite
        .cases
        .iter()
        .filter(|case| suite.requirements_of(case).any(|id| *id == requirement.id))
        .collect();
    page.list(
        "Checked in",
        cases.iter().map(|case| {
            let file = scenario_of(&case.id);
            format!("[{}](../scenarios/{file}.md): {}", case.id, case.title)
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
    page.text
}

fn scenario_page(suite: &Suite, file: &str, cases: &[&Case]) -> String {
    let mut page = Markdown::titled(&format!("`{file}`"));
    if let Some(first) = cases.first() {
        page.paragraph(&format!("**{}.**", first.title.trim_end_matches('.')));
        page.paragraph(&first.why);
    }
    for case in cases {
        if case.id != file {
            page.heading(&format!("`{}`", case.id));
        }
        page.item("Revisions", &span(case.from, Some(case.until)));
        if !case.official.is_empty() {
            page.item("Official suite", &case.official.join(", "));
        }
        page.optional("Differs", case.official_differs.as_deref());
        if let Some(goal) = &case.goal {
            page.item("Goal", &describe_pattern(goal));
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
    page.text
}

/// A page that is being written.
struct Markdown {
    text: String,
}

impl Markdown {
    fn titled(title: &str) -> Self {
        Self {
            text: format!("# {title}\n"),
        }
    }

    fn heading(&mut self, heading: &str) {
        self.text += &format!("\n## {heading}\n");
    }

    fn paragraph(&mut self, text: &str) {
        self.text += &format!("\n{}\n", text.trim());
    }

    fn item(&mut self, label: &str, text: &str) {
        self.text += &format!("\n**{label}:** {}\n", text.trim());
    }

    fn optional(&mut self, label: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.item(label, text);
        }
    }

    fn list(&mut self, heading: &str, entries: impl IntoIterator<Item = String>) {
        let entries: Vec<String> = entries.into_iter().collect();
        if !entries.is_empty() {
            self.text += &format!("\n**{heading}**\n\n");
            self.text
                .extend(entries.iter().map(|entry| format!("- {entry}\n")));
        }
    }
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_between_pages_leads_to_a_page() {
        let pages = reference_pages(&Suite::embedded().unwrap());
        for page in &pages {
            let folder = page.path.rsplit_once('/').unwrap().0;
            let links = page.text.split("](").skip(1);
            let links = links.filter_map(|rest| rest.split(')').next());
            for link in links.filter(|link| link.ends_with(".md")) {
                let mut parts: Vec<&str> = folder.split('/').collect();
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
