//! `baseline update` and `baseline check`.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::baseline_arguments::load_baseline;
use super::console::print;
use super::error::CliError;
use super::judged_revision::judge_saved_run;
use super::report_output::replace_file;
use super::run_arguments::RunArguments;
use super::run_command::run_and_judge;
use super::scenario_folders::load_suite;
use crate::baseline::{self, Learned, Update, UpdateError};
use crate::exit_code;
use crate::report::describe_entry_change;
use crate::saved::{JudgedRevision, WhatIf};
use crate::suite::Suite;

/// The commands about baselines.
#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Bring a baseline up to date: add new failures, remove entries whose failure is gone, and
    /// keep reasons and comments
    ///
    /// Learns from a saved run (--from), or runs the suite. Where entries name revisions, `--spec
    /// all` learns about all of them.
    Update {
        /// The reason of new entries; without it, new failures are an error
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// A run that was saved with `run --save`
        #[arg(long, value_name = "FOLDER")]
        from: Option<PathBuf>,
        #[command(flatten)]
        run: Box<RunArguments>,
    },
    /// Check a baseline without running anything
    Check {
        /// The baseline
        file: PathBuf,
    },
}

pub(super) fn baseline(command: BaselineCommand) -> Result<u8, CliError> {
    match command {
        BaselineCommand::Check { file } => {
            load_baseline(&file, &Suite::embedded()?)?;
            Ok(exit_code::PASSED)
        }
        BaselineCommand::Update { reason, from, run } => update_baseline(reason, from, *run),
    }
}

fn update_baseline(
    reason: Option<String>,
    from: Option<PathBuf>,
    mut run: RunArguments,
) -> Result<u8, CliError> {
    let suite = load_suite(&run.scenarios)?;
    // the entries of the old baseline must not hide failures from the new one
    let file = run.baseline.baseline.take().ok_or_else(|| {
        CliError::Usage(
            "no baseline is given\n  help: mcp-authspec baseline update \
             --baseline known-failures.toml --reason \"issue 12\" -- CLIENT"
                .to_owned(),
        )
    })?;
    let judged = match from {
        Some(folder) => judge_saved_run(&folder, &suite, WhatIf::NotOffered)?,
        None => run_and_judge(&suite, &run)?.into_saved()?,
    };
    if let Some(incomplete) = judged.iter().find(|one| one.about.interrupted) {
        return Err(CliError::Usage(format!(
            "the run of {} is incomplete\n  help: update the baseline from a complete run",
            incomplete.record.revision
        )));
    }
    let runs: Vec<Learned<'_>> = judged.iter().map(JudgedRevision::learned).collect();
    let learned = Update {
        suite: &suite,
        runs: &runs,
        strict: run.strict,
        reason: reason.as_deref(),
    };
    write_update(&file, &learned)
}

/// Writes the updated baseline and prints the changes.
fn write_update(file: &Path, learned: &Update<'_>) -> Result<u8, CliError> {
    let name = file.display().to_string();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(source) => return Err(CliError::read(file, source)),
    };
    let updated = baseline::update_baseline(&name, text.as_deref(), learned)?;
    if updated.changes.is_empty() && text.is_some() {
        return print(&format!("{name}: nothing to change\n"));
    }
    replace_file(file, &updated.text).map_err(|source| CliError::write(file, source))?;
    let changes: String = updated
        .changes
        .iter()
        .map(|change| describe_entry_change(change) + "\n")
        .collect();
    let count = updated.changes.len();
    print(&format!("{changes}{name}: {count} changed\n"))
}

impl JudgedRevision {
    /// What a baseline learns from the run.
    fn learned(&self) -> Learned<'_> {
        Learned {
            conclusions: &self.conclusions,
            complete: self.record.complete,
        }
    }
}

impl From<UpdateError> for CliError {
    fn from(error: UpdateError) -> Self {
        Self::Usage(error.to_string())
    }
}
