//! `judge`, `report` and `merge`: the commands that read saved runs.

use std::path::{Path, PathBuf};

use clap::Args;

use super::baseline_arguments::BaselineArguments;
use super::console::print;
use super::error::CliError;
use super::judged_revision::{highest_exit_code, judge_saved_run, report_for, what_if};
use super::report_output::{ReportArguments, ReportDestinations};
use super::scenario_folders::load_suite;
use crate::exit_code;
use crate::report::Report;
use crate::saved::{SavedRun, WhatIf, merge as merge_runs};

/// Options of `judge` and `report`.
#[derive(Debug, Args)]
pub(super) struct JudgeArguments {
    /// Folder of a run that was saved with `run --save`; the run may be incomplete
    folder: PathBuf,
    #[command(flatten)]
    report: ReportArguments,
    #[command(flatten)]
    baseline: BaselineArguments,
    /// The folders of scenario files that the run was made with, if there were any
    #[arg(long, value_name = "DIR")]
    scenarios: Vec<PathBuf>,
    /// A failed SHOULD fails the run, even if the run was made without this option
    #[arg(long)]
    strict: bool,
    /// Judge by the scenarios and requirements of this version, even though they have changed since
    /// the run
    #[arg(long)]
    what_if: bool,
}

/// Options of `merge`.
#[derive(Debug, Args)]
pub(super) struct MergeArguments {
    /// Folders of the parts
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,
    /// Folder of the joined run: empty, or to be created
    #[arg(long, value_name = "FOLDER")]
    into: PathBuf,
    /// The folders of scenario files that the run was made with, if there were any
    #[arg(long, value_name = "DIR")]
    scenarios: Vec<PathBuf>,
}

/// Judges a saved run. The exit code is that of the run.
pub(super) fn judge(arguments: &JudgeArguments) -> Result<u8, CliError> {
    Ok(highest_exit_code(&write_reports(arguments)?))
}

/// Writes reports of a saved run, which is a success whatever they say.
pub(super) fn report(arguments: &JudgeArguments) -> Result<u8, CliError> {
    write_reports(arguments).map(|_| exit_code::PASSED)
}

fn write_reports(arguments: &JudgeArguments) -> Result<Vec<Report>, CliError> {
    let suite = load_suite(&arguments.scenarios)?;
    let destinations = ReportDestinations::new(&arguments.report)?;
    let baseline = arguments.baseline.load(&suite)?;
    let what_if = what_if(arguments.what_if);
    let mut judged = judge_saved_run(&arguments.folder, &suite, what_if)?;
    for revision in &mut judged {
        revision.about.strict |= arguments.strict;
        revision.about.show_secrets = arguments.report.shows_secrets();
        if let Some(baseline) = &baseline {
            baseline.apply(&suite, revision.record.complete, &mut revision.conclusions);
        }
    }
    let reports: Vec<Report> = judged
        .iter()
        .map(|revision| report_for(revision, &suite, &destinations))
        .collect();
    destinations.write(&reports)?;
    Ok(reports)
}

/// Joins the parts of a run.
pub(super) fn merge(arguments: &MergeArguments) -> Result<u8, CliError> {
    let suite = load_suite(&arguments.scenarios)?;
    let read_part = |folder: &PathBuf| SavedRun::read(folder, &suite, WhatIf::NotOffered);
    let parts: Vec<SavedRun> = arguments
        .folders
        .iter()
        .map(read_part)
        .collect::<Result<_, _>>()?;
    let into: &Path = &arguments.into;
    let manifest = merge_runs(&parts, into)?;
    let missing = if manifest.shards.are_all() {
        ""
    } else {
        "; the run is incomplete because the other parts are missing"
    };
    print(&format!(
        "{}: part {} of the run{missing}\n",
        into.display(),
        manifest.shards
    ))
}
