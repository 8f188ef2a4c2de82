//! Names the failures of runs that no entry of a baseline expects.

use std::collections::BTreeSet;

use super::baseline::{Baseline, BaselineEntry};
use super::update::{Learned, Update};

use crate::judge::{Conclusions, MonitorResult};
use crate::scenario::without_control_suffix;

/// The greatest number of cases for which the failure of a monitor gets an entry each. Entries for
/// single cases are preferred, because the monitor then still watches the other cases.
const MAX_CASES_OF_MONITOR: usize = 3;

/// Names for entries that expect every failure which `entries` do not, each once.
pub(super) fn name_unexpected_failures(
    update: &Update<'_>,
    entries: &[BaselineEntry],
) -> Vec<String> {
    let baseline = Baseline {
        file: String::new(),
        entries: entries.to_vec(),
        notes: Vec::new(),
    };
    let mut names: Vec<String> = Vec::new();
    for run in update.runs {
        let conclusions = apply_baseline(&baseline, update, run);
        for name in name_failures(&conclusions, update.strict) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    remove_covered_parts(&mut names);
    names
}

fn apply_baseline(baseline: &Baseline, update: &Update<'_>, run: &Learned<'_>) -> Conclusions {
    let mut conclusions = run.conclusions.clone();
    baseline.apply(update.suite, run.complete, &mut conclusions);
    conclusions
}

fn name_failures(conclusions: &Conclusions, strict: bool) -> Vec<String> {
    let ended_by_force: BTreeSet<&str> = conclusions
        .cases
        .iter()
        .filter(|case| case.ended_by_force() && case.baselined.is_none())
        .map(|case| case.case.as_str())
        .collect();
    let mut names = Vec::new();
    for case in &conclusions.cases {
        if ended_by_force.contains(case.case.as_str()) {
            names.push(case.case.clone());
        }
    }
    for case in &conclusions.cases {
        if ended_by_force.contains(case.case.as_str()) {
            continue;
        }
        for check in case.checks.iter().filter(|check| !check.monitor) {
            if check.fails_the_run(strict) {
                names.push(format!("{}:{}", case.case, check.requirement));
            }
        }
    }
    for monitor in conclusions
        .monitors
        .iter()
        .filter(|monitor| monitor.fails_the_run(strict))
    {
        names.extend(name_monitor_failure(monitor));
    }
    names
}

/// Removes the failure of a requirement in a scenario where an entry covers the whole scenario, or
/// the requirement everywhere.
fn remove_covered_parts(names: &mut Vec<String>) {
    let whole: BTreeSet<String> = names
        .iter()
        .filter(|name| !name.contains(':'))
        .cloned()
        .collect();
    names.retain(|name| match name.split_once(':') {
        None => true,
        Some((scenario, requirement)) => !whole.contains(scenario) && !whole.contains(requirement),
    });
}

/// The requirement in each of the few cases in which it fails, or the requirement everywhere if it
/// fails in many.
fn name_monitor_failure(monitor: &MonitorResult) -> Vec<String> {
    let cases: BTreeSet<&str> = monitor
        .failed_in
        .iter()
        .filter(|case| !monitor.known_in.contains(case))
        .map(|case| without_control_suffix(case))
        .collect();
    let fails_often = cases.len() > MAX_CASES_OF_MONITOR || cases.len() * 2 > monitor.spoke_in;
    if cases.is_empty() || fails_often {
        return vec![monitor.requirement.clone()];
    }
    cases
        .into_iter()
        .map(|case| format!("{case}:{}", monitor.requirement))
        .collect()
}
