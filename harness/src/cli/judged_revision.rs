//! One revision of a run that was judged: of a run just made, or of a saved one.

use std::path::Path;

use super::console::print_note;
use super::error::CliError;
use super::report_output::ReportDestinations;
use crate::exit_code;
use crate::judge::Conclusions;
use crate::report::{Report, RunDescription};
use crate::requirements::RequirementSet;
use crate::saved::{SavedRun, WhatIf};
use crate::suite::{Record, Suite};

/// The transcripts of one revision with what was concluded from them.
pub(super) struct JudgedRevision {
    pub(super) record: Record,
    pub(super) conclusions: Conclusions,
    pub(super) about: RunDescription,
}

impl JudgedRevision {
    pub(super) fn report(&self, suite: &Suite) -> Report {
        Report::new(suite, &self.record, &self.conclusions, &self.about)
    }

    /// A report that is enough for all its destinations.
    pub(super) fn report_for(&self, suite: &Suite, destinations: &ReportDestinations) -> Report {
        if destinations.need_all_timelines() {
            Report::in_full(suite, &self.record, &self.conclusions, &self.about)
        } else {
            self.report(suite)
        }
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
    let declared = run.manifest.declared;
    let set = run
        .manifest
        .requirements
        .map(RequirementSet::of)
        .transpose()
        .map_err(CliError::harness)?;
    let judged = run.revisions.into_iter().map(|revision| {
        let mut conclusions = revision.record.conclude(suite, &declared);
        if let Some(set) = &set {
            conclusions.score_by(set);
        }
        JudgedRevision {
            record: revision.record,
            conclusions,
            about: revision.about,
        }
    });
    Ok(judged.collect())
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
