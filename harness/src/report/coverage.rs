//! Which requirement is checked by which scenario, and which defect proves that the check can fail.
//!
//! Covered is what runs really showed a verdict for, not what files promise.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::judge::{Conclusions, Verdict};
use crate::requirements::{Area, Tier};
use crate::scenario::model::{Level, Revision};
use crate::suite::Suite;

/// The coverage of the whole catalogue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Coverage {
    pub requirements: Vec<CoveredRequirement>,
}

/// What is known of one requirement's checks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CoveredRequirement {
    pub id: String,
    pub area: Area,
    pub tier: Tier,
    pub level: Level,
    pub state: State,
    /// Why no run shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<String>,
    /// Revisions in which a run had a verdict about it.
    pub revisions: BTreeSet<Revision>,
    /// Cases that check it; a requirement that is watched in every run names a few.
    pub cases: BTreeSet<String>,
    /// Defects of the reference client that it catches.
    pub defects: BTreeSet<String>,
}

crate::words::words! {
    /// How far a requirement is covered.
    pub enum State {
        Covered = "covered",
        Excluded = "excluded",
        Uncovered = "uncovered",
    }
}

/// Cases named for a requirement that is watched everywhere.
const MOST_CASES: usize = 5;

impl Coverage {
    /// From runs of the conforming client, one a revision, and the kill matrix.
    pub fn new(suite: &Suite, runs: &[Conclusions], kill_matrix: &str) -> Result<Self, toml::de::Error> {
        let matrix: BTreeMap<String, Row> = toml::from_str(kill_matrix)?;
        let mut cases: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut revisions: BTreeMap<&str, BTreeSet<Revision>> = BTreeMap::new();
        for run in runs {
            for (case, check) in run.cases.iter().flat_map(|case| case.checks.iter().map(move |check| (case, check))) {
                if matches!(check.verdict, Verdict::Pass | Verdict::Fail) {
                    cases.entry(&check.requirement).or_default().insert(&case.case);
                    revisions.entry(&check.requirement).or_default().insert(run.revision);
                }
            }
        }
        let requirements = suite.catalogue.iter().map(|requirement| {
            let id = requirement.id.as_str();
            let checked = cases.get(id);
            let excluded = requirement.excluded.as_ref().map(ToString::to_string);
            let catches = |row: &&Row| row.everywhere.iter().any(|r| r == id) || row.r#in.contains_key(id);
            CoveredRequirement {
                id: id.to_owned(),
                area: requirement.area,
                tier: requirement.tier,
                level: requirement.level,
                state: match (checked, &excluded) {
                    (Some(_), _) => State::Covered,
                    (None, Some(_)) => State::Excluded,
                    (None, None) => State::Uncovered,
                },
                excluded,
                revisions: revisions.get(id).cloned().unwrap_or_default(),
                cases: checked.into_iter().flatten().take(MOST_CASES).map(|case| (*case).to_owned()).collect(),
                defects: matrix.iter().filter(|(_, row)| catches(row)).map(|(name, _)| name.clone()).collect(),
            }
        });
        Ok(Self { requirements: requirements.collect() })
    }

    /// Totals, what is uncovered, what is excluded and why, then every requirement.
    pub fn markdown(&self) -> String {
        let mut out =
            String::from("# Coverage\n\n| tier | requirements | covered | excluded | uncovered |\n| --- | ---: | ---: | ---: | ---: |\n");
        for tier in Tier::ALL {
            let _ = writeln!(out, "| {tier} {}", totals(self.requirements.iter().filter(|r| r.tier == *tier)));
        }
        for revision in Revision::ALL {
            let covered = self.requirements.iter().filter(|r| r.revisions.contains(revision)).count();
            let _ = write!(out, "\n{covered} requirements have a verdict in {revision}.");
        }
        out.push_str("\n\n| area | requirements | covered | excluded | uncovered |\n| --- | ---: | ---: | ---: | ---: |\n");
        for area in Area::ALL {
            let _ = writeln!(out, "| {area} {}", totals(self.requirements.iter().filter(|r| r.area == *area)));
        }
        let in_state = |state: State| self.requirements.iter().filter(move |r| r.state == state);
        out.push_str("\n## Uncovered\n\n");
        for requirement in in_state(State::Uncovered) {
            let _ = writeln!(out, "- `{}` ({}, {})", requirement.id, requirement.tier, requirement.level);
        }
        out.push_str("\n## Excluded\n\n");
        for requirement in in_state(State::Excluded) {
            let _ = writeln!(out, "- `{}`: {}", requirement.id, requirement.excluded.as_deref().unwrap_or_default());
        }
        out.push_str("\n## Covered\n\n| requirement | level | checked by | proved by |\n| --- | --- | --- | --- |\n");
        for requirement in in_state(State::Covered) {
            let list = |items: &BTreeSet<String>| items.iter().map(|i| format!("`{i}`")).collect::<Vec<_>>().join(", ");
            let _ = writeln!(
                out,
                "| `{}` | {} | {} | {} |",
                requirement.id,
                requirement.level,
                list(&requirement.cases),
                list(&requirement.defects)
            );
        }
        out
    }
}

/// A row of the kill matrix, as far as coverage asks.
#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    everywhere: Vec<String>,
    #[serde(default)]
    r#in: BTreeMap<String, Vec<String>>,
}

fn totals<'a>(requirements: impl Iterator<Item = &'a CoveredRequirement> + Clone) -> String {
    let count = |state: State| requirements.clone().filter(|r| r.state == state).count();
    let all = requirements.clone().count();
    format!("| {all} | {} | {} | {} |", count(State::Covered), count(State::Excluded), count(State::Uncovered))
}
