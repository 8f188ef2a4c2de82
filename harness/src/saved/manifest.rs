//! What a saved run set out to do: enough to judge it again, and to tell whether two runs are parts
//! of one.

use serde::{Deserialize, Serialize};

use super::FORMAT;
use crate::driver::Client;
use crate::judge::Declared;
use crate::scenario::model::{Case, Revision};
use crate::suite::{ControlPlan, Shard, Suite};

/// What was run, how, and by whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`]
    pub format: u32,
    /// Version of the harness.
    pub harness: String,
    /// Digest of requirements and monitors.
    pub rules: String,
    /// What the client is called in headings.
    pub client: String,
    /// What comes behind `mcp-authspec run --spec REVISION` in a command that makes such a run
    /// again.
    pub rerun: String,
    pub declared: Declared,
    /// Whether a failed `SHOULD` fails the run.
    pub strict: bool,
    /// The frozen requirement set that it is scored by; absent: everything counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirements: Option<Revision>,
    /// What all random values were made from; several, if parts with different ones were joined.
    pub seeds: Vec<String>,
    /// Seconds that one start of the client could take.
    pub timeout: f64,
    pub shards: Shards,
    pub revisions: Vec<Planned>,
}

/// The parts of the whole that are here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shards {
    pub of: u32,
    /// Their numbers, from 1, in order.
    pub present: Vec<u32>,
}

impl Shards {
    pub fn one(shard: Shard) -> Self {
        Self {
            of: shard.parts(),
            present: vec![shard.part()],
        }
    }

    /// Whether every part is here.
    pub fn are_all(&self) -> bool {
        (1..=self.of).all(|number| self.present.contains(&number))
    }

    /// Whether a case is in one of the parts that are here.
    pub fn have(&self, case: &str) -> bool {
        self.present
            .iter()
            .filter_map(|number| Shard::new(*number, self.of))
            .any(|shard| shard.has(case))
    }
}

impl std::fmt::Display for Shards {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers: Vec<String> = self.present.iter().map(u32::to_string).collect();
        write!(f, "{}/{}", numbers.join(","), self.of)
    }
}

/// The cases of one revision, those of all shards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planned {
    pub revision: Revision,
    /// Whether these are all cases of the revision.
    pub complete: bool,
    pub cases: Vec<PlannedCase>,
}

/// One case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedCase {
    pub case: String,
    /// Digest of the scenario file's text.
    pub scenario: String,
    /// Why it is not run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_run: Option<String>,
    /// The case whose world without deviations is its control run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
}

impl Planned {
    /// The cases of a selection, before any of it is run.
    pub fn new(
        suite: &Suite,
        revision: Revision,
        complete: bool,
        selection: &[&Case],
        client: &dyn Client,
        declared: &Declared,
    ) -> Self {
        let ControlPlan {
            not_run,
            control_of,
        } = ControlPlan::new(selection, client, declared);
        let planned = |case: &&Case| PlannedCase {
            case: case.id.clone(),
            scenario: suite.source_digest(case).to_owned(),
            not_run: not_run.get(&case.id).cloned(),
            control: control_of.get(&case.id).cloned(),
        };
        Self {
            revision,
            complete,
            cases: selection.iter().map(planned).collect(),
        }
    }
}

impl Manifest {
    /// What this harness writes.
    pub const FORMAT: u32 = FORMAT;
}
