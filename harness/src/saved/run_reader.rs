//! Reads the files of a saved run. They may come from anywhere, so their size is bounded and their
//! content is checked before the judge sees it.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::{Damage, SavedError};
use super::file_format::{OLDEST_FORMAT, RevisionEnd, SAVED_FORMAT, SavedCase, SavedOutcome};
use super::manifest::{Manifest, PlannedCase, PlannedRevision};
use super::paths::{case_file, control_file, end_file, manifest_file};
use super::saved_revision::SavedRevision;
use crate::judge::NotRunReason;
use crate::report::RunDescription;
use crate::scenario::model::{Case, Revision};
use crate::suite::{HarnessFault, Record, Suite};
use crate::transcript::{self, Transcript};

/// The greatest size of all files of a run together, in bytes.
const MAX_TOTAL_BYTES: u64 = 1 << 30;

/// Characters shown of a text in a damaged file.
const SHOWN_CHARACTERS: usize = 80;

/// Reads the files of one run.
pub(super) struct RunReader {
    folder: PathBuf,
    remaining_bytes: u64,
}

/// The members that every file has, in every version of the format.
#[derive(Deserialize)]
struct FormatVersion {
    format: u64,
    #[serde(default)]
    harness: String,
}

/// The runs of a revision, as far as they have been read.
#[derive(Default)]
struct ReadRuns {
    cases: Vec<(Case, Result<Transcript, NotRunReason>)>,
    /// Control runs by the digest of their world.
    controls: BTreeMap<String, (Case, Transcript)>,
    faults: Vec<HarnessFault>,
    /// The time at which the last case was over.
    seconds: f64,
}

impl RunReader {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            remaining_bytes: MAX_TOTAL_BYTES,
        }
    }

    pub(super) fn read_manifest(&mut self) -> Result<Manifest, SavedError> {
        self.read_file(&manifest_file(&self.folder))?
            .ok_or_else(|| SavedError::NothingSaved(self.folder.clone()))
    }

    pub(super) fn read_revision(
        &mut self,
        manifest: &Manifest,
        planned: &PlannedRevision,
        suite: &Suite,
    ) -> Result<SavedRevision, SavedError> {
        let revision = planned.revision;
        let end: Option<RevisionEnd> = self.read_file(&end_file(&self.folder, revision))?;
        let stopped = match &end {
            Some(end) => end.stopped.clone(),
            None => Some(NotRunReason::Interrupted),
        };
        // A case that the suite no longer has cannot be judged.
        let present: Vec<(&PlannedCase, &Case)> = planned
            .cases
            .iter()
            .filter(|planned| manifest.shards.have(&planned.case))
            .filter_map(|planned| Some((planned, find_case(suite, &planned.case)?)))
            .collect();
        let mut runs = ReadRuns::default();
        for (planned, case) in &present {
            let missing = stopped.clone().unwrap_or(NotRunReason::Interrupted);
            self.read_case(revision, planned, case, missing, &mut runs)?;
        }
        for (planned, case) in &present {
            let control = planned
                .control
                .as_deref()
                .and_then(|id| find_case(suite, id));
            if let Some(control) = control {
                self.read_control(revision, case, control, &mut runs)?;
            }
        }
        runs.faults
            .extend(end.iter().flat_map(|end| end.faults.clone()));
        runs.faults.sort();
        runs.faults.dedup();
        let about = about_revision(manifest, revision, end.as_ref(), runs.seconds);
        let record = Record {
            revision,
            complete: planned.complete && manifest.shards.are_all() && stopped.is_none(),
            cases: runs.cases,
            controls: runs.controls,
            faults: runs.faults,
            flaky: end
                .as_ref()
                .map(|end| end.flaky.clone())
                .unwrap_or_default(),
            fixed_callback_port: end.as_ref().and_then(|end| end.fixed_callback_port),
        };
        Ok(SavedRevision { record, about, end })
    }

    /// Reads the transcript of a case. `missing` is the reason if there is no file.
    fn read_case(
        &mut self,
        revision: Revision,
        planned: &PlannedCase,
        case: &Case,
        missing: NotRunReason,
        runs: &mut ReadRuns,
    ) -> Result<(), SavedError> {
        let outcome = match &planned.not_run {
            Some(reason) => Err(reason.clone()),
            None => match self.read_run(&case_file(&self.folder, revision, &case.id), &case.id)? {
                Some(saved) => {
                    runs.seconds = runs.seconds.max(saved.seconds);
                    runs.add_outcome(saved)
                }
                None => Err(missing),
            },
        };
        runs.cases.push((case.clone(), outcome));
        Ok(())
    }

    /// Reads the control run of a case, which `control` was run for or is.
    fn read_control(
        &mut self,
        revision: Revision,
        case: &Case,
        control: &Case,
        runs: &mut ReadRuns,
    ) -> Result<(), SavedError> {
        let digest = case.world_digest();
        if runs.controls.contains_key(&digest) {
            return Ok(());
        }
        let is_honest = control.deviations.is_empty();
        let scored = runs
            .cases
            .iter()
            .find(|(scored, _)| is_honest && scored.id == control.id);
        if let Some((scored, outcome)) = scored {
            if let Ok(transcript) = outcome {
                let run = (scored.clone(), transcript.clone());
                runs.controls.insert(digest, run);
            }
            return Ok(());
        }
        let run = if is_honest {
            control.clone()
        } else {
            control.control()
        };
        let path = control_file(&self.folder, revision, &control.id);
        if let Some(saved) = self.read_run(&path, &run.id)?
            && let Ok(transcript) = runs.add_outcome(saved)
        {
            runs.controls.insert(digest, (run, transcript));
        }
        Ok(())
    }

    /// Reads and checks the file of one case or control run; `None` if there is none.
    fn read_run(&mut self, path: &Path, case: &str) -> Result<Option<SavedCase>, SavedError> {
        let Some(saved) = self.read_file::<SavedCase>(path)? else {
            return Ok(None);
        };
        match find_damage(&saved, case) {
            None => Ok(Some(saved)),
            Some(damage) => Err(SavedError::Damaged {
                path: path.to_owned(),
                damage,
            }),
        }
    }

    /// Reads one file; `None` if there is none.
    fn read_file<T: DeserializeOwned>(&mut self, path: &Path) -> Result<Option<T>, SavedError> {
        let Some(text) = self.read_text(path)? else {
            return Ok(None);
        };
        let damaged = |error: serde_json::Error| SavedError::Damaged {
            path: path.to_owned(),
            damage: Damage::Json(error),
        };
        let version: FormatVersion = serde_json::from_slice(&text).map_err(damaged)?;
        let readable = u64::from(OLDEST_FORMAT)..=u64::from(SAVED_FORMAT);
        if !readable.contains(&version.format) {
            return Err(SavedError::Format {
                path: path.to_owned(),
                found: version.format,
                oldest: OLDEST_FORMAT,
                newest: SAVED_FORMAT,
                harness: shorten(&version.harness),
                own: env!("CARGO_PKG_VERSION"),
            });
        }
        serde_json::from_slice(&text).map(Some).map_err(damaged)
    }

    fn read_text(&mut self, path: &Path) -> Result<Option<Vec<u8>>, SavedError> {
        let unreadable = |source| SavedError::Read {
            path: path.to_owned(),
            source,
        };
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unreadable(error)),
            // Reading a pipe or a device might never end.
            Ok(metadata) if !metadata.is_file() => {
                return Err(unreadable(std::io::Error::other("not a file")));
            }
            Ok(_) => {}
        }
        let mut text = Vec::new();
        std::fs::File::open(path)
            .map_err(unreadable)?
            .take(self.remaining_bytes + 1)
            .read_to_end(&mut text)
            .map_err(unreadable)?;
        match self.remaining_bytes.checked_sub(text.len() as u64) {
            Some(remaining) => self.remaining_bytes = remaining,
            None => {
                return Err(SavedError::TooLarge {
                    path: path.to_owned(),
                    most: MAX_TOTAL_BYTES >> 20,
                });
            }
        }
        Ok(Some(text))
    }
}

impl ReadRuns {
    /// The transcript of a saved case. A fault of the harness is noted as well.
    fn add_outcome(&mut self, saved: SavedCase) -> Result<Transcript, NotRunReason> {
        match saved.outcome {
            SavedOutcome::Transcript(transcript) => Ok(*transcript),
            SavedOutcome::Fault(message) => {
                self.faults.push(HarnessFault::RunFailed {
                    case: saved.case,
                    message: message.clone(),
                });
                Err(NotRunReason::HarnessFault { message })
            }
        }
    }
}

fn find_case<'s>(suite: &'s Suite, id: &str) -> Option<&'s Case> {
    suite.cases.iter().find(|case| case.id == id)
}

/// What the report says about the run of a revision. `seconds` counts if it was killed.
fn about_revision(
    manifest: &Manifest,
    revision: Revision,
    end: Option<&RevisionEnd>,
    seconds: f64,
) -> RunDescription {
    RunDescription {
        client: manifest.client.clone(),
        rerun: if manifest.driven_by_person {
            "mcp-authspec serve".to_owned()
        } else {
            format!("mcp-authspec run --spec {revision}{}", manifest.rerun)
        },
        seed: manifest.seeds.join(", "),
        shard: (!manifest.shards.are_all()).then(|| manifest.shards.to_string()),
        seconds: end.map_or(seconds, |end| end.seconds),
        interrupted: end.is_none_or(|end| end.interrupted),
        strict: manifest.strict,
        show_secrets: false,
    }
}

/// The first thing in a file of the case `expected` that the judge could not cope with.
fn find_damage(saved: &SavedCase, expected: &str) -> Option<Damage> {
    if saved.case != expected {
        return Some(Damage::OtherCase {
            found: shorten(&saved.case),
            expected: expected.to_owned(),
        });
    }
    let SavedOutcome::Transcript(transcript) = &saved.outcome else {
        return None;
    };
    let header = &transcript.header;
    if header.case != expected {
        return Some(Damage::TranscriptOfOtherCase {
            found: shorten(&header.case),
            expected: expected.to_owned(),
        });
    }
    let readable = transcript::OLDEST_FORMAT..=transcript::FORMAT;
    if !readable.contains(&header.format) {
        return Some(Damage::TranscriptFormat {
            found: header.format,
            expected: transcript::FORMAT,
        });
    }
    let exchanges = transcript.exchanges.len();
    transcript
        .events
        .iter()
        .enumerate()
        .find_map(|(event, recorded)| {
            let exchange = recorded
                .exchange
                .filter(|exchange| *exchange >= exchanges)?;
            Some(Damage::MissingExchange {
                event,
                exchange,
                exchanges,
            })
        })
}

/// A text of a damaged file, as far as it can be shown.
fn shorten(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(SHOWN_CHARACTERS)
        .collect()
}
