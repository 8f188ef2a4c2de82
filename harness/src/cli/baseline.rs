//! `--baseline`, and `baseline update` and `baseline check`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use mcp_authspec::baseline::{Baseline, BaselineError, Learned, Update, UpdateError, update};
use mcp_authspec::saved::WhatIf;
use mcp_authspec::suite::Suite;

use super::saved::{Judged, judged};
use super::{CliError, RunArguments, output, own, print, run};

/// The option of every command that judges.
#[derive(Debug, Args)]
pub(crate) struct BaselineArgument {
    /// Known failures, with reasons: they are shown and do not fail the run; one that is gone does
    ///
    /// A TOML file with a table `[known]`: `"iss/two-values:iss-multiple-identifiers" = "why"`. A
    /// key is a scenario, a scenario with a requirement, or a requirement that is watched in every
    /// run. `{ reason = "why", spec = ["2025-11-25"] }` is for failures of some revisions. The
    /// official suite's expected-failures file (.yml) is read, too.
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
}

impl BaselineArgument {
    pub(super) fn load(&self, suite: &Suite) -> Result<Option<Baseline>, CliError> {
        let Some(path) = &self.baseline else {
            return Ok(None);
        };
        load(path, suite).map(Some)
    }
}

/// What to do with a baseline.
#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Bring a baseline up to date: new failures come in, entries whose failure is gone go, reasons
    /// and comments stay
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
            load(&file, &Suite::embedded()?)?;
            Ok(0)
        }
        BaselineCommand::Update {
            reason,
            from,
            mut run,
        } => {
            let suite = own::suite(&run.scenarios)?;
            let help = "help: mcp-authspec baseline update --baseline known-failures.toml --reason \"issue 12\" -- CLIENT";
            let file = run
                .baseline
                .baseline
                .take()
                .ok_or_else(|| CliError::Usage(format!("which baseline?\n  {help}")))?;
            let judged = match from {
                Some(folder) => judged(&folder, &suite, WhatIf::Refused)?,
                None => run::run_all(&suite, &run)?.kept()?,
            };
            bring_up_to_date(&file, &suite, &judged, run.strict, reason.as_deref())
        }
    }
}

fn bring_up_to_date(
    file: &Path,
    suite: &Suite,
    judged: &[Judged],
    strict: bool,
    reason: Option<&str>,
) -> Result<u8, CliError> {
    let name = file.display().to_string();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(source) => return Err(CliError::Read { path: name, source }),
    };
    if let Some(cut) = judged.iter().find(|one| one.about.interrupted) {
        return Err(CliError::Usage(format!(
            "the run of {} is incomplete\n  help: learn from one that is whole",
            cut.record.revision
        )));
    }
    let runs: Vec<Learned<'_>> = judged
        .iter()
        .map(|one| Learned {
            conclusions: &one.conclusions,
            complete: one.record.complete,
        })
        .collect();
    let updated = update(
        &name,
        text.as_deref(),
        &Update {
            suite,
            runs: &runs,
            strict,
            reason,
        },
    )?;
    if updated.changes.is_empty() && text.is_some() {
        return print(&format!("{name}: nothing to change\n"));
    }
    output::write_whole(file, &updated.text).map_err(|source| CliError::Write {
        what: name.clone(),
        source,
    })?;
    let changes: String = updated
        .changes
        .iter()
        .map(|change| format!("{change}\n"))
        .collect();
    print(&format!(
        "{changes}{name}: {} changed\n",
        updated.changes.len()
    ))
}

fn load(path: &Path, suite: &Suite) -> Result<Baseline, CliError> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| CliError::Read {
        path: name.clone(),
        source,
    })?;
    let baseline =
        Baseline::parse(&name, &text, suite).map_err(|errors| CliError::Usage(told(&errors)))?;
    for note in &baseline.notes {
        anstream::eprintln!("note: {note}");
    }
    Ok(baseline)
}

fn told(errors: &[BaselineError]) -> String {
    errors
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

impl From<UpdateError> for CliError {
    fn from(error: UpdateError) -> Self {
        Self::Usage(error.to_string())
    }
}
