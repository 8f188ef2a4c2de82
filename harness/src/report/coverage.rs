//! Which requirement is checked by which scenario, and which defect proves that the check can fail.
//!
//! Covered is what runs really showed a verdict for, not what files promise.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::judge::{Conclusions, Verdict};
use crate::requirements::{Area, Machine, Requirement, Tier};
use crate::scenario::model::{Level, Revision};
use crate::suite::Suite;

/// The coverage of the whole catalogue.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Coverage {
    pub totals: Totals,
    pub requirements: Vec<CoveredRequirement>,
}

/// How many requirements are in each state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Totals {
    pub by_tier: BTreeMap<Tier, Counts>,
    pub by_level: BTreeMap<Level, Counts>,
    pub by_area: BTreeMap<Area, Counts>,
    /// Of the requirements that bind in a revision: covered are those that runs of that revision
    /// had a verdict about.
    pub by_revision: BTreeMap<Revision, Counts>,
}

/// Requirements by state.
pub type Counts = BTreeMap<CoverageState, usize>;

/// What is known of one requirement's checks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CoveredRequirement {
    pub id: String,
    pub area: Area,
    pub tier: Tier,
    pub level: Level,
    pub state: CoverageState,
    /// Why no run can show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<String>,
    /// Revisions in which it binds.
    pub binds_in: BTreeSet<Revision>,
    /// Revisions in which a run had a verdict about it.
    pub revisions: BTreeSet<Revision>,
    /// Cases that check it; a requirement that is watched in every run names a few.
    pub cases: BTreeSet<String>,
    /// Defects of the reference client that it catches.
    pub defects: BTreeSet<String>,
}

crate::words::words! {
    /// How far a requirement is covered.
    pub enum CoverageState {
        Covered = "covered",
        /// It waits for a machine with certificates and https.
        NeedsTls = "needs-tls",
        /// It waits for a machine with names and addresses of its own.
        NeedsPrivateNetwork = "needs-private-network",
        Excluded = "excluded",
        Uncovered = "uncovered",
    }
}

/// Cases named for a requirement that is watched everywhere.
const MOST_CASES: usize = 5;

impl Coverage {
    /// From runs of the conforming client, one a revision, and the kill matrix.
    pub fn new(
        suite: &Suite,
        runs: &[Conclusions],
        kill_matrix: &str,
    ) -> Result<Self, toml::de::Error> {
        let matrix: BTreeMap<String, KillMatrixRow> = toml::from_str(kill_matrix)?;
        let verdicts = RecordedVerdicts::of(runs);
        let requirements: Vec<CoveredRequirement> = suite
            .catalogue
            .iter()
            .map(|requirement| covered_requirement(requirement, &verdicts, &matrix))
            .collect();
        let totals = Totals {
            by_tier: counts(&requirements, |r| r.tier),
            by_level: counts(&requirements, |r| r.level),
            by_area: counts(&requirements, |r| r.area),
            by_revision: counts_by_revision(suite, &requirements),
        };
        Ok(Self {
            totals,
            requirements,
        })
    }

    /// Totals, what is uncovered, what waits for another machine, what is excluded and why, then
    /// every requirement.
    pub fn markdown(&self) -> String {
        let mut out = String::from("# Coverage\n");
        let Totals {
            by_tier,
            by_level,
            by_area,
            by_revision,
        } = &self.totals;
        table(&mut out, "tier", by_tier);
        table(&mut out, "level", by_level);
        table(&mut out, "revision (what binds in it)", by_revision);
        table(&mut out, "area", by_area);
        for (state, heading) in [
            (CoverageState::Uncovered, "Uncovered"),
            (
                CoverageState::NeedsTls,
                "Needs tls: shown by runs on a machine with certificates that the client trusts",
            ),
            (
                CoverageState::NeedsPrivateNetwork,
                "Needs private-network: shown by runs on a machine with names and addresses of \
                 its own",
            ),
        ] {
            let _ = write!(out, "\n## {heading}\n\n");
            for requirement in self.in_state(state) {
                let _ = writeln!(
                    out,
                    "- `{}` ({}, {})",
                    requirement.id, requirement.tier, requirement.level
                );
            }
        }
        out.push_str("\n## Excluded\n\n");
        for requirement in self.in_state(CoverageState::Excluded) {
            let _ = writeln!(
                out,
                "- `{}`: {}",
                requirement.id,
                requirement.excluded.as_deref().unwrap_or_default()
            );
        }
        out.push_str(
            "\n## Covered\n\n\
             | requirement | level | verdicts in | checked by | proved by |\n\
             | --- | --- | --- | --- | --- |\n",
        );
        for requirement in self.in_state(CoverageState::Covered) {
            out.push_str(&row_of_covered(requirement));
        }
        out
    }

    fn in_state(&self, state: CoverageState) -> impl Iterator<Item = &CoveredRequirement> {
        self.requirements.iter().filter(move |r| r.state == state)
    }
}

/// The verdicts, pass or fail, that runs recorded for each requirement.
struct RecordedVerdicts<'a> {
    cases: BTreeMap<&'a str, BTreeSet<&'a str>>,
    revisions: BTreeMap<&'a str, BTreeSet<Revision>>,
}

impl<'a> RecordedVerdicts<'a> {
    fn of(runs: &'a [Conclusions]) -> Self {
        let mut verdicts = Self {
            cases: BTreeMap::new(),
            revisions: BTreeMap::new(),
        };
        for run in runs {
            let cases = run.cases.iter();
            let checks = cases.flat_map(|case| case.checks.iter().map(move |check| (case, check)));
            for (case, check) in checks {
                if matches!(check.verdict, Verdict::Pass | Verdict::Fail) {
                    let requirement = check.requirement.as_str();
                    let cases = verdicts.cases.entry(requirement).or_default();
                    cases.insert(&case.case);
                    let revisions = verdicts.revisions.entry(requirement).or_default();
                    revisions.insert(run.revision);
                }
            }
        }
        verdicts
    }
}

fn covered_requirement(
    requirement: &Requirement,
    verdicts: &RecordedVerdicts<'_>,
    matrix: &BTreeMap<String, KillMatrixRow>,
) -> CoveredRequirement {
    let id = requirement.id.as_str();
    let cases = verdicts.cases.get(id);
    CoveredRequirement {
        id: id.to_owned(),
        area: requirement.area,
        tier: requirement.tier,
        level: requirement.level,
        state: if cases.is_some() {
            CoverageState::Covered
        } else {
            state_without_verdict(requirement)
        },
        excluded: requirement.excluded.as_ref().map(ToString::to_string),
        binds_in: Revision::ALL
            .iter()
            .copied()
            .filter(|revision| requirement.applies_in(*revision))
            .collect(),
        revisions: verdicts.revisions.get(id).cloned().unwrap_or_default(),
        cases: cases
            .into_iter()
            .flatten()
            .take(MOST_CASES)
            .map(|case| (*case).to_owned())
            .collect(),
        defects: matrix
            .iter()
            .filter(|(_, row)| row.catches(id))
            .map(|(name, _)| name.clone())
            .collect(),
    }
}

/// A requirement counts as covered in a revision in which a run had a verdict about it.
fn counts_by_revision(
    suite: &Suite,
    requirements: &[CoveredRequirement],
) -> BTreeMap<Revision, Counts> {
    let mut by_revision: BTreeMap<Revision, Counts> = BTreeMap::new();
    for (requirement, covered) in suite.catalogue.iter().zip(requirements) {
        for revision in &covered.binds_in {
            let state = if covered.revisions.contains(revision) {
                CoverageState::Covered
            } else {
                state_without_verdict(requirement)
            };
            let counts = by_revision.entry(*revision).or_default();
            *counts.entry(state).or_default() += 1;
        }
    }
    by_revision
}

fn row_of_covered(requirement: &CoveredRequirement) -> String {
    let list = |items: &BTreeSet<String>| {
        let items: Vec<String> = items.iter().map(|item| format!("`{item}`")).collect();
        items.join(", ")
    };
    let revisions = requirement
        .revisions
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    format!(
        "| `{}` | {} | {revisions} | {} | {} |\n",
        requirement.id,
        requirement.level,
        list(&requirement.cases),
        list(&requirement.defects)
    )
}

/// Where a requirement stands that no run had a verdict about.
fn state_without_verdict(requirement: &Requirement) -> CoverageState {
    match (requirement.needs, &requirement.excluded) {
        (Some(Machine::Tls), _) => CoverageState::NeedsTls,
        (Some(Machine::PrivateNetwork), _) => CoverageState::NeedsPrivateNetwork,
        (None, Some(_)) => CoverageState::Excluded,
        (None, None) => CoverageState::Uncovered,
    }
}

/// A row of the kill matrix, as far as coverage asks.
#[derive(Deserialize)]
struct KillMatrixRow {
    #[serde(default)]
    everywhere: Vec<String>,
    #[serde(default)]
    r#in: BTreeMap<String, Vec<String>>,
}

impl KillMatrixRow {
    fn catches(&self, requirement: &str) -> bool {
        self.everywhere.iter().any(|id| id == requirement) || self.r#in.contains_key(requirement)
    }
}

fn counts<K: Ord>(
    requirements: &[CoveredRequirement],
    key: impl Fn(&CoveredRequirement) -> K,
) -> BTreeMap<K, Counts> {
    let mut counts: BTreeMap<K, Counts> = BTreeMap::new();
    for requirement in requirements {
        *counts
            .entry(key(requirement))
            .or_default()
            .entry(requirement.state)
            .or_default() += 1;
    }
    counts
}

fn table<K: std::fmt::Display>(out: &mut String, heading: &str, rows: &BTreeMap<K, Counts>) {
    let states = CoverageState::ALL
        .iter()
        .map(|state| state.as_str().replace('-', " "))
        .collect::<Vec<_>>()
        .join(" | ");
    let _ = write!(
        out,
        "\n| {heading} | requirements | {states} |\n| --- | ---: {}|\n",
        "| ---: ".repeat(CoverageState::ALL.len())
    );
    for (key, counts) in rows {
        let cells = CoverageState::ALL
            .iter()
            .map(|state| counts.get(state).copied().unwrap_or_default().to_string())
            .collect::<Vec<_>>();
        let _ = writeln!(
            out,
            "| {key} | {} | {} |",
            counts.values().sum::<usize>(),
            cells.join(" | ")
        );
    }
}
