//! The run as test cases: what CI systems and readers of TAP count.

use std::collections::BTreeMap;

use crate::judge::{CheckResult, MonitorResult, Verdict};
use crate::report::model::PrintableText;
use crate::report::model::finding::Finding;
use crate::report::model::{Report, RequirementRow};
use crate::report::wording::phrases::{count_noun, status_sentence};
use crate::report::wording::reasons::{
    describe_contradiction, describe_gain, describe_instead_of_failure, describe_reason,
    describe_stage, describe_stop,
};
use crate::requirements::Area;
use crate::scenario::model::Level;

/// A verdict as a test.
pub(crate) struct TestCase<'r> {
    /// The requirement's area, or what else was tested.
    pub(crate) suite: &'static str,
    /// `iss/two-values/both: iss-one-value`
    pub(crate) name: String,
    /// The case that was run; `None`: all of them.
    case: Option<&'r str>,
    /// What of the time is this test's; `None`: it was not measured.
    pub(crate) seconds: Option<f64>,
    pub(crate) outcome: TestOutcome,
    pub(crate) row: Option<&'r RequirementRow>,
    pub(crate) finding: Option<&'r Finding>,
}

/// What a CI system makes of a verdict.
pub(crate) enum TestOutcome {
    Passed,
    /// A failed `SHOULD`: it does not fail the run.
    Warning(String),
    /// What it is, in one word, and what was seen.
    Failed(&'static str, String),
    Skipped(String),
    /// It failed, as a baseline expects, for this reason.
    Known(String),
    /// Nothing about a requirement: the client crashed, or the harness failed.
    Error(String, String),
}

/// All of them: by area, then what is no requirement.
pub(crate) fn test_cases(report: &Report) -> Vec<TestCase<'_>> {
    let mut all: Vec<TestCase<'_>> = Area::ALL
        .iter()
        .flat_map(|area| of_area(report, *area))
        .collect();
    all.extend(runs(report));
    all.extend(contradictions(report));
    all.extend(flaky_cases(report));
    all.extend(silent_client(report));
    all.extend(outdated_entries(report));
    all.extend(harness_errors(report));
    share_time(report, &mut all);
    all
}

fn contradictions(report: &Report) -> impl Iterator<Item = TestCase<'_>> {
    report.contradictions.iter().map(|capability| {
        let text = describe_contradiction(*capability);
        let failed = TestOutcome::Failed("contradiction", text.clone());
        of_nothing("declarations", &text, failed)
    })
}

fn flaky_cases(report: &Report) -> impl Iterator<Item = TestCase<'_>> {
    report.flaky.iter().map(|flaky| {
        let times = count_noun(flaky.failed.len(), "time");
        let seen = format!("failed {times} and then passed");
        let outcome = if report.strict {
            TestOutcome::Failed("flaky", seen)
        } else {
            TestOutcome::Warning(seen)
        };
        of_nothing("flaky", &flaky.case, outcome)
    })
}

fn silent_client(report: &Report) -> Option<TestCase<'_>> {
    let silence = report.silence.as_ref().filter(|silence| silence.broken)?;
    let text = format!(
        "the client ended with an error before it sent anything: {}",
        silence.last_words.join(" ")
    );
    let outcome = TestOutcome::Error("silent".to_owned(), text);
    Some(of_nothing("runs", "the client can be run", outcome))
}

fn outdated_entries(report: &Report) -> impl Iterator<Item = TestCase<'_>> {
    let baseline = report.baseline.iter();
    baseline
        .flat_map(|baseline| &baseline.outdated)
        .map(|outdated| {
            let now = describe_instead_of_failure(&outdated.now);
            let outcome = TestOutcome::Failed("outdated", format!("{}: {now}", outdated.place));
            of_nothing("baseline", &outdated.entry, outcome)
        })
}

fn harness_errors(report: &Report) -> impl Iterator<Item = TestCase<'_>> {
    report.harness_errors.iter().map(|text| {
        let kind = "harness-error".to_owned();
        let outcome = TestOutcome::Error(kind, format!("the harness failed in {text}"));
        of_nothing("harness", text, outcome)
    })
}

fn of_nothing<'r>(suite: &'static str, name: &str, outcome: TestOutcome) -> TestCase<'r> {
    TestCase {
        suite,
        name: name.to_owned(),
        case: None,
        seconds: None,
        outcome,
        row: None,
        finding: None,
    }
}

/// Gives each run's time to one test, so that their sum is the time of all runs: to the first of
/// its case, that of a control run to the first of the case that needs it, and what is left to the
/// first test that all runs share.
fn share_time(report: &Report, all: &mut [TestCase<'_>]) {
    if report.timings.is_empty() {
        return;
    }
    let mut left: BTreeMap<&str, f64> = BTreeMap::new();
    for timing in &report.timings {
        *left
            .entry(timing.control_of.as_deref().unwrap_or(&timing.run))
            .or_default() += timing.seconds;
    }
    for test in all.iter_mut() {
        test.seconds = Some(
            test.case
                .and_then(|case| left.remove(case))
                .unwrap_or_default(),
        );
    }
    if let Some(seconds) = all
        .iter_mut()
        .find(|test| test.case.is_none())
        .and_then(|test| test.seconds.as_mut())
    {
        *seconds += left.values().sum::<f64>();
    }
}

fn of_area(report: &Report, area: Area) -> Vec<TestCase<'_>> {
    let row_of = |id: &str| {
        report
            .requirements
            .iter()
            .find(|row| row.id == id && row.area == area)
    };
    let mut out = Vec::new();
    for (case, check) in report
        .cases
        .iter()
        .flat_map(|case| case.checks.iter().map(move |check| (case, check)))
    {
        // what monitors saw in single cases is in their own result
        if check.monitor {
            continue;
        }
        let Some(row) = row_of(&check.requirement) else {
            continue;
        };
        let told = |f: &&Finding| {
            !f.monitor && f.requirement == check.requirement && f.case.as_ref() == Some(&case.case)
        };
        let finding = report.failures.iter().find(told);
        let name = format!("{}: {}", case.case, check.requirement);
        let outcome = of_check(check, finding, report.strict);
        out.push(TestCase {
            suite: area.as_str(),
            name,
            case: Some(&case.case),
            seconds: None,
            outcome,
            row: Some(row),
            finding,
        });
    }
    for monitor in &report.monitors {
        let Some(row) = row_of(&monitor.requirement) else {
            continue;
        };
        let finding = report
            .failures
            .iter()
            .find(|f| f.monitor && f.requirement == monitor.requirement);
        let name = format!("every run: {}", monitor.requirement);
        let outcome = of_monitor(monitor, finding, report.strict);
        out.push(TestCase {
            suite: area.as_str(),
            name,
            case: None,
            seconds: None,
            outcome,
            row: Some(row),
            finding,
        });
    }
    out
}

fn of_check(check: &CheckResult, finding: Option<&Finding>, strict: bool) -> TestOutcome {
    let seen = finding
        .map(message)
        .or_else(|| {
            check
                .reason
                .as_ref()
                .map(|reason| describe_reason(reason).to_string())
        })
        .unwrap_or_default();
    if let Some(known) = check
        .baselined
        .as_ref()
        .filter(|_| check.is_failure(strict))
    {
        return TestOutcome::Known(known.reason.clone());
    }
    outcome(
        check.verdict,
        check.level,
        check.fails_the_run(strict),
        seen,
    )
}

fn of_monitor(monitor: &MonitorResult, finding: Option<&Finding>, strict: bool) -> TestOutcome {
    let places = || format!("failed in {}", monitor.failed_in.join(", "));
    let seen = match (finding, monitor.verdict) {
        (Some(finding), _) => message(finding),
        (None, Verdict::Fail) => places(),
        (None, _) => monitor
            .reason
            .as_ref()
            .map(|reason| describe_reason(reason).to_string())
            .unwrap_or_default(),
    };
    if let Some(known) = monitor
        .baselined
        .as_ref()
        .filter(|_| monitor.is_failure(strict))
    {
        return TestOutcome::Known(known.reason.clone());
    }
    outcome(
        monitor.verdict,
        monitor.level,
        monitor.fails_the_run(strict),
        seen,
    )
}

fn outcome(verdict: Verdict, level: Level, fails_the_run: bool, seen: String) -> TestOutcome {
    match verdict {
        Verdict::Pass => TestOutcome::Passed,
        Verdict::Fail | Verdict::NotExercised if fails_the_run => {
            TestOutcome::Failed(verdict.as_str(), seen)
        }
        // a MAY is a permission: nobody needs to be warned
        Verdict::Fail if level == Level::May => TestOutcome::Passed,
        Verdict::Fail => TestOutcome::Warning(format!("{level}: {seen}")),
        Verdict::NotExercised => TestOutcome::Skipped(format!("not exercised: {seen}")),
        Verdict::NotApplicable => TestOutcome::Skipped(seen),
    }
}

/// Runs that did not end by themselves.
fn runs(report: &Report) -> impl Iterator<Item = TestCase<'_>> {
    report
        .cases
        .iter()
        .filter(|case| case.ended_by_force())
        .filter_map(|case| {
            let status = case.status?;
            let stopped = case
                .stopped
                .map(|stage| format!(" It stopped {}.", describe_stage(stage)))
                .unwrap_or_default();
            let outcome = match &case.baselined {
                Some(known) => TestOutcome::Known(known.reason.clone()),
                None => TestOutcome::Error(
                    status.to_string(),
                    format!("{}{stopped}", status_sentence(status)),
                ),
            };
            Some(of_nothing("runs", &case.case, outcome))
        })
}

/// What was seen, in one line.
fn message(finding: &Finding) -> String {
    finding.observed.join("; ")
}

/// A finding in plain lines, for a reader who has nothing but this text.
pub(crate) fn details(finding: &Finding) -> Vec<String> {
    let mut lines = vec![
        finding.statement.clone(),
        format!("source: {} {}", finding.source, finding.source.url),
    ];
    lines.extend(finding.title.iter().map(|title| format!("case: {title}")));
    let gains: Vec<PrintableText> = finding.gains.iter().map(describe_gain).collect();
    for (label, texts) in [
        ("expected", &finding.expected),
        ("observed", &finding.observed),
        ("seen in", &finding.exchanges),
        ("attacker's gain", &gains),
        ("the client said", &finding.said),
    ] {
        lines.extend(texts.iter().map(|text| format!("{label}: {text}")));
    }
    lines.extend(finding.others.iter().map(|case| format!("also in: {case}")));
    lines.extend(finding.stopped.map(describe_stop));
    lines.extend(
        finding
            .status
            .map(|status| status_sentence(status).to_owned()),
    );
    lines.push(format!("rerun: {}", finding.rerun));
    lines
}
