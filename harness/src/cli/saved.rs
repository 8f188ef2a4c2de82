//! `judge`, `report` and `merge`: saved runs taken up again.

use std::path::{Path, PathBuf};

use clap::Args;
use mcp_authspec::judge::Conclusions;
use mcp_authspec::report::{Report, RunDescription};
use mcp_authspec::requirements::RequirementSet;
use mcp_authspec::saved::{SavedRun, WhatIf, merge as join};
use mcp_authspec::suite::{Record, Suite};

use super::baseline::BaselineArgument;
use super::output::{Outputs, ReportArguments};
use super::{CliError, own, print};

/// Options of `judge` and `report`.
#[derive(Debug, Args)]
pub(super) struct JudgeArguments {
    /// Folder of a run that was saved with `run --save`, whole or cut off
    folder: PathBuf,
    #[command(flatten)]
    report: ReportArguments,
    #[command(flatten)]
    baseline: BaselineArgument,
    /// The scenario files that the run was made with, if it was made with any of its own
    #[arg(long, value_name = "DIR")]
    scenarios: Vec<PathBuf>,
    /// A failed SHOULD fails the run, whatever was said when it was made
    #[arg(long)]
    strict: bool,
    /// Judge by the scenarios and requirements of this version, even though they have changed since
    /// the run
    #[arg(long)]
    what_if: bool,
}

/// What was recorded, and what follows from it.
pub(super) struct Judged {
    pub(super) record: Record,
    pub(super) conclusions: Conclusions,
    pub(super) about: RunDescription,
}

impl Judged {
    pub(super) fn report(&self, suite: &Suite) -> Report {
        Report::new(suite, &self.record, &self.conclusions, &self.about)
    }
}

/// Reads a saved run and judges it, revision by revision.
pub(super) fn judged(
    folder: &Path,
    suite: &Suite,
    what_if: WhatIf,
) -> Result<Vec<Judged>, CliError> {
    let run = SavedRun::read(folder, suite, what_if)?;
    if !run.manifest.shards.are_all() {
        anstream::eprintln!(
            "note: {} holds part {} of a run; `mcp-authspec merge` joins parts",
            folder.display(),
            run.manifest.shards
        );
    }
    if !run.is_whole() {
        anstream::eprintln!(
            "note: {} is incomplete: the run was ended before all was run",
            folder.display()
        );
    }
    let declared = run.manifest.declared;
    let set = run
        .manifest
        .requirements
        .map(RequirementSet::of)
        .transpose()
        .map_err(|e| CliError::Harness(e.to_string()))?;
    let judged = run.revisions.into_iter().map(|revision| {
        let mut conclusions = revision.record.conclude(suite, &declared);
        if let Some(set) = &set {
            conclusions.score_by(set);
        }
        Judged {
            record: revision.record,
            conclusions,
            about: revision.about,
        }
    });
    Ok(judged.collect())
}

fn reports(arguments: &JudgeArguments) -> Result<Vec<Report>, CliError> {
    let suite = own::suite(&arguments.scenarios)?;
    let outputs = Outputs::of(&arguments.report)?;
    let baseline = arguments.baseline.load(&suite)?;
    let what_if = if arguments.what_if {
        WhatIf::Allowed
    } else {
        WhatIf::Refused
    };
    let mut judged = judged(&arguments.folder, &suite, what_if)?;
    for one in &mut judged {
        one.about.strict |= arguments.strict;
        one.about.show_secrets = arguments.report.shows_secrets();
        if let Some(baseline) = &baseline {
            baseline.apply(&suite, one.record.complete, &mut one.conclusions);
        }
    }
    let reports: Vec<Report> = judged.iter().map(|one| one.report(&suite)).collect();
    outputs.write(&reports)?;
    Ok(reports)
}

/// Gives the verdicts again: the exit code is that of the run.
pub(super) fn judge(arguments: &JudgeArguments) -> Result<u8, CliError> {
    Ok(reports(arguments)?
        .iter()
        .map(Report::exit_code)
        .max()
        .unwrap_or_default())
}

/// Writes reports; that they could be written is success.
pub(super) fn report(arguments: &JudgeArguments) -> Result<u8, CliError> {
    reports(arguments).map(|_| 0)
}

/// Joins shards.
pub(super) fn merge(
    folders: &[PathBuf],
    into: &Path,
    scenarios: &[PathBuf],
) -> Result<u8, CliError> {
    let suite = own::suite(scenarios)?;
    let parts: Vec<SavedRun> = folders
        .iter()
        .map(|folder| SavedRun::read(folder, &suite, WhatIf::Refused))
        .collect::<Result<_, _>>()?;
    let manifest = join(&parts, into)?;
    let missing = if manifest.shards.are_all() {
        ""
    } else {
        "; the others are missing, so it is incomplete"
    };
    print(&format!(
        "{}: part {} of the run{missing}\n",
        into.display(),
        manifest.shards
    ))
}
