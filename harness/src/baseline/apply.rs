//! A baseline meets the verdicts of a run: marks for what is expected to fail, and complaints about
//! what does not fail any more.

use std::collections::BTreeSet;

use super::target::Target;
use super::{Baseline, BaselineOutcome, Baselined, Entry, Outdated};
use crate::judge::{CaseResult, CheckResult, Conclusions, Verdict};
use crate::suite::Suite;

/// What a run says of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    Fails,
    /// Nothing that it covers fails: what happens instead.
    Gone(String),
    /// The run does not say: not everything that it covers was run.
    Unknown,
}

/// The verdicts of a run, as entries are held against them.
pub(super) struct Seen<'a> {
    pub(super) suite: &'a Suite,
    pub(super) conclusions: &'a Conclusions,
    /// Whether the whole suite was run, so that silence says something.
    pub(super) complete: bool,
}

impl Baseline {
    /// Marks what is expected to fail, and notes what is expected in vain.
    pub fn apply(&self, suite: &Suite, complete: bool, conclusions: &mut Conclusions) {
        let revision = conclusions.revision;
        let entries: Vec<&Entry> = self
            .entries
            .iter()
            .filter(|entry| entry.holds_in(revision))
            .collect();
        let seen = Seen {
            suite,
            conclusions,
            complete,
        };
        let outdated = entries.iter().filter_map(|entry| match seen.standing(&entry.target) {
            Standing::Gone(now) => Some(Outdated {
                entry: entry.written.clone(),
                place: self.place(entry),
                now,
                help: "take the entry out (`mcp-authspec baseline update` does), or name the revisions in which it fails with `spec`"
                    .to_owned(),
            }),
            Standing::Fails | Standing::Unknown => None,
        });
        let outcome = BaselineOutcome {
            file: self.file.clone(),
            outdated: outdated.collect(),
        };
        self.mark(&entries, conclusions);
        conclusions.baseline = Some(outcome);
    }

    fn mark(&self, entries: &[&Entry], conclusions: &mut Conclusions) {
        let known = |covers: &dyn Fn(&Target) -> bool| {
            entries
                .iter()
                .find(|entry| covers(&entry.target))
                .map(|entry| Baselined {
                    reason: entry.reason.clone(),
                    place: self.place(entry),
                })
        };
        for case in &mut conclusions.cases {
            if fails(case) {
                case.baselined = known(&|target| target.covers_all_of(case));
            }
            for check in case.checks.iter_mut().filter(|check| is_failing(check)) {
                check.baselined = known(&|target| target.covers(&case.case, &check.requirement));
            }
        }
        for monitor in &mut conclusions.monitors {
            let expected = |case: &str| known(&|target| target.covers(case, &monitor.requirement));
            monitor.known_in = monitor
                .failed_in
                .iter()
                .filter(|case| expected(case).is_some())
                .cloned()
                .collect();
            if monitor.known_in.len() == monitor.failed_in.len() && monitor.is_failure(true) {
                monitor.baselined = match monitor.failed_in.first() {
                    Some(case) => expected(case),
                    None => known(&|target| {
                        target.cases.is_none() && target.covers("", &monitor.requirement)
                    }),
                };
            }
        }
    }

    fn place(&self, entry: &Entry) -> String {
        format!("{}:{}", self.file, entry.line)
    }
}

impl Seen<'_> {
    /// What the run says of an entry that covers this.
    pub(super) fn standing(&self, target: &Target) -> Standing {
        let checks: Vec<&CheckResult> = self.checks(target);
        let monitors = self
            .conclusions
            .monitors
            .iter()
            .filter(|m| target.cases.is_none() && target.covers("", &m.requirement));
        let monitors: Vec<_> = monitors.collect();
        let seen_by_monitors = self.conclusions.monitors.iter().any(|m| {
            m.failed_in
                .iter()
                .any(|case| target.covers(case, &m.requirement))
        });
        let ended = self
            .conclusions
            .cases
            .iter()
            .any(|case| target.covers_all_of(case) && case.ended_by_force());
        if ended
            || seen_by_monitors
            || checks.iter().any(|c| is_failing(c))
            || monitors.iter().any(|m| m.is_failure(true))
        {
            return Standing::Fails;
        }
        if !self.all_run(target) || target.cases.is_none() && !self.complete {
            return Standing::Unknown;
        }
        let verdicts: BTreeSet<Verdict> = checks
            .iter()
            .map(|c| c.verdict)
            .chain(monitors.iter().map(|m| m.verdict))
            .collect();
        let reason = checks
            .iter()
            .find_map(|c| c.reason.as_deref())
            .or_else(|| monitors.iter().find_map(|m| m.reason.as_deref()));
        let because = reason
            .map(|reason| format!(": {reason}"))
            .unwrap_or_default();
        if verdicts.contains(&Verdict::Pass) {
            Standing::Gone("passes".to_owned())
        } else if !self.complete {
            // another case may show that the client can do what this needs
            Standing::Unknown
        } else if verdicts.contains(&Verdict::NotExercised) {
            Standing::Gone(format!(
                "is not exercised, which fails nothing here{because}"
            ))
        } else if verdicts.contains(&Verdict::NotApplicable) {
            Standing::Gone(format!("is not applicable{because}"))
        } else {
            Standing::Gone("shows nothing that could fail".to_owned())
        }
    }

    fn checks(&self, target: &Target) -> Vec<&CheckResult> {
        let of_case =
            |case: &CaseResult, check: &CheckResult| target.covers(&case.case, &check.requirement);
        self.conclusions
            .cases
            .iter()
            .flat_map(|case| case.checks.iter().filter(move |check| of_case(case, check)))
            .collect()
    }

    /// Whether the run took in all that the entry is about.
    fn all_run(&self, target: &Target) -> bool {
        let Some(ids) = &target.cases else {
            return true;
        };
        let revision = self.conclusions.revision;
        let binds = target.requirement.as_ref().is_none_or(|id| {
            self.suite
                .catalogue
                .get(id)
                .is_some_and(|r| r.applies_in(revision))
        });
        let due: Vec<_> = self
            .suite
            .cases
            .iter()
            .filter(|case| ids.contains(&case.id) && self.suite.checks_something(case, revision))
            .collect();
        let has_run = |id: &str| {
            self.conclusions
                .cases
                .iter()
                .any(|result| result.case == id && result.status.is_some())
        };
        binds && !due.is_empty() && due.iter().all(|case| has_run(&case.id))
    }
}

/// Whether anything in the case went wrong.
fn fails(case: &CaseResult) -> bool {
    case.ended_by_force() || case.checks.iter().any(is_failing)
}

/// Whether a check fails, be it only a warning.
fn is_failing(check: &CheckResult) -> bool {
    check.is_failure(true)
}
