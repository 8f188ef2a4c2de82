//! `compare`: what changed between two runs.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::console::{output_style, print};
use super::error::CliError;
use super::judged_revision::{judge_saved_run, what_if};
use super::scenario_folders::load_suite;
use crate::report::{Comparison, Report, compare as compare_reports};
use crate::saved::WhatIf;
use crate::suite::Suite;

/// Options of `compare`.
#[derive(Debug, Args)]
pub(super) struct CompareArguments {
    /// The earlier run: a folder saved with `run --save`, or a report written with `--format json`
    before: PathBuf,
    /// The later run
    after: PathBuf,
    /// Format of the comparison
    #[arg(long, value_enum, default_value_t = ComparisonFormat::Console)]
    format: ComparisonFormat,
    /// The folders of scenario files that the runs were made with, if there were any
    #[arg(long, value_name = "DIR")]
    scenarios: Vec<PathBuf>,
    /// Judge saved runs by the scenarios and requirements of this version, even though they have
    /// changed since
    #[arg(long)]
    what_if: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ComparisonFormat {
    Console,
    Markdown,
    Json,
}

pub(super) fn compare(arguments: &CompareArguments) -> Result<u8, CliError> {
    let suite = load_suite(&arguments.scenarios)?;
    let what_if = what_if(arguments.what_if);
    let before = read_reports(&arguments.before, &suite, what_if)?;
    let after = read_reports(&arguments.after, &suite, what_if)?;
    let pairs = pair_reports(&before, &after);
    if pairs.is_empty() {
        return Err(CliError::Usage(
            "the two runs have no revision in common\n  help: save each with the same --spec"
                .to_owned(),
        ));
    }
    let comparisons: Vec<Comparison> = pairs
        .into_iter()
        .map(|(before, after)| compare_reports(before, after))
        .collect();
    print(&render(&comparisons, arguments.format)?)
}

/// The reports of the same revision. Two runs of one revision each are a pair whatever their
/// revisions are, so that two revisions can be compared, too.
fn pair_reports<'r>(before: &'r [Report], after: &'r [Report]) -> Vec<(&'r Report, &'r Report)> {
    if let ([before], [after]) = (before, after) {
        return vec![(before, after)];
    }
    before
        .iter()
        .filter_map(|one| {
            let other = after.iter().find(|other| other.revision == one.revision)?;
            Some((one, other))
        })
        .collect()
}

fn render(comparisons: &[Comparison], format: ComparisonFormat) -> Result<String, CliError> {
    let join = |render: &dyn Fn(&Comparison) -> String| {
        let texts: Vec<String> = comparisons.iter().map(render).collect();
        texts.join("\n")
    };
    match format {
        ComparisonFormat::Console => Ok(join(&|one| one.console(&output_style(false)))),
        ComparisonFormat::Markdown => Ok(join(&Comparison::markdown)),
        ComparisonFormat::Json => {
            let text = match comparisons {
                [one] => serde_json::to_string_pretty(one),
                several => serde_json::to_string_pretty(several),
            };
            text.map(|text| format!("{text}\n"))
                .map_err(CliError::harness)
        }
    }
}

/// The reports of a saved run, or those in a file.
fn read_reports(path: &Path, suite: &Suite, what_if: WhatIf) -> Result<Vec<Report>, CliError> {
    if path.is_dir() {
        return Ok(judge_saved_run(path, suite, what_if)?
            .iter()
            .map(|revision| revision.report(suite))
            .collect());
    }
    let text = std::fs::read_to_string(path).map_err(|source| CliError::read(path, source))?;
    let several = serde_json::from_str::<Vec<Report>>(&text);
    let read = several.or_else(|_| serde_json::from_str::<Report>(&text).map(|one| vec![one]));
    read.map_err(|error| {
        CliError::Usage(format!(
            "invalid JSON report {}: {error}\n  help: `--report json=FILE` writes one",
            path.display()
        ))
    })
}
