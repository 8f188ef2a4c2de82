//! Merges the shards of one run.

use std::collections::BTreeMap;
use std::path::Path;

use super::difference::RunDifference;
use super::error::SavedError;
use super::file_format::{RevisionEnd, SAVED_FORMAT, SavedCase, SavedOutcome};
use super::manifest::Manifest;
use super::saved_revision::SavedRevision;
use super::saved_run::SavedRun;
use super::saver::Saver;
use crate::scenario::model::Revision;
use crate::transcript::Transcript;

/// Merges shards into a new folder. They must be shards of the same run: same client, suite,
/// selection and revisions.
pub fn merge(shards: &[SavedRun], into: &Path) -> Result<Manifest, SavedError> {
    let manifest = merge_manifests(shards)?;
    let saver = Saver::create(into, &manifest)?;
    for (index, planned) in manifest.revisions.iter().enumerate() {
        let parts: Vec<&SavedRevision> = shards
            .iter()
            .filter_map(|shard| shard.revisions.get(index))
            .collect();
        for part in &parts {
            copy_transcripts(&saver, planned.revision, part)?;
        }
        let ends: Option<Vec<&RevisionEnd>> = parts.iter().map(|part| part.end.as_ref()).collect();
        // A shard without an end was killed, so the whole run has no end either.
        if let Some(ends) = ends {
            saver.write_end(planned.revision, &merge_ends(&ends))?;
        }
    }
    Ok(manifest)
}

/// The manifest of all shards together.
fn merge_manifests(shards: &[SavedRun]) -> Result<Manifest, SavedError> {
    let Some((first, others)) = shards.split_first() else {
        return Err(SavedError::NothingToMerge);
    };
    let mut manifest = Manifest {
        format: SAVED_FORMAT,
        ..first.manifest.clone()
    };
    let present = &first.manifest.shards.present;
    let mut folders: BTreeMap<u32, &Path> = present
        .iter()
        .map(|shard| (*shard, first.folder.as_path()))
        .collect();
    for other in others {
        if let Some(difference) = RunDifference::between(&first.manifest, &other.manifest) {
            return Err(SavedError::NotOneRun {
                one: first.folder.clone(),
                other: other.folder.clone(),
                difference,
            });
        }
        for &shard in &other.manifest.shards.present {
            if let Some(one) = folders.insert(shard, &other.folder) {
                return Err(SavedError::SameShard {
                    one: one.to_owned(),
                    other: other.folder.clone(),
                    shard,
                    of: manifest.shards.of,
                });
            }
        }
        for seed in &other.manifest.seeds {
            if !manifest.seeds.contains(seed) {
                manifest.seeds.push(seed.clone());
            }
        }
    }
    manifest.shards.present = folders.into_keys().collect();
    Ok(manifest)
}

fn copy_transcripts(
    saver: &Saver,
    revision: Revision,
    part: &SavedRevision,
) -> Result<(), SavedError> {
    for (case, outcome) in &part.record.cases {
        if let Ok(transcript) = outcome {
            saver.write_run(revision, &case.id, false, &saved_case(&case.id, transcript))?;
        }
    }
    for (case, transcript) in part.record.controls.values() {
        saver.write_run(revision, &case.id, true, &saved_case(&case.id, transcript))?;
    }
    Ok(())
}

fn saved_case(case: &str, transcript: &Transcript) -> SavedCase {
    SavedCase {
        format: SAVED_FORMAT,
        harness: transcript.header.harness.clone(),
        case: case.to_owned(),
        seconds: 0.0,
        outcome: SavedOutcome::Transcript(Box::new(transcript.clone())),
    }
}

/// Merges how the shards ended. The times add up to what one machine would have taken.
fn merge_ends(ends: &[&RevisionEnd]) -> RevisionEnd {
    RevisionEnd {
        format: SAVED_FORMAT,
        harness: ends
            .first()
            .map(|end| end.harness.clone())
            .unwrap_or_default(),
        seconds: ends.iter().map(|end| end.seconds).sum(),
        interrupted: ends.iter().any(|end| end.interrupted),
        stopped: ends.iter().find_map(|end| end.stopped.clone()),
        faults: ends.iter().flat_map(|end| end.faults.clone()).collect(),
        flaky: ends.iter().flat_map(|end| end.flaky.clone()).collect(),
        fixed_callback_port: ends.iter().find_map(|end| end.fixed_callback_port),
    }
}
