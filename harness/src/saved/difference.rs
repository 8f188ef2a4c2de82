//! Why two saved runs are not shards of one run.

use super::manifest::{Manifest, PlannedRevision};
use crate::scenario::model::Revision;

/// The first difference between two runs that would not exist between shards of one run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RunDifference {
    #[error("the client is {one} in the first and {other} in the second")]
    Client { one: String, other: String },
    #[error("the version of mcp-authspec is {one} in the first and {other} in the second")]
    Harness { one: String, other: String },
    #[error("the requirements, monitors or vocabulary of the suite differ")]
    Rules,
    #[error(
        "--spec is {} in the first and {} in the second",
        join_revisions(.one),
        join_revisions(.other)
    )]
    Revisions {
        one: Vec<Revision>,
        other: Vec<Revision>,
    },
    #[error("the number of shards is {one} in the first and {other} in the second")]
    ShardCount { one: u32, other: u32 },
    #[error("the declared capabilities of the client differ")]
    Declared,
    #[error("--requirements differs")]
    RequirementSet,
    #[error("--strict was given for one of them only")]
    Strict,
    #[error(
        "the selected scenarios or their texts differ{}",
        first_case.as_ref().map_or_else(String::new, |case| format!(", beginning at {case}"))
    )]
    Scenarios {
        /// The first case that differs, if both runs have one in its place.
        first_case: Option<String>,
    },
    #[error("the client's command is {one} in the first and {other} in the second")]
    Command { one: String, other: String },
}

impl RunDifference {
    /// The first difference between two runs; `None` if they are shards of one run.
    pub(super) fn between(one: &Manifest, other: &Manifest) -> Option<Self> {
        if one.client != other.client {
            return Some(Self::Client {
                one: one.client.clone(),
                other: other.client.clone(),
            });
        }
        if one.harness != other.harness {
            return Some(Self::Harness {
                one: one.harness.clone(),
                other: other.harness.clone(),
            });
        }
        if one.rules != other.rules {
            return Some(Self::Rules);
        }
        if revisions_of(one) != revisions_of(other) {
            return Some(Self::Revisions {
                one: revisions_of(one),
                other: revisions_of(other),
            });
        }
        if one.shards.of != other.shards.of {
            return Some(Self::ShardCount {
                one: one.shards.of,
                other: other.shards.of,
            });
        }
        Self::between_options(one, other)
    }

    fn between_options(one: &Manifest, other: &Manifest) -> Option<Self> {
        if one.declared != other.declared {
            Some(Self::Declared)
        } else if one.requirements != other.requirements {
            Some(Self::RequirementSet)
        } else if one.strict != other.strict {
            Some(Self::Strict)
        } else if one.revisions != other.revisions {
            Some(Self::Scenarios {
                first_case: first_differing_case(&one.revisions, &other.revisions),
            })
        } else if one.rerun != other.rerun {
            Some(Self::Command {
                one: one.rerun.clone(),
                other: other.rerun.clone(),
            })
        } else {
            None
        }
    }
}

fn revisions_of(manifest: &Manifest) -> Vec<Revision> {
    manifest
        .revisions
        .iter()
        .map(|planned| planned.revision)
        .collect()
}

fn join_revisions(revisions: &[Revision]) -> String {
    let words: Vec<&str> = revisions.iter().map(|revision| revision.as_str()).collect();
    words.join(", ")
}

fn first_differing_case(one: &[PlannedRevision], other: &[PlannedRevision]) -> Option<String> {
    one.iter()
        .zip(other)
        .flat_map(|(one, other)| one.cases.iter().zip(&other.cases))
        .find(|(one, other)| one != other)
        .map(|(one, _)| one.case.clone())
}
