//! What a run shows about an entry of a baseline.

use std::collections::BTreeSet;

use super::baseline_target::BaselineTarget;
use crate::judge::{
    CaseResult, CheckResult, Conclusions, InsteadOfFailure, MonitorResult, Reason, Verdict,
};
use crate::suite::Suite;

/// What a run shows about an entry of a baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// Something that the entry covers fails.
    Fails,
    /// Nothing that the entry covers fails.
    Gone(InsteadOfFailure),
    /// The run does not show it, because not everything that the entry covers was run.
    Unknown,
}

/// The verdicts of a run, to compare entries with.
pub(super) struct JudgedRun<'a> {
    pub(super) suite: &'a Suite,
    pub(super) conclusions: &'a Conclusions,
    /// Whether the whole suite was run, so that silence means something.
    pub(super) complete: bool,
}

impl JudgedRun<'_> {
    /// What the run shows about an entry with this target.
    pub(super) fn standing(&self, target: &BaselineTarget) -> Standing {
        let checks = self.covered_checks(target);
        let monitors = self.covered_monitors(target);
        let fails = checks.iter().any(|check| is_failing(check))
            || monitors.iter().any(|monitor| monitor.is_failure(true));
        if fails || self.ended_by_force(target) || self.monitor_failed_in_case(target) {
            return Standing::Fails;
        }
        if !self.ran_everything(target) || target.cases.is_none() && !self.complete {
            return Standing::Unknown;
        }
        let verdicts: BTreeSet<Verdict> = checks
            .iter()
            .map(|check| check.verdict)
            .chain(monitors.iter().map(|monitor| monitor.verdict))
            .collect();
        if verdicts.contains(&Verdict::Pass) {
            return Standing::Gone(InsteadOfFailure::Passes);
        }
        if !self.complete {
            // Another case may show that the client has a capability which this requirement needs.
            return Standing::Unknown;
        }
        let reason = first_reason(&checks, &monitors);
        Standing::Gone(if verdicts.contains(&Verdict::NotExercised) {
            InsteadOfFailure::NotExercised { reason }
        } else if verdicts.contains(&Verdict::NotApplicable) {
            InsteadOfFailure::NotApplicable { reason }
        } else {
            InsteadOfFailure::NotChecked
        })
    }

    fn covered_checks(&self, target: &BaselineTarget) -> Vec<&CheckResult> {
        let mut covered = Vec::new();
        for case in &self.conclusions.cases {
            let checks = case.checks.iter();
            covered.extend(checks.filter(|check| target.covers(&case.case, &check.requirement)));
        }
        covered
    }

    fn covered_monitors(&self, target: &BaselineTarget) -> Vec<&MonitorResult> {
        self.conclusions
            .monitors
            .iter()
            .filter(|monitor| target.covers_everywhere(&monitor.requirement))
            .collect()
    }

    /// Whether the client was ended by force in a case that is covered as a whole.
    fn ended_by_force(&self, target: &BaselineTarget) -> bool {
        self.conclusions
            .cases
            .iter()
            .any(|case| target.covers_all_of(case) && case.ended_by_force())
    }

    /// Whether a monitor found a failure in a case that is covered.
    fn monitor_failed_in_case(&self, target: &BaselineTarget) -> bool {
        self.conclusions.monitors.iter().any(|monitor| {
            monitor
                .failed_in
                .iter()
                .any(|case| target.covers(case, &monitor.requirement))
        })
    }

    /// Whether the run took in every case that the target names.
    fn ran_everything(&self, target: &BaselineTarget) -> bool {
        let Some(ids) = &target.cases else {
            return true;
        };
        let revision = self.conclusions.revision;
        let binds = target.requirement.as_ref().is_none_or(|id| {
            let requirement = self.suite.catalogue.get(id);
            requirement.is_some_and(|requirement| requirement.applies_in(revision))
        });
        let mut expected = self
            .suite
            .cases
            .iter()
            .filter(|case| ids.contains(&case.id) && self.suite.checks_something(case, revision))
            .peekable();
        let ran = |id: &str| {
            let results = &self.conclusions.cases;
            results
                .iter()
                .any(|result| result.case == id && result.status.is_some())
        };
        binds && expected.peek().is_some() && expected.all(|case| ran(&case.id))
    }
}

fn first_reason(checks: &[&CheckResult], monitors: &[&MonitorResult]) -> Option<Reason> {
    checks
        .iter()
        .find_map(|check| check.reason.clone())
        .or_else(|| monitors.iter().find_map(|monitor| monitor.reason.clone()))
}

/// Whether anything in the case fails, even if it is only a warning.
pub(super) fn fails(case: &CaseResult) -> bool {
    case.ended_by_force() || case.checks.iter().any(is_failing)
}

/// Whether a check fails, even if it is only a warning.
pub(super) fn is_failing(check: &CheckResult) -> bool {
    check.is_failure(true)
}
