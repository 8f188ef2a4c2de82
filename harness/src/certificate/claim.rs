//! What a certificate claims about one revision. A claim is computed from the report of the run,
//! never typed: see `docs/reference/certificates.md`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::run_extent::RunExtent;
use crate::judge::Verdict;
use crate::report::{Report, RequirementRow, RunOutcome, area_name};
use crate::scenario::model::{Level, Revision};

/// What was shown in one revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Claim {
    pub revision: Revision,
    /// The highest level that the run reaches.
    pub level: ClaimedLevel,
    /// The sentence that stands for the level.
    pub meaning: String,
    pub must: LevelCounts,
    pub should: LevelCounts,
    /// The extensions of which the client has shown something.
    pub extensions: BTreeSet<String>,
    /// Cases that were run, and those that were not because the client or the machine lacks
    /// something.
    pub cases_run: usize,
    pub cases_not_run: usize,
}

/// The levels that a certificate can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimedLevel {
    /// The run reaches no level.
    None,
    /// Every MUST that applies to the client was exercised in a case or more of the plan `short`,
    /// and met.
    MustsSampled,
    /// All MUSTs that apply to the client were exercised in all cases, and met.
    Musts,
    /// The same of all SHOULDs.
    MustsAndShoulds,
}

/// What became of the requirements of a level of obligation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LevelCounts {
    pub passed: usize,
    pub failed: usize,
    pub not_exercised: usize,
    pub not_applicable: usize,
}

impl Claim {
    /// The claim that the report of a run supports.
    pub(super) fn of(report: &Report, extent: RunExtent) -> Self {
        let must = LevelCounts::of(report, Level::Must);
        let should = LevelCounts::of(report, Level::Should);
        let meets_musts = report.outcome() == RunOutcome::Passed && must.are_met();
        let level = match extent {
            RunExtent::AllCases if meets_musts && should.are_met() => ClaimedLevel::MustsAndShoulds,
            RunExtent::AllCases if meets_musts => ClaimedLevel::Musts,
            RunExtent::ShortPlan if meets_musts => ClaimedLevel::MustsSampled,
            _ => ClaimedLevel::None,
        };
        Self {
            revision: report.revision,
            level,
            meaning: level.meaning().to_owned(),
            must,
            should,
            extensions: extensions_shown(report),
            cases_run: report.summary.cases_run,
            cases_not_run: report.summary.cases_not_run,
        }
    }
}

/// The names of the extensions of which a requirement was met.
fn extensions_shown(report: &Report) -> BTreeSet<String> {
    let rows = report.requirements.iter();
    rows.filter(|row| row.verdict == Verdict::Pass && row.area.as_str().starts_with("ext-"))
        .map(|row| area_name(row.area).to_owned())
        .collect()
}

impl ClaimedLevel {
    const fn meaning(self) -> &'static str {
        match self {
            Self::None => "The run reaches no level.",
            Self::MustsSampled => {
                "Each MUST of the revision's authorization that applies to this client was \
                 exercised in at least one case, those of the plan `short`, and it met them."
            }
            Self::Musts => {
                "All MUSTs of the revision's authorization that apply to this client were \
                 exercised, and it met them."
            }
            Self::MustsAndShoulds => {
                "All MUSTs and SHOULDs of the revision's authorization that apply to this client \
                 were exercised, and it met them."
            }
        }
    }
}

impl LevelCounts {
    fn of(report: &Report, level: Level) -> Self {
        let rows = report.requirements.iter();
        let rows = rows.filter(|row| row.level == level && is_scored(row));
        rows.fold(Self::default(), |mut counts, row| {
            match row.verdict {
                Verdict::Pass => counts.passed += 1,
                Verdict::Fail => counts.failed += 1,
                Verdict::NotExercised => counts.not_exercised += 1,
                Verdict::NotApplicable => counts.not_applicable += 1,
            }
            counts
        })
    }

    const fn are_met(self) -> bool {
        self.failed == 0 && self.not_exercised == 0 && self.passed > 0
    }
}

/// Whether a requirement counts for a level: good practice and what the frozen set lacks do not.
const fn is_scored(row: &RequirementRow) -> bool {
    !row.unscored && !row.advice
}
