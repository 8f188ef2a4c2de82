//! Frozen sets: the requirements by which a revision is scored
//! (`fixtures/requirement-sets/<revision>.toml`).
//!
//! A requirement that is added to the catalogue later is checked and shown, but it is scored only
//! once it has been promoted into the set.

use std::collections::{BTreeMap, BTreeSet};

use fixtures::requirement_sets;
use serde::Deserialize;

use crate::scenario::model::{Level, Revision};

/// The requirements by which a revision is scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequirementSet {
    pub revision: Revision,
    levels: BTreeMap<String, Level>,
}

/// A set as its file has it: ids by level.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequirementSetFile {
    #[serde(rename = "MUST")]
    must: BTreeSet<String>,
    #[serde(rename = "SHOULD")]
    should: BTreeSet<String>,
    #[serde(rename = "MAY")]
    may: BTreeSet<String>,
}

/// Why a set cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    #[error("{revision}.toml: {source}")]
    Syntax {
        revision: Revision,
        #[source]
        source: Box<toml::de::Error>,
    },
    #[error("{revision}.toml: {id} is listed twice")]
    Twice { revision: Revision, id: String },
}

impl RequirementSet {
    /// The frozen set of a revision.
    pub fn of(revision: Revision) -> Result<Self, SetError> {
        let text = match revision {
            Revision::March2025 => requirement_sets::MARCH_2025,
            Revision::June2025 => requirement_sets::JUNE_2025,
            Revision::November2025 => requirement_sets::NOVEMBER_2025,
            Revision::July2026 => requirement_sets::JULY_2026,
        };
        Self::parse(revision, text)
    }

    fn parse(revision: Revision, text: &str) -> Result<Self, SetError> {
        let RequirementSetFile { must, should, may } =
            toml::from_str(text).map_err(|source| SetError::Syntax {
                revision,
                source: Box::new(source),
            })?;
        let mut levels = BTreeMap::new();
        for (level, ids) in [
            (Level::Must, must),
            (Level::Should, should),
            (Level::May, may),
        ] {
            for id in ids {
                if levels.insert(id.clone(), level).is_some() {
                    return Err(SetError::Twice { revision, id });
                }
            }
        }
        Ok(Self { revision, levels })
    }

    /// Whether it has the requirement with this id.
    pub fn contains(&self, id: &str) -> bool {
        self.levels.contains_key(id)
    }

    /// Every id, with the level that it had when it was frozen.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Level)> {
        self.levels.iter().map(|(id, level)| (id.as_str(), *level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirements::Catalogue;

    /// Frozen requirements stay as they are. The catalogue may have more.
    #[test]
    fn every_frozen_requirement_keeps_its_level() {
        let catalogue = Catalogue::embedded().unwrap();
        for &revision in Revision::ALL {
            let set = RequirementSet::of(revision).unwrap();
            assert!(set.iter().count() > 90, "{revision}");
            for (id, level) in set.iter() {
                let today = catalogue.get(id).unwrap_or_else(|| {
                    panic!("{revision}: {id} is frozen, and the catalogue has lost it")
                });
                assert_eq!(
                    today.level_in(revision),
                    Some(level),
                    "{revision}: the level of {id} is frozen"
                );
            }
        }
    }

    #[test]
    fn errors_name_the_file() {
        let error = |text: &str| {
            RequirementSet::parse(Revision::LATEST, text)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            error("MUST = [\"a\"]\nSHOULD = [\"a\"]\nMAY = []\n"),
            "2026-07-28.toml: a is listed twice"
        );
        assert!(error("MSUT = []").starts_with("2026-07-28.toml: "));
    }
}
