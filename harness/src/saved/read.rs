//! Reads a saved run. The files may come from anywhere, so everything is bounded and checked before
//! the judge sees it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{
    End, FORMAT, Manifest, Outcome, Planned, Saved, SavedError, case_file, control_file, end_file,
    manifest_file,
};
use crate::report::RunDescription;
use crate::scenario::model::{Case, scenario_of};
use crate::suite::{INTERRUPTED, Record, Suite};
use crate::transcript::{self, Transcript};

/// Bytes of all files of a run together.
const MOST_BYTES: u64 = 1 << 30;

/// Whether a run may be judged by texts that have changed since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhatIf {
    /// Only if nothing changed: the verdicts are those of then.
    Refused,
    /// By what is required now.
    Allowed,
}

/// A saved run, read.
#[derive(Debug)]
pub struct SavedRun {
    pub folder: PathBuf,
    pub manifest: Manifest,
    pub revisions: Vec<SavedRevision>,
}

/// What was recorded for one revision.
#[derive(Debug)]
pub struct SavedRevision {
    pub record: Record,
    pub about: RunDescription,
    pub(super) end: Option<End>,
}

impl SavedRun {
    /// Reads a run, to be judged by the suite.
    pub fn read(folder: &Path, suite: &Suite, what_if: WhatIf) -> Result<Self, SavedError> {
        let mut reader = Reader { left: MOST_BYTES };
        let manifest: Manifest = reader.manifest(folder)?;
        if what_if == WhatIf::Refused {
            let changed = changed(&manifest, suite);
            if !changed.is_empty() {
                return Err(SavedError::Changed {
                    changed,
                    harness: manifest.harness,
                });
            }
        }
        let mut revisions = Vec::new();
        for planned in &manifest.revisions {
            revisions.push(reader.revision(folder, &manifest, planned, suite)?);
        }
        Ok(Self {
            folder: folder.to_owned(),
            manifest,
            revisions,
        })
    }

    /// Whether every case of every part that is here has been run, or has a reason not to be.
    pub fn is_whole(&self) -> bool {
        self.revisions
            .iter()
            .all(|revision| !revision.about.interrupted)
    }
}

/// What is not as it was when the run was saved.
fn changed(manifest: &Manifest, suite: &Suite) -> Vec<String> {
    let mut changed = Vec::new();
    if manifest.rules != suite.rules_digest() {
        changed.push("the requirements, monitors or words of the suite".to_owned());
    }
    let mut names: Vec<String> = Vec::new();
    for planned in manifest.revisions.iter().flat_map(|planned| &planned.cases) {
        let now = suite
            .cases
            .iter()
            .find(|case| case.id == planned.case)
            .map(|case| suite.source_digest(case));
        let name = scenario_of(&planned.case).to_owned();
        if now != Some(planned.scenario.as_str()) && !names.contains(&name) {
            names.push(name);
        }
    }
    changed.extend(names.into_iter().map(|name| format!("scenario {name}")));
    changed
}

/// Reads files of one run, up to a bound.
pub(super) struct Reader {
    left: u64,
}

/// What every file begins with.
#[derive(Deserialize)]
struct Version {
    format: u64,
    #[serde(default)]
    harness: String,
}

impl Reader {
    fn manifest(&mut self, folder: &Path) -> Result<Manifest, SavedError> {
        let path = manifest_file(folder);
        self.file(&path)?
            .ok_or_else(|| SavedError::NothingSaved(folder.to_owned()))
    }

    fn revision(
        &mut self,
        folder: &Path,
        manifest: &Manifest,
        planned: &Planned,
        suite: &Suite,
    ) -> Result<SavedRevision, SavedError> {
        let revision = planned.revision;
        let end: Option<End> = self.file(&end_file(folder, revision))?;
        let stopped = end
            .as_ref()
            .map_or_else(|| Some(INTERRUPTED.to_owned()), |end| end.stopped.clone());
        let mut faults: Vec<String> = Vec::new();
        let mut seconds = 0.0_f64;
        let mut cases: Vec<(Case, Result<Transcript, String>)> = Vec::new();
        let mut controls: BTreeMap<String, (Case, Transcript)> = BTreeMap::new();
        let of_shards = planned
            .cases
            .iter()
            .filter(|case| manifest.shards.have(&case.case));
        let known = |id: &str| suite.cases.iter().find(|case| case.id == id);
        let mut wanted: Vec<(&Case, &Case)> = Vec::new();
        for of_plan in of_shards {
            // a case that is no more is judged by nothing
            let Some(case) = known(&of_plan.case) else {
                continue;
            };
            let outcome = match &of_plan.not_run {
                Some(reason) => Err(reason.clone()),
                None => match self.run(&case_file(folder, revision, &case.id), &case.id)? {
                    Some(Saved {
                        outcome: Outcome::Transcript(transcript),
                        seconds: at,
                        ..
                    }) => {
                        seconds = seconds.max(at);
                        Ok(*transcript)
                    }
                    Some(Saved {
                        outcome: Outcome::Fault(fault),
                        ..
                    }) => {
                        faults.push(format!("{} ({fault})", case.id));
                        Err(fault)
                    }
                    None => Err(stopped.clone().unwrap_or_else(|| INTERRUPTED.to_owned())),
                },
            };
            if let Some(control) = of_plan.control.as_deref().and_then(known) {
                wanted.push((case, control));
            }
            cases.push((case.clone(), outcome));
        }
        for (case, control) in wanted {
            let digest = case.world_digest();
            if controls.contains_key(&digest) {
                continue;
            }
            let scored = cases
                .iter()
                .find(|(scored, _)| scored.id == control.id && control.deviations.is_empty());
            if let Some((scored, outcome)) = scored {
                controls.extend(
                    outcome
                        .as_ref()
                        .ok()
                        .map(|transcript| (digest, (scored.clone(), transcript.clone()))),
                );
                continue;
            }
            let run = if control.deviations.is_empty() {
                control.clone()
            } else {
                control.control()
            };
            match self.run(&control_file(folder, revision, &control.id), &run.id)? {
                Some(Saved {
                    outcome: Outcome::Transcript(transcript),
                    ..
                }) => {
                    controls.insert(digest, (run, *transcript));
                }
                Some(Saved {
                    outcome: Outcome::Fault(fault),
                    ..
                }) => faults.push(format!("{} ({fault})", run.id)),
                None => {}
            }
        }
        faults.extend(end.iter().flat_map(|end| end.faults.clone()));
        faults.sort();
        faults.dedup();
        let complete = planned.complete && manifest.shards.are_all() && stopped.is_none();
        let flaky = end
            .as_ref()
            .map(|end| end.flaky.clone())
            .unwrap_or_default();
        let about = RunDescription {
            client: manifest.client.clone(),
            rerun: format!("mcp-authspec run --spec {revision}{}", manifest.rerun),
            seed: manifest.seeds.join(", "),
            shard: (!manifest.shards.are_all()).then(|| manifest.shards.to_string()),
            seconds: end.as_ref().map_or(seconds, |end| end.seconds),
            interrupted: end.as_ref().is_none_or(|end| end.interrupted),
            strict: manifest.strict,
            show_secrets: false,
        };
        Ok(SavedRevision {
            record: Record {
                revision,
                complete,
                cases,
                controls,
                faults,
                flaky,
            },
            about,
            end,
        })
    }

    /// What is saved of one run, checked.
    fn run(&mut self, path: &Path, case: &str) -> Result<Option<Saved>, SavedError> {
        let Some(saved) = self.file::<Saved>(path)? else {
            return Ok(None);
        };
        check(&saved, case).map_err(|problem| SavedError::Damaged {
            path: path.to_owned(),
            problem,
        })?;
        Ok(Some(saved))
    }

    /// One file; `None`: there is none.
    pub(super) fn file<T: DeserializeOwned>(
        &mut self,
        path: &Path,
    ) -> Result<Option<T>, SavedError> {
        let Some(text) = self.text(path)? else {
            return Ok(None);
        };
        let damaged = |error: serde_json::Error| SavedError::Damaged {
            path: path.to_owned(),
            problem: error.to_string(),
        };
        let version: Version = serde_json::from_slice(&text).map_err(damaged)?;
        if version.format != u64::from(FORMAT) {
            return Err(SavedError::Format {
                path: path.to_owned(),
                found: version.format,
                known: FORMAT,
                harness: version
                    .harness
                    .chars()
                    .filter(|c| c.is_ascii_graphic())
                    .take(40)
                    .collect(),
                own: env!("CARGO_PKG_VERSION"),
            });
        }
        serde_json::from_slice(&text).map(Some).map_err(damaged)
    }

    fn text(&mut self, path: &Path) -> Result<Option<Vec<u8>>, SavedError> {
        let unreadable = |source| SavedError::Read {
            path: path.to_owned(),
            source,
        };
        // a pipe or a device might never end
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error)),
            Ok(found) if !found.is_file() => {
                return Err(unreadable(std::io::Error::other("not a file")));
            }
            Ok(_) => {}
        }
        let mut text = Vec::new();
        std::fs::File::open(path)
            .map_err(unreadable)?
            .take(self.left + 1)
            .read_to_end(&mut text)
            .map_err(unreadable)?;
        self.left =
            self.left
                .checked_sub(text.len() as u64)
                .ok_or_else(|| SavedError::TooLarge {
                    path: path.to_owned(),
                    most: MOST_BYTES >> 20,
                })?;
        Ok(Some(text))
    }
}

/// What the judge takes for granted of a transcript.
fn check(saved: &Saved, case: &str) -> Result<(), String> {
    if saved.case != case {
        return Err(format!(
            "this is of `{}`, and stands where `{case}` should",
            shortened(&saved.case)
        ));
    }
    let Outcome::Transcript(transcript) = &saved.outcome else {
        return Ok(());
    };
    if transcript.header.case != case {
        return Err(format!(
            "its transcript is of `{}`",
            shortened(&transcript.header.case)
        ));
    }
    if transcript.header.format != transcript::FORMAT {
        return Err(format!(
            "version {} of the transcript's form, and {} is known",
            transcript.header.format,
            transcript::FORMAT
        ));
    }
    for (index, event) in transcript.events.iter().enumerate() {
        if let Some(exchange) = event
            .exchange
            .filter(|exchange| *exchange >= transcript.exchanges.len())
        {
            return Err(format!(
                "event {index} is of exchange {exchange}, and there are {}",
                transcript.exchanges.len()
            ));
        }
    }
    Ok(())
}

fn shortened(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}
