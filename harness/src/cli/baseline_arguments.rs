//! `--baseline`, the option of every command that judges.

use std::path::{Path, PathBuf};

use clap::Args;

use super::console::print_note;
use super::error::CliError;
use crate::baseline::Baseline;
use crate::suite::Suite;

/// The option of every command that judges.
#[derive(Debug, Args)]
pub(super) struct BaselineArguments {
    /// A file of known failures with reasons: they are shown and do not fail the run; an entry
    /// whose failure is gone fails it
    ///
    /// A TOML file with a table `[known]`: `"iss/two-values:iss-multiple-identifiers" = "why"`. A
    /// key is a scenario, a scenario with a requirement, or a requirement that is watched in every
    /// run. `{ reason = "why", spec = ["2025-11-25"] }` is for failures of some revisions only. The
    /// official suite's expected-failures file (.yml) can be given, too.
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
}

impl BaselineArguments {
    /// Reads the baseline, if one was given.
    pub(super) fn load(&self, suite: &Suite) -> Result<Option<Baseline>, CliError> {
        self.baseline
            .as_deref()
            .map(|path| load_baseline(path, suite))
            .transpose()
    }
}

/// Reads a baseline and prints its notes.
pub(super) fn load_baseline(path: &Path, suite: &Suite) -> Result<Baseline, CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| CliError::read(path, source))?;
    let baseline =
        Baseline::parse(&path.display().to_string(), &text, suite).map_err(|errors| {
            let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
            CliError::Usage(lines.join("\n"))
        })?;
    for note in &baseline.notes {
        print_note(note);
    }
    Ok(baseline)
}
