//! Joins the shards of one run.

use std::collections::BTreeMap;
use std::path::Path;

use super::read::SavedRun;
use super::{End, FORMAT, Manifest, Outcome, Saved, SavedError, Saver};
use crate::suite::Record;
use crate::transcript::Transcript;

/// Joins shards in a new folder. They must be parts of the same run: same client, suite, selection
/// and revisions.
pub fn merge(parts: &[SavedRun], into: &Path) -> Result<Manifest, SavedError> {
    let Some((first, others)) = parts.split_first() else {
        return Err(SavedError::NothingSaved(into.to_owned()));
    };
    let mut manifest = first.manifest.clone();
    let mut owner: BTreeMap<u32, &Path> = first
        .manifest
        .shards
        .present
        .iter()
        .map(|part| (*part, first.folder.as_path()))
        .collect();
    for other in others {
        if let Some(difference) = difference(&first.manifest, &other.manifest) {
            return Err(SavedError::NotOneRun {
                one: first.folder.clone(),
                other: other.folder.clone(),
                difference,
            });
        }
        for &part in &other.manifest.shards.present {
            if let Some(one) = owner.insert(part, &other.folder) {
                let (one, other) = (one.to_owned(), other.folder.clone());
                return Err(SavedError::Twice {
                    one,
                    other,
                    part,
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
    manifest.shards.present = owner.into_keys().collect();
    let saver = Saver::create(into, &manifest)?;
    for (index, planned) in manifest.revisions.iter().enumerate() {
        let revisions: Vec<_> = parts
            .iter()
            .filter_map(|part| part.revisions.get(index))
            .collect();
        for revision in &revisions {
            let Record {
                cases, controls, ..
            } = &revision.record;
            for (case, outcome) in cases {
                if let Ok(transcript) = outcome {
                    saver.keep(
                        planned.revision,
                        &case.id,
                        false,
                        &saved(&case.id, transcript),
                    )?;
                }
            }
            for (case, transcript) in controls.values() {
                saver.keep(
                    planned.revision,
                    &case.id,
                    true,
                    &saved(&case.id, transcript),
                )?;
            }
        }
        let ends: Option<Vec<&End>> = revisions
            .iter()
            .map(|revision| revision.end.as_ref())
            .collect();
        if let Some(ends) = ends {
            saver.keep_end(planned.revision, &joined(&ends))?;
        }
    }
    Ok(manifest)
}

fn saved(case: &str, transcript: &Transcript) -> Saved {
    let harness = transcript.header.harness.clone();
    Saved {
        format: FORMAT,
        harness,
        case: case.to_owned(),
        seconds: 0.0,
        outcome: Outcome::Transcript(Box::new(transcript.clone())),
    }
}

/// One end of several: the times add up, as one machine would have taken them.
fn joined(ends: &[&End]) -> End {
    End {
        format: FORMAT,
        harness: ends
            .first()
            .map(|end| end.harness.clone())
            .unwrap_or_default(),
        seconds: ends.iter().map(|end| end.seconds).sum(),
        interrupted: ends.iter().any(|end| end.interrupted),
        stopped: ends.iter().find_map(|end| end.stopped.clone()),
        faults: ends.iter().flat_map(|end| end.faults.clone()).collect(),
        flaky: ends.iter().flat_map(|end| end.flaky.clone()).collect(),
    }
}

/// Why two runs are no parts of one.
fn difference(one: &Manifest, other: &Manifest) -> Option<String> {
    let unlike = |what: &str, a: &dyn std::fmt::Display, b: &dyn std::fmt::Display| {
        format!("{what} is {a} in the one and {b} in the other")
    };
    let revisions = |m: &Manifest| {
        m.revisions
            .iter()
            .map(|r| r.revision.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    if one.client != other.client {
        Some(unlike("the client", &one.client, &other.client))
    } else if one.harness != other.harness {
        Some(unlike(
            "the version of mcp-authspec",
            &one.harness,
            &other.harness,
        ))
    } else if one.rules != other.rules {
        Some("the requirements, monitors or words of the suite differ".to_owned())
    } else if revisions(one) != revisions(other) {
        Some(unlike("--spec", &revisions(one), &revisions(other)))
    } else if one.shards.of != other.shards.of {
        Some(unlike(
            "the number of parts",
            &one.shards.of,
            &other.shards.of,
        ))
    } else if one.declared != other.declared {
        Some("the client's capabilities are declared differently".to_owned())
    } else if one.requirements != other.requirements {
        Some("they are scored by different --requirements".to_owned())
    } else if one.strict != other.strict {
        Some("only one of them is --strict".to_owned())
    } else if one.revisions != other.revisions {
        let cases = one
            .revisions
            .iter()
            .zip(&other.revisions)
            .flat_map(|(a, b)| a.cases.iter().zip(&b.cases));
        let odd = cases
            .filter(|(a, b)| a != b)
            .map(|(a, _)| format!(", beginning at {}", a.case))
            .next()
            .unwrap_or_default();
        Some(format!(
            "other scenarios were selected, or their texts differ{odd}"
        ))
    } else if one.rerun != other.rerun {
        Some(unlike("the client's command", &one.rerun, &other.rerun))
    } else {
        None
    }
}
