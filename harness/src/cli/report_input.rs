//! Reports as the input of a command: a saved run, or a file that `--report json=FILE` wrote.

use std::path::Path;

use super::error::CliError;
use super::judged_revision::judge_saved_run;
use crate::report::Report;
use crate::saved::WhatIf;
use crate::suite::Suite;

/// The reports of a saved run, or those in a file.
pub(super) fn read_reports(
    path: &Path,
    suite: &Suite,
    what_if: WhatIf,
) -> Result<Vec<Report>, CliError> {
    if path.is_dir() {
        return Ok(judge_saved_run(path, suite, what_if)?
            .iter()
            .map(|revision| revision.report(suite))
            .collect());
    }
    let text = std::fs::read_to_string(path).map_err(|source| CliError::read(path, source))?;
    parse_reports(&text).map_err(|error| {
        CliError::Usage(format!(
            "invalid JSON report {}: {error}\n  help: `--report json=FILE` writes one",
            path.display()
        ))
    })
}

/// One report, or a list of them.
pub(super) fn parse_reports(text: &str) -> Result<Vec<Report>, serde_json::Error> {
    let several = serde_json::from_str::<Vec<Report>>(text);
    several.or_else(|_| serde_json::from_str::<Report>(text).map(|one| vec![one]))
}
