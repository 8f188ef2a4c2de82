//! How much of a revision a run covers.

use crate::judge::NotRunReason;
use crate::saved::Manifest;
use crate::scenario::model::VarietyChoice;
use crate::suite::{CasePlan, PlannedClient, Record, Suite};

/// How much of a revision a run covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunExtent {
    /// All cases.
    AllCases,
    /// Exactly those of the short plan for this client.
    ShortPlan,
    /// Some other part.
    Part,
}

impl RunExtent {
    /// The extent of the runs of a revision. The plan is made again, so that nobody can call a
    /// selection of their own a short plan.
    pub(super) fn of(record: &Record, manifest: &Manifest, suite: &Suite) -> Self {
        if record.complete {
            return Self::AllCases;
        }
        let is_short = manifest.plan == Some(CasePlan::Short) && manifest.shards.are_all();
        let is_whole = record
            .cases
            .iter()
            .all(|(_, outcome)| outcome.as_ref().err().is_none_or(is_out_of_reach));
        if is_short && is_whole && has_cases_of_plan(record, manifest, suite) {
            Self::ShortPlan
        } else {
            Self::Part
        }
    }
}

/// Whether a case was not run for a reason that nobody chose.
const fn is_out_of_reach(reason: &NotRunReason) -> bool {
    matches!(
        reason,
        NotRunReason::CapabilityMissing(_)
            | NotRunReason::FacilityMissing { .. }
            | NotRunReason::NoPrivateNetwork { .. }
            | NotRunReason::OwnBrowser
    )
}

/// Whether the cases are those of the plan for such a client. A saved run does not say whether the
/// client was a process of its own, so either plan will do.
fn has_cases_of_plan(record: &Record, manifest: &Manifest, suite: &Suite) -> bool {
    let ids: Vec<&str> = record
        .cases
        .iter()
        .map(|(case, _)| case.id.as_str())
        .collect();
    [true, false].into_iter().any(|is_separate_process| {
        let client = PlannedClient {
            declared: &manifest.declared,
            is_separate_process,
            is_driven_by_person: manifest.driven_by_person,
        };
        let can_run = |case: &_| client.can_run(case);
        let variety = VarietyChoice::default();
        let planned = CasePlan::Short.select(suite, record.revision, variety, &can_run);
        planned
            .iter()
            .map(|case| case.id.as_str())
            .eq(ids.iter().copied())
    })
}
