//! TAP, version 14 (<https://testanything.org/tap-version-14-specification.html>): a test point for
//! each verdict.

use std::fmt::Write;

use crate::report::format::test_case::{TestCase, TestOutcome, details, test_cases};
use crate::report::model::Report;

/// The reports as one stream.
pub(crate) fn render_tap(reports: &[Report]) -> String {
    let all: Vec<(&Report, TestCase<'_>)> = reports
        .iter()
        .flat_map(|report| {
            test_cases(report)
                .into_iter()
                .map(move |case| (report, case))
        })
        .collect();
    let mut out = format!("TAP version 14\n1..{}\n", all.len());
    let mut suite = None;
    for (index, (report, case)) in all.iter().enumerate() {
        if suite != Some((report.revision, case.suite)) {
            suite = Some((report.revision, case.suite));
            let _ = writeln!(out, "# {} {}", report.revision, case.suite);
        }
        out.push_str(&point(index + 1, report, case));
    }
    for (report, shard) in reports
        .iter()
        .filter_map(|report| Some((report, report.shard.as_ref()?)))
    {
        let _ = writeln!(
            out,
            "# this is part {shard} of the run of {}",
            report.revision
        );
    }
    for report in reports.iter().filter(|report| report.interrupted) {
        let _ = writeln!(out, "# the run of {} was interrupted", report.revision);
    }
    out
}

fn point(number: usize, report: &Report, case: &TestCase<'_>) -> String {
    let (ok, directive) = match &case.outcome {
        TestOutcome::Passed | TestOutcome::Warning(_) => ("ok", String::new()),
        TestOutcome::Failed(..) | TestOutcome::Error(..) => ("not ok", String::new()),
        // a failed point that is marked TODO fails nothing
        TestOutcome::Known(reason) => (
            "not ok",
            format!(" # TODO known failure: {}", one_line(reason)),
        ),
        TestOutcome::Skipped(reason) => ("ok", format!(" # SKIP {}", one_line(reason))),
    };
    let mut out = format!(
        "{ok} {number} - {} {}{directive}\n",
        report.revision,
        description(&case.name)
    );
    let mut members: Vec<(&str, String)> = Vec::new();
    match &case.outcome {
        TestOutcome::Passed | TestOutcome::Skipped(_) => {}
        TestOutcome::Known(reason) => members.extend([
            ("message", reason.clone()),
            ("severity", "known failure".to_owned()),
        ]),
        TestOutcome::Warning(seen) => members.extend([
            ("message", seen.clone()),
            ("severity", "warning".to_owned()),
        ]),
        TestOutcome::Failed(kind, seen) => {
            members.extend([("message", seen.clone()), ("severity", (*kind).to_owned())])
        }
        TestOutcome::Error(kind, text) => {
            members.extend([("message", text.clone()), ("severity", kind.clone())])
        }
    }
    if members.is_empty() {
        return out;
    }
    if let Some(row) = case.row {
        members.extend([
            ("requirement", row.id.clone()),
            ("source", row.source.to_string()),
            ("url", row.source.url.to_string()),
        ]);
    }
    out.push_str("  ---\n");
    for (name, text) in members {
        let _ = writeln!(out, "  {name}: {}", quoted(&text));
    }
    if let Some(finding) = case.finding {
        out.push_str("  details:\n");
        for line in details(finding) {
            let _ = writeln!(out, "    - {}", quoted(&line));
        }
    }
    out.push_str("  ...\n");
    out
}

/// A text in which nothing is taken for a directive.
fn description(text: &str) -> String {
    one_line(text).replace('\\', "\\\\").replace('#', "\\#")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A YAML string: a JSON string is one.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
