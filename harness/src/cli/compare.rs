//! `compare`: what changed between two runs.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use mcp_authspec::report::{Comparison, Report, compare as side_by_side};
use mcp_authspec::saved::WhatIf;
use mcp_authspec::suite::Suite;

use super::output::style_of_output;
use super::saved::judged;
use super::{CliError, own, print};

/// Options of `compare`.
#[derive(Debug, Args)]
pub(super) struct CompareArguments {
    /// The earlier run: a folder saved with `run --save`, or a report written with `--format json`
    before: PathBuf,
    /// The later run
    after: PathBuf,
    /// Form of the comparison
    #[arg(long, value_enum, default_value_t = Form::Console)]
    format: Form,
    /// The scenario files that the runs were made with, if they were made with any of their own
    #[arg(long, value_name = "DIR")]
    scenarios: Vec<PathBuf>,
    /// Judge saved runs by the scenarios and requirements of this version, even though they have
    /// changed since
    #[arg(long)]
    what_if: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Console,
    Markdown,
    Json,
}

pub(super) fn compare(arguments: &CompareArguments) -> Result<u8, CliError> {
    let suite = own::suite(&arguments.scenarios)?;
    let what_if = if arguments.what_if {
        WhatIf::Allowed
    } else {
        WhatIf::Refused
    };
    let before = reports(&arguments.before, &suite, what_if)?;
    let after = reports(&arguments.after, &suite, what_if)?;
    let pairs: Vec<(&Report, &Report)> = match (before.as_slice(), after.as_slice()) {
        // two revisions can be compared, too
        ([before], [after]) => vec![(before, after)],
        (all, others) => all
            .iter()
            .filter_map(|one| {
                Some((
                    one,
                    others.iter().find(|other| other.revision == one.revision)?,
                ))
            })
            .collect(),
    };
    if pairs.is_empty() {
        return Err(CliError::Usage(
            "the two runs have no revision in common\n  help: save each with the same --spec"
                .to_owned(),
        ));
    }
    let found: Vec<Comparison> = pairs
        .into_iter()
        .map(|(before, after)| side_by_side(before, after))
        .collect();
    let text = match arguments.format {
        Form::Console => found
            .iter()
            .map(|one| one.console(&style_of_output(false)))
            .collect::<Vec<_>>()
            .join("\n"),
        Form::Markdown => found
            .iter()
            .map(Comparison::markdown)
            .collect::<Vec<_>>()
            .join("\n"),
        Form::Json => match found.as_slice() {
            [one] => serde_json::to_string_pretty(one),
            several => serde_json::to_string_pretty(several),
        }
        .map(|text| text + "\n")
        .map_err(|error| CliError::Harness(error.to_string()))?,
    };
    print(&text)
}

/// The reports of a saved run, or those in a file.
fn reports(path: &Path, suite: &Suite, what_if: WhatIf) -> Result<Vec<Report>, CliError> {
    if path.is_dir() {
        return Ok(judged(path, suite, what_if)?
            .iter()
            .map(|one| one.report(suite))
            .collect());
    }
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| CliError::Read {
        path: name.clone(),
        source,
    })?;
    let several = serde_json::from_str::<Vec<Report>>(&text);
    let read = several.or_else(|_| serde_json::from_str::<Report>(&text).map(|one| vec![one]));
    read.map_err(|error| {
        CliError::Usage(format!(
            "{name} is no JSON report: {error}\n  help: `--report json=FILE` writes one"
        ))
    })
}
