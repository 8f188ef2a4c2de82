//! Applies a baseline to the verdicts of a run: marks the failures that it expects, and lists the
//! entries whose failure no longer occurs.

use super::baseline::{Baseline, BaselineEntry};
use super::baseline_target::BaselineTarget;
use super::standing::{JudgedRun, Standing, fails, is_failing};
use crate::judge::{BaselineOutcome, Baselined, Conclusions, OutdatedEntry};
use crate::suite::Suite;

impl Baseline {
    /// Marks the failures that the baseline expects, and notes the entries that are outdated.
    /// `complete` tells whether the whole suite was run.
    pub fn apply(&self, suite: &Suite, complete: bool, conclusions: &mut Conclusions) {
        let revision = conclusions.revision;
        let entries: Vec<&BaselineEntry> = self
            .entries
            .iter()
            .filter(|entry| entry.holds_in(revision))
            .collect();
        let run = JudgedRun {
            suite,
            conclusions,
            complete,
        };
        let outdated = entries
            .iter()
            .filter_map(|entry| match run.standing(&entry.target) {
                Standing::Gone(now) => Some(OutdatedEntry {
                    entry: entry.written.clone(),
                    place: self.place_of(entry),
                    now,
                }),
                Standing::Fails | Standing::Unknown => None,
            })
            .collect();
        self.mark_known_failures(&entries, conclusions);
        conclusions.baseline = Some(BaselineOutcome {
            file: self.file.clone(),
            outdated,
        });
    }

    fn mark_known_failures(&self, entries: &[&BaselineEntry], conclusions: &mut Conclusions) {
        for case in &mut conclusions.cases {
            if fails(case) {
                case.baselined = self.mark_by(entries, |target| target.covers_all_of(case));
            }
            for check in case.checks.iter_mut().filter(|check| is_failing(check)) {
                let id = &check.requirement;
                check.baselined = self.mark_by(entries, |target| target.covers(&case.case, id));
            }
        }
        for monitor in &mut conclusions.monitors {
            let id = &monitor.requirement;
            let mark_in = |case: &str| self.mark_by(entries, |target| target.covers(case, id));
            monitor.known_in = monitor
                .failed_in
                .iter()
                .filter(|case| mark_in(case).is_some())
                .cloned()
                .collect();
            if monitor.known_in.len() == monitor.failed_in.len() && monitor.is_failure(true) {
                monitor.baselined = match monitor.failed_in.first() {
                    Some(case) => mark_in(case),
                    None => self.mark_by(entries, |target| target.covers_everywhere(id)),
                };
            }
        }
    }

    /// The mark of the first entry whose target covers a failure.
    fn mark_by(
        &self,
        entries: &[&BaselineEntry],
        covers: impl Fn(&BaselineTarget) -> bool,
    ) -> Option<Baselined> {
        let entry = entries.iter().find(|entry| covers(&entry.target))?;
        Some(Baselined {
            reason: entry.reason.clone(),
            place: self.place_of(entry),
        })
    }

    /// `known-failures.toml:12`
    fn place_of(&self, entry: &BaselineEntry) -> String {
        format!("{}:{}", self.file, entry.line)
    }
}
