//! Reads scenario files and monitors.

use super::case;
use super::draft;
use super::error::{ScenarioError, located};
use super::load_context::{Applies, LoadContext};
use super::model::{Case, Expectation};
use super::node::Node;
use super::problem::{ScenarioProblem, Span};
use super::reader::CaseReader;
use super::values::ReadValues;

/// Reads one scenario file. `name` is the id of its cases (`iss/two-values`), `path_shown` the name
/// of the file in errors.
pub fn load_file(
    name: &str,
    path_shown: &str,
    text: &str,
    context: &LoadContext<'_>,
) -> Result<Vec<Case>, Vec<ScenarioError>> {
    let root = Node::parse(text).map_err(|problem| located(path_shown, text, vec![problem]))?;
    let parties = party_names(&root);
    let mut problems = Vec::new();
    let readings: Vec<_> = draft::drafts(name, root, &mut problems)
        .iter()
        .map(|draft| case::read(draft, path_shown, text, context))
        .collect();
    for reading in &readings {
        problems.extend_from_slice(&reading.problems);
    }
    for (party, span) in parties {
        let always_there = ["as", "mcp"].contains(&party.as_str());
        let mentioned = readings
            .iter()
            .any(|reading| reading.mentioned.contains(&party));
        if !always_there && !mentioned {
            problems.push(ScenarioProblem {
                span,
                message: format!("nothing mentions the party `{party}`"),
                remedy: Some(
                    "remove it, or name it in a deviation, a step, a setting or an expectation"
                        .to_owned(),
                ),
            });
        }
    }
    if !problems.is_empty() {
        return Err(located(path_shown, text, problems));
    }
    Ok(readings
        .into_iter()
        .filter_map(|reading| reading.case)
        .collect())
}

/// Reads the monitors: expectations that watch every run and name no party.
pub fn load_monitors(
    path_shown: &str,
    text: &str,
    requirements: &(dyn Fn(&str) -> Option<Applies> + Sync),
) -> Result<Vec<Expectation>, Vec<ScenarioError>> {
    let root = Node::parse(text).map_err(|problem| located(path_shown, text, vec![problem]))?;
    let context = LoadContext {
        monitors: &[],
        requirements,
    };
    let mut reader = CaseReader::new(&context, path_shown, text);
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
