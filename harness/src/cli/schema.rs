//! `schema`: the formats as JSON Schemas, for editors and for programs that read what we write.

use clap::ValueEnum;
use mcp_authspec::driver::{PERSISTENT_SCHEMA, client_schema};
use mcp_authspec::scenario::{Vocabulary, monitors_schema, scenario_schema};
use mcp_authspec::suite::Suite;

use super::{CliError, print};

/// The formats that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Name {
    /// Scenario files
    Scenario,
    /// The suite's own `monitors.toml`
    Monitors,
    /// Lines of `run --events`
    Events,
    /// Client files (`run --client`)
    Client,
    /// The lines of persistent mode
    Persistent,
    /// What `--format json` writes
    Result,
}

/// A line of the event stream.
const EVENTS: &str = include_str!("../../../fixtures/schemas/events.schema.json");

/// The schema of results: written by hand, for it is a promise to programs of others; tests compare
/// it with what is written.
const RESULT: &str = include_str!("../../../fixtures/schemas/result.schema.json");

pub(super) fn schema(name: Name) -> Result<u8, CliError> {
    let schema = match name {
        Name::Events => return print(EVENTS),
        Name::Scenario => of_scenarios(scenario_schema)?,
        Name::Monitors => of_scenarios(monitors_schema)?,
        Name::Client => client_schema(),
        Name::Persistent => return print(PERSISTENT_SCHEMA),
        Name::Result => return print(RESULT),
    };
    print(&format!(
        "{}\n",
        serde_json::to_string_pretty(&schema).map_err(|e| CliError::Harness(e.to_string()))?
    ))
}

fn of_scenarios(
    make: fn(&Vocabulary, &[(&str, &str)]) -> serde_json::Value,
) -> Result<serde_json::Value, CliError> {
    let suite = Suite::embedded()?;
    let vocabulary =
        Vocabulary::parse(scenarios::VOCABULARY).map_err(|e| CliError::Harness(e.to_string()))?;
    let requirements: Vec<(&str, &str)> = suite
        .catalogue
        .iter()
        .map(|r| (r.id.as_str(), r.statement.as_str()))
        .collect();
    Ok(make(&vocabulary, &requirements))
}
