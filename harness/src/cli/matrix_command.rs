//! `matrix`: many runs side by side.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};

use super::console::{output_style, print};
use super::error::CliError;
use super::judged_revision::what_if;
use super::report_input::read_reports;
use super::report_output::replace_file;
use super::scenario_folders::load_suite;
use crate::report::{LabelledRun, Matrix, MatrixFilter, ShownRows, build_matrix};
use crate::requirements::Area;
use crate::saved::WhatIf;
use crate::scenario::model::Level;
use crate::suite::Suite;

/// Options of `matrix`.
#[derive(Debug, Args)]
pub(super) struct MatrixArguments {
    /// Runs, as RUN or NAME=RUN with a name for the client: folders saved with `run --save`,
    /// reports written with `--report json=FILE`, and matrices written with `--format json`. Two
    /// runs of one client and revision, the earlier one first, show what got worse
    #[arg(required = true, value_name = "[NAME=]RUN")]
    runs: Vec<RunInput>,
    /// Format of the matrix
    #[arg(long, value_enum, default_value_t = MatrixFormat::Console)]
    format: MatrixFormat,
    /// Write the matrix to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Which requirements to show
    #[arg(long, value_name = "ROWS", default_value = "all", value_parser = rows_parser())]
    only: ShownRows,
    /// Show this area only. Can be given more than once
    #[arg(long, value_name = "AREA")]
    area: Vec<Area>,
    /// Show requirements of this level only: must, should or may. Can be given more than once
    #[arg(long, value_name = "LEVEL", value_parser = parse_level)]
    level: Vec<Level>,
    /// The folders of scenario files that the runs were made with, if there were any
    #[arg(long, value_name = "DIR")]
    scenarios: Vec<PathBuf>,
    /// Judge saved runs by the scenarios and requirements of this version, even though they have
    /// changed since
    #[arg(long)]
    what_if: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MatrixFormat {
    Console,
    Markdown,
    Json,
    Html,
}

/// A run with the name that its client is given, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RunInput {
    name: Option<String>,
    path: PathBuf,
}

impl FromStr for RunInput {
    type Err = std::convert::Infallible;

    /// A path that exists is taken as it is, even with `=` in it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = text
            .split_once('=')
            .filter(|(name, path)| !name.is_empty() && !path.is_empty());
        Ok(match named.filter(|_| !Path::new(text).exists()) {
            Some((name, path)) => Self {
                name: Some(name.to_owned()),
                path: path.into(),
            },
            None => Self {
                name: None,
                path: text.into(),
            },
        })
    }
}

fn rows_parser() -> impl TypedValueParser<Value = ShownRows> {
    let words = ShownRows::ALL.iter().map(|rows| rows.as_str());
    PossibleValuesParser::new(words).try_map(|word| word.parse::<ShownRows>())
}

fn parse_level(word: &str) -> Result<Level, crate::UnknownWord> {
    word.to_ascii_uppercase().parse()
}

pub(super) fn matrix(arguments: &MatrixArguments) -> Result<u8, CliError> {
    let suite = load_suite(&arguments.scenarios)?;
    let mut runs = Vec::new();
    for input in &arguments.runs {
        runs.extend(read_input(input, &suite, what_if(arguments.what_if))?);
    }
    let filter = MatrixFilter {
        areas: arguments.area.clone(),
        levels: arguments.level.clone(),
        rows: arguments.only,
    };
    let matrix = filter.apply(build_matrix(runs, &suite.catalogue));
    let text = render(&matrix, arguments)?;
    match &arguments.output {
        None => print(&text),
        Some(file) => {
            replace_file(file, &text).map_err(|source| CliError::write(file, source))?;
            Ok(crate::exit_code::PASSED)
        }
    }
}

fn read_input(
    input: &RunInput,
    suite: &Suite,
    what_if: WhatIf,
) -> Result<Vec<LabelledRun>, CliError> {
    if let Some(matrix) = read_matrix(&input.path)? {
        return Ok(vec![LabelledRun::Matrix(matrix)]);
    }
    let label = |report| LabelledRun::Report {
        label: input.name.clone(),
        report: Box::new(report),
    };
    let reports = read_reports(&input.path, suite, what_if)?;
    Ok(reports.into_iter().map(label).collect())
}

/// The matrix that a file holds, if it holds one.
fn read_matrix(path: &Path) -> Result<Option<Matrix>, CliError> {
    if path.is_dir() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(path).map_err(|source| CliError::read(path, source))?;
    Ok(serde_json::from_str(&text).ok())
}

fn render(matrix: &Matrix, arguments: &MatrixArguments) -> Result<String, CliError> {
    match arguments.format {
        MatrixFormat::Console if arguments.output.is_some() => {
            Ok(matrix.console(&crate::report::TextStyle::default()))
        }
        MatrixFormat::Console => Ok(matrix.console(&output_style(false))),
        MatrixFormat::Markdown => Ok(matrix.markdown()),
        MatrixFormat::Json => serde_json::to_string(matrix)
            .map(|text| text + "\n")
            .map_err(CliError::harness),
        MatrixFormat::Html => matrix.html().map_err(CliError::harness),
    }
}
