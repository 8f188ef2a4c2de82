//! The manifest of a saved run: what it set out to do. It suffices to judge the run again, and to
//! tell whether two saved runs are shards of one run.

use serde::{Deserialize, Serialize};

use super::file_format::SAVED_FORMAT;
use super::former_format;
use crate::driver::Client;
use crate::judge::{Declared, NotRunReason};
use crate::place::RunPlace;
use crate::scenario::model::{Case, Revision};
use crate::suite::{CasePlan, ControlPlan, Shard, Suite};

/// What was run, how, and with which client.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`SAVED_FORMAT`]
    pub format: u32,
    /// The version of the harness.
    pub harness: String,
    /// The digest of requirements and monitors.
    pub rules: String,
    /// The name of the client in headings.
    pub client: String,
    /// The rest of the command `mcp-authspec run --spec REVISION` that makes such a run.
    pub rerun: String,
    /// The plan by which the cases were selected, if one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<CasePlan>,
    /// Whether a person drove the client at a live page.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub driven_by_person: bool,
    pub declared: Declared,
    /// Whether a failed `SHOULD` fails the run.
    pub strict: bool,
    /// The frozen requirement set by which the run is scored; `None` if every requirement counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requirements: Option<Revision>,
    /// The seeds of all random values. There are several if shards with different seeds were
    /// merged.
    pub seeds: Vec<String>,
    /// The time-out of one start of the client, in seconds.
    pub timeout: f64,
    pub shards: Shards,
    pub revisions: Vec<PlannedRevision>,
}

/// The shards of a run that a saved run holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shards {
    /// The number of shards of the whole run.
    pub of: u32,
    /// The numbers of the shards that are present, from 1, in order.
    pub present: Vec<u32>,
}

impl Shards {
    /// A single shard.
    pub fn one(shard: Shard) -> Self {
        Self {
            of: shard.parts(),
            present: vec![shard.part()],
        }
    }

    /// Whether every shard is present.
    pub fn are_all(&self) -> bool {
        (1..=self.of).all(|number| self.present.contains(&number))
    }

    /// Whether a case belongs to one of the shards that are present.
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

/// The cases of one revision, in all shards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedRevision {
    pub revision: Revision,
    /// Whether these are all cases of the revision.
    pub complete: bool,
    pub cases: Vec<PlannedCase>,
}

/// One case of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedCase {
    pub case: String,
    /// The digest of the scenario file's text.
    pub scenario: String,
    /// Why the case is not run.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "former_format::deserialize_reason"
    )]
    pub not_run: Option<NotRunReason>,
    /// The case whose world without deviations is the control run of this case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
}

impl PlannedRevision {
    /// Plans the cases of a selection.
    pub fn new(
        suite: &Suite,
        revision: Revision,
        complete: bool,
        selection: &[&Case],
        client: &dyn Client,
        declared: &Declared,
        place: &RunPlace,
    ) -> Self {
        let plan = ControlPlan::new(selection, client, declared, place);
        let planned = |case: &&Case| PlannedCase {
            case: case.id.clone(),
            scenario: suite.source_digest(case).to_owned(),
            not_run: plan.not_run.get(&case.id).cloned(),
            control: plan.control_of.get(&case.id).cloned(),
        };
        Self {
            revision,
            complete,
            cases: selection.iter().map(planned).collect(),
        }
    }
}

impl Manifest {
    /// The version of the format that this harness writes.
    pub const FORMAT: u32 = SAVED_FORMAT;
}
