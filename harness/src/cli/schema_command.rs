//! `schema`: the formats as JSON Schemas, for editors and for programs that read our output.

use clap::ValueEnum;

use super::console::print;
use super::error::CliError;
use crate::driver::{PERSISTENT_SCHEMA, client_schema};
use crate::scenario::{monitors_schema, scenario_schema};
use crate::suite::Suite;

/// The formats that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaName {
    /// Scenario files
    Scenario,
    /// The suite's own `monitors.toml`
    Monitors,
    /// Lines of `run --events`
    Events,
    /// Client files (`run --client`)
    Client,
    /// Lines of persistent mode
    Persistent,
    /// Output of `--format json`
    Result,
}

pub(super) fn schema(name: SchemaName) -> Result<u8, CliError> {
    let schema = match name {
        SchemaName::Events => return print(fixtures::schemas::EVENTS),
        SchemaName::Persistent => return print(PERSISTENT_SCHEMA),
        SchemaName::Result => return print(fixtures::schemas::RESULT),
        SchemaName::Scenario => generate_schema(scenario_schema)?,
        SchemaName::Monitors => generate_schema(monitors_schema)?,
        SchemaName::Client => client_schema(),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(CliError::harness)?;
    print(&format!("{text}\n"))
}

/// Generates a schema that lists the requirements.
fn generate_schema(
    generate: fn(&[(&str, &str)]) -> serde_json::Value,
) -> Result<serde_json::Value, CliError> {
    let suite = Suite::embedded()?;
    let requirements: Vec<(&str, &str)> = suite
        .catalogue
        .iter()
        .map(|requirement| (requirement.id.as_str(), requirement.statement.as_str()))
        .collect();
    Ok(generate(&requirements))
}
