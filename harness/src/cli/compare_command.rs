//! `compare`: what changed between two runs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::console::{output_style, print};
use super::error::CliError;
use super::judged_revision::what_if;
use super::report_input::read_reports;
use super::scenario_folders::load_suite;
use crate::report::{Comparison, Report, compare as compare_reports};

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
