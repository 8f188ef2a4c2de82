//! The verdict of each requirement over the whole run, and the run in numbers.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::{Baselined, CaseResult, CheckResult, MonitorResult, Reason, Verdict};
use crate::report::model::report_source::ReportSource;
use crate::report::model::{RequirementRow, Summary};
use crate::requirements::Requirement;
use crate::scenario::model::Level;

/// Verdicts of one requirement merged: the first of these that occurs.
const WORST_FIRST: [Verdict; 4] = [
    Verdict::Fail,
    Verdict::NotExercised,
    Verdict::Pass,
    Verdict::NotApplicable,
];

/// A row for each requirement that binds in the run's revision and has a verdict.
pub(crate) fn requirement_rows(run: &ReportSource<'_>) -> Vec<RequirementRow> {
    let catalogue = run.suite.catalogue.iter();
    catalogue
        .filter_map(|requirement| {
            let level = requirement.level_in(run.revision())?;
            requirement_row(run, requirement, level)
        })
        .collect()
}

fn requirement_row(
    run: &ReportSource<'_>,
    requirement: &Requirement,
    level: Level,
) -> Option<RequirementRow> {
    let checks = RequirementChecks::of(run, requirement);
    let verdicts = checks.verdicts();
    let verdict = WORST_FIRST
        .into_iter()
        .find(|wanted| verdicts.iter().any(|single| single.verdict == *wanted))?;
    // a failure that nobody expects decides before one that is known
    let deciding = verdicts
        .iter()
        .filter(|single| single.verdict == verdict)
        .min_by_key(|single| (single.baselined.is_some(), single.level))?;
    let is_known = !checks.fail_the_run(run.about.strict);
    Some(RequirementRow {
        id: requirement.id.clone(),
        area: requirement.area,
        level: if matches!(verdict, Verdict::Fail | Verdict::NotExercised) {
            deciding.level
        } else {
            level
        },
        verdict,
        statement: requirement.statement.clone(),
        source: requirement.source.clone(),
        cases: checks.judged_cases(),
        failed_in: checks.failed_in(),
        reason: deciding
            .reason
            .filter(|_| verdict != Verdict::Pass)
            .cloned(),
        unscored: checks.any_unscored(),
        advice: requirement.is_advice(),
        baselined: deciding.baselined.filter(|_| is_known).cloned(),
    })
}

/// Everything that a run says of one requirement.
struct RequirementChecks<'a> {
    checks: Vec<(&'a CaseResult, &'a CheckResult)>,
    monitor: Option<&'a MonitorResult>,
}

impl<'a> RequirementChecks<'a> {
    fn of(run: &ReportSource<'a>, requirement: &Requirement) -> Self {
        let cases = run.conclusions.cases.iter();
        let checks = cases.flat_map(|case| case.checks.iter().map(move |check| (case, check)));
        Self {
            checks: checks
                .filter(|(_, check)| check.requirement == requirement.id)
                .collect(),
            monitor: run
                .conclusions
                .monitors
                .iter()
                .find(|monitor| monitor.requirement == requirement.id),
        }
    }

    /// What monitors saw in single cases is in their own result, although a case may demand that a
    /// monitor has something to judge.
    fn verdicts(&self) -> Vec<SingleVerdict<'a>> {
        let own = self.checks.iter().filter(|(_, check)| !check.monitor);
        own.map(|(_, check)| SingleVerdict {
            verdict: check.verdict,
            level: check.level,
            reason: check.reason.as_ref(),
            baselined: check.baselined.as_ref(),
        })
        .chain(self.monitor.map(|monitor| SingleVerdict {
            verdict: monitor.verdict,
            level: monitor.level,
            reason: monitor.reason.as_ref(),
            baselined: monitor.baselined.as_ref(),
        }))
        .collect()
    }

    fn fail_the_run(&self, strict: bool) -> bool {
        self.checks
            .iter()
            .any(|(_, check)| check.fails_the_run(strict))
            || self
                .monitor
                .is_some_and(|monitor| monitor.fails_the_run(strict))
    }

    /// The number of cases in which there was something to judge.
    fn judged_cases(&self) -> usize {
        let judged = self
            .checks
            .iter()
            .filter(|(_, check)| check.verdict != Verdict::NotApplicable);
        let cases: BTreeSet<&str> = judged.map(|(case, _)| case.case.as_str()).collect();
        cases.len()
    }

    fn failed_in(&self) -> Vec<String> {
        let own = self
            .checks
            .iter()
            .filter(|(_, check)| check.verdict == Verdict::Fail && !check.monitor)
            .map(|(case, _)| &case.case);
        let by_monitor = self.monitor.iter().flat_map(|m| &m.failed_in);
        let cases: BTreeSet<&String> = own.chain(by_monitor).collect();
        cases.into_iter().cloned().collect()
    }

    fn any_unscored(&self) -> bool {
        self.checks.iter().any(|(_, check)| check.unscored)
            || self.monitor.is_some_and(|monitor| monitor.unscored)
    }
}

/// What one check or monitor says of a requirement.
struct SingleVerdict<'a> {
    verdict: Verdict,
    level: Level,
    reason: Option<&'a Reason>,
    baselined: Option<&'a Baselined>,
}

/// The run in numbers.
pub(crate) fn summarize(run: &ReportSource<'_>, requirements: &[RequirementRow]) -> Summary {
    let cases = &run.conclusions.cases;
    let cases_not_run = cases.iter().filter(|case| case.status.is_none()).count();
    let mut checks: BTreeMap<Verdict, BTreeMap<Level, usize>> = BTreeMap::new();
    for check in cases
        .iter()
        .flat_map(|case| &case.checks)
        .filter(|check| binds(run, &check.requirement))
    {
        let by_level = checks.entry(check.verdict).or_default();
        *by_level.entry(check.level).or_default() += 1;
    }
    let count = |is_counted: &dyn Fn(&RequirementRow) -> bool| {
        requirements.iter().filter(|row| is_counted(row)).count()
    };
    Summary {
        cases_run: cases.len() - cases_not_run,
        cases_not_run,
        requirements: Verdict::ALL
            .iter()
            .map(|verdict| (*verdict, count(&|row| row.verdict == *verdict)))
            .collect(),
        baselined: count(&|row| row.baselined.is_some()),
        checks,
    }
}

fn binds(run: &ReportSource<'_>, id: &str) -> bool {
    run.suite
        .catalogue
        .get(id)
        .is_some_and(|requirement| requirement.applies_in(run.revision()))
}
