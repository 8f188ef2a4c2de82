//! A saved run as it was read, ready to be judged.

use std::path::{Path, PathBuf};

use super::error::{ChangedRemedy, SavedError, SuiteChange};
use super::file_format::FIRST_FORMAT_WITH_DIGESTS;
use super::manifest::Manifest;
use super::run_reader::RunReader;
use super::saved_revision::SavedRevision;
use crate::scenario::model::scenario_of;
use crate::suite::Suite;

/// Whether a saved run may be judged by a suite that is not the one that was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhatIf {
    /// The suite must be the same, so that the verdicts are those of the original run.
    Refused,
    /// The transcripts are judged by what the suite requires now.
    Allowed,
    /// Like `Refused`, for a command that has no option to allow it. Errors advise otherwise.
    NotOffered,
}

/// A saved run.
#[derive(Debug)]
pub struct SavedRun {
    pub folder: PathBuf,
    pub manifest: Manifest,
    pub revisions: Vec<SavedRevision>,
}

impl SavedRun {
    /// Reads a run that is to be judged by the suite.
    pub fn read(folder: &Path, suite: &Suite, what_if: WhatIf) -> Result<Self, SavedError> {
        let mut reader = RunReader::new(folder);
        let manifest = reader.read_manifest()?;
        check_suite_is_unchanged(&manifest, suite, what_if)?;
        let revisions = manifest
            .revisions
            .iter()
            .map(|planned| reader.read_revision(&manifest, planned, suite))
            .collect::<Result<_, SavedError>>()?;
        Ok(Self {
            folder: folder.to_owned(),
            manifest,
            revisions,
        })
    }

    /// Whether every case of every shard that is present was run, or has a reason not to be.
    pub fn is_whole(&self) -> bool {
        self.revisions
            .iter()
            .all(|revision| !revision.about.interrupted)
    }
}

fn check_suite_is_unchanged(
    manifest: &Manifest,
    suite: &Suite,
    what_if: WhatIf,
) -> Result<(), SavedError> {
    let remedy = match what_if {
        WhatIf::Allowed => return Ok(()),
        WhatIf::Refused => ChangedRemedy::WhatIf,
        WhatIf::NotOffered => ChangedRemedy::OtherVersion,
    };
    let changes = suite_changes(manifest, suite);
    if changes.is_empty() {
        Ok(())
    } else if manifest.format < FIRST_FORMAT_WITH_DIGESTS {
        Err(SavedError::FormerFormat {
            format: manifest.format,
            remedy,
        })
    } else {
        Err(SavedError::Changed {
            changes,
            harness: manifest.harness.clone(),
            remedy,
        })
    }
}

/// What has changed in the suite since the run was saved.
fn suite_changes(manifest: &Manifest, suite: &Suite) -> Vec<SuiteChange> {
    let mut changes = Vec::new();
    if manifest.rules != suite.rules_digest() {
        changes.push(SuiteChange::Rules);
    }
    for planned in manifest.revisions.iter().flat_map(|planned| &planned.cases) {
        let case = suite.cases.iter().find(|case| case.id == planned.case);
        let digest = case.map(|case| suite.source_digest(case));
        let change = SuiteChange::Scenario(scenario_of(&planned.case).to_owned());
        if digest != Some(planned.scenario.as_str()) && !changes.contains(&change) {
            changes.push(change);
        }
    }
    changes
}
