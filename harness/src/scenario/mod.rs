//! The first room: scenario files in, checked cases out. It knows no file system, no client and no
//! verdicts.
//!
//! Reading goes from the outside in: a file is a tree of `node`s, its variants are overlays of that
//! tree (`case`), and the parts of a case (`world`, `step`, `deviation`, `expectation`) are read by
//! a `reader` that collects every problem with its place and a remedy.

mod case;
mod control;
mod deviation;
pub(crate) mod error;
mod expectation;
mod keys;
mod message_members;
pub mod model;
pub(crate) mod node;
mod official;
mod pattern;
pub(crate) mod problem;
mod reader;
mod schema;
mod step;
pub(crate) mod suggest;
mod template;
#[cfg(test)]
mod tests;
pub(crate) mod values;
mod world;

pub use deviation::Behaviour;
pub use error::ScenarioError;
pub use model::*;
pub use official::OFFICIAL_SCENARIOS;
pub use schema::{monitors_schema, scenario_schema};
pub use template::{TemplateError, split_secret};

pub(crate) use error::line_and_column;
use error::located;
use node::Node;
use problem::{ScenarioProblem, Span};
use reader::CaseReader;
use values::ReadValues;

/// What scenario files are checked against.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub monitors: &'a [Expectation],
    /// When the requirement of an id applies; `None`: there is no such requirement.
    pub requirements: &'a dyn Fn(&str) -> Option<Applies>,
}

/// The revisions that a requirement is scored in, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applies {
    pub from: Revision,
    pub until: Revision,
}

/// Reads one scenario file. `name` is the id of its cases (`iss/two-values`), `path_shown` is what
/// errors call it.
pub fn load_file(
    name: &str,
    path_shown: &str,
    text: &str,
    known: &Known<'_>,
) -> Result<Vec<Case>, Vec<ScenarioError>> {
    let root = Node::parse(text).map_err(|problem| located(path_shown, text, vec![problem]))?;
    let parties = party_names(&root);
    let mut problems = Vec::new();
    let readings: Vec<_> = case::drafts(name, root, &mut problems)
        .iter()
        .map(|draft| case::read(draft, path_shown, text, known))
        .collect();
    let mut cases = Vec::new();
    for reading in &readings {
        problems.extend_from_slice(&reading.problems);
    }
    for (party, span) in parties {
        if !["as", "mcp"].contains(&party.as_str())
            && !readings
                .iter()
                .any(|reading| reading.mentioned.contains(&party))
        {
            let remedy = Some(
                "take it out, or let a deviation, a step, a setting or an expectation name it"
                    .to_owned(),
            );
            problems.push(ScenarioProblem {
                span,
                message: format!("nobody mentions the party `{party}`"),
                remedy,
            });
        }
    }
    cases.extend(readings.into_iter().filter_map(|reading| reading.case));
    if problems.is_empty() {
        Ok(cases)
    } else {
        Err(located(path_shown, text, problems))
    }
}

/// Reads the monitors: expectations that watch every run and name no party.
pub fn load_monitors(
    path_shown: &str,
    text: &str,
    requirements: &dyn Fn(&str) -> Option<Applies>,
) -> Result<Vec<Expectation>, Vec<ScenarioError>> {
    let root = Node::parse(text).map_err(|problem| located(path_shown, text, vec![problem]))?;
    let known = Known {
        monitors: &[],
        requirements,
    };
    let mut reader = CaseReader::new(&known, path_shown, text);
    reader.monitors = true;
    reader.only_keys(
        root.as_table().unwrap_or_default(),
        &["expect"],
        "the monitors",
    );
    let entries = root
        .get("expect")
        .map_or(&[][..], |entry| reader.table(&entry.value));
    let monitors = entries
        .iter()
        .filter_map(|entry| reader.expectation(entry))
        .collect();
    if reader.problems.is_empty() {
        Ok(monitors)
    } else {
        Err(located(path_shown, text, reader.problems))
    }
}

/// Parties that the file or one of its variants introduces, with their places.
fn party_names(root: &Node) -> Vec<(String, Span)> {
    let variants = root
        .get("variant")
        .and_then(|entry| entry.value.as_table())
        .unwrap_or_default();
    let mut names: Vec<(String, Span)> = Vec::new();
    for node in std::iter::once(root).chain(variants.iter().map(|entry| &entry.value)) {
        for party in node
            .get("world")
            .and_then(|entry| entry.value.as_table())
            .unwrap_or_default()
        {
            if !names.iter().any(|(name, _)| *name == party.key) {
                names.push((party.key.clone(), party.key_span.clone()));
            }
        }
    }
    names
}
