//! Runs that were judged, as commands use them.

use std::path::Path;

use super::console::print_note;
use super::error::CliError;
use super::report_output::ReportDestinations;
use crate::exit_code;
use crate::report::Report;
use crate::saved::{JudgedRevision, SavedRun, WhatIf};
use crate::suite::Suite;

/// A report that is enough for all its destinations.
pub(super) fn report_for(
    judged: &JudgedRevision,
    suite: &Suite,
    destinations: &ReportDestinations,
) -> Report {
    if destinations.need_all_timelines() {
        judged.full_report(suite)
    } else {
        judged.report(suite)
    }
}

/// Reads a saved run and judges each of its revisions.
pub(super) fn judge_saved_run(
    folder: &Path,
    suite: &Suite,
    what_if: WhatIf,
) -> Result<Vec<JudgedRevision>, CliError> {
    let run = SavedRun::read(folder, suite, what_if)?;
    if !run.manifest.shards.are_all() {
        print_note(&format!(
            "{} holds part {} of a run; `mcp-authspec merge` joins parts",
            folder.display(),
            run.manifest.shards
        ));
    }
    if !run.is_whole() {
        print_note(&format!(
            "{} is incomplete: the run ended before all of its cases were run",
            folder.display()
        ));
    }
    run.judge(suite).map_err(CliError::harness)
}

/// The value of `--what-if`.
pub(super) const fn what_if(wanted: bool) -> WhatIf {
    if wanted {
        WhatIf::Allowed
    } else {
        WhatIf::Refused
    }
}

/// The exit code of a run of several revisions.
pub(super) fn highest_exit_code(reports: &[Report]) -> u8 {
    reports
        .iter()
        .map(Report::exit_code)
        .max()
        .unwrap_or(exit_code::PASSED)
}
