//! Annotations for a GitHub job: workflow commands, one for each requirement that failed and for
//! each entry of a baseline that is out of date.

use std::fmt::Write;

use crate::report::model::{Finding, Report};
use crate::report::wording::reasons::{
    HELP_FOR_OUTDATED, describe_contradiction, describe_gain, describe_instead_of_failure,
    describe_reason,
};

/// The commands, errors first: GitHub shows only the first few of each kind.
pub(crate) fn render_github(reports: &[Report]) -> String {
    let mut errors = String::new();
    let mut warnings = String::new();
    for report in reports {
        annotate_findings(report, &mut errors, &mut warnings);
        annotate_errors(report, &mut errors);
    }
    errors + &warnings
}

/// One command for each requirement that failed.
fn annotate_findings(report: &Report, errors: &mut String, warnings: &mut String) {
    let mut told: Vec<&str> = Vec::new();
    for finding in report
        .failures
        .iter()
        .filter(|finding| finding.baselined.is_none())
    {
        if told.contains(&finding.requirement.as_str()) {
            continue;
        }
        told.push(&finding.requirement);
        let same = report
            .failures
            .iter()
            .filter(|f| f.requirement == finding.requirement && f.baselined.is_none());
        let elsewhere = same.map(|f| 1 + f.others.len()).sum::<usize>() - 1;
        let (kind, into) = if finding.fails_the_run {
            ("error", &mut *errors)
        } else {
            ("warning", &mut *warnings)
        };
        command(
            into,
            kind,
            &[("title", &title(report, finding))],
            &message(finding, elsewhere),
        );
    }
}

/// What is wrong with the run apart from requirements.
fn annotate_errors(report: &Report, errors: &mut String) {
    for contradiction in &report.contradictions {
        command(
            errors,
            "error",
            &[("title", "mcp-authspec: a declaration is contradicted")],
            &describe_contradiction(*contradiction),
        );
    }
    for error in &report.harness_errors {
        command(
            errors,
            "error",
            &[("title", "mcp-authspec: an error of the harness")],
            error,
        );
    }
    for entry in report
        .baseline
        .iter()
        .flat_map(|baseline| &baseline.outdated)
    {
        let (file, line) = entry.place.rsplit_once(':').unwrap_or((&entry.place, "1"));
        let now = describe_instead_of_failure(&entry.now);
        let text = format!("{} {now}\nhelp: {HELP_FOR_OUTDATED}", entry.entry);
        command(
            errors,
            "error",
            &[
                ("title", "mcp-authspec: known failure is gone"),
                ("file", file),
                ("line", line),
            ],
            &text,
        );
    }
}

/// `MUST iss-advertised-mismatch failed (MCP 2026-07-28)`
fn title(report: &Report, finding: &Finding) -> String {
    let verdict = finding.verdict.as_str();
    let what = if verdict == "fail" {
        "failed"
    } else {
        "not exercised"
    };
    format!(
        "{} {} {what} (MCP {})",
        finding.level, finding.requirement, report.revision
    )
}

fn message(finding: &Finding, elsewhere: usize) -> String {
    let mut lines = vec![finding.statement.clone()];
    if let Some(case) = &finding.case {
        let more = if elsewhere > 0 {
            format!(" and {elsewhere} more")
        } else {
            String::new()
        };
        lines.push(format!("in {case}{more}"));
    }
    lines.extend(
        finding
            .expected
            .iter()
            .map(|text| format!("expected: {text}")),
    );
    lines.extend(
        finding
            .observed
            .iter()
            .map(|text| format!("observed: {text}")),
    );
    lines.extend(
        finding
            .gains
            .iter()
            .map(|gain| format!("attacker: {}", describe_gain(gain))),
    );
    lines.extend(
        finding
            .said
            .iter()
            .map(|text| format!("the client said: {text}")),
    );
    lines.extend(
        finding
            .reason
            .iter()
            .map(|reason| describe_reason(reason).to_string()),
    );
    lines.push(format!("source: {}", finding.source.url));
    lines.push(format!("rerun: {}", finding.rerun));
    lines.join("\n")
}

/// `::error title=...::text`, escaped as the runner reads it: nothing that a client sent can begin
/// a command of its own.
fn command(into: &mut String, kind: &str, properties: &[(&str, &str)], text: &str) {
    let properties: Vec<String> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", property(value)))
        .collect();
    // writing to a string cannot fail
    let _ = writeln!(into, "::{kind} {}::{}", properties.join(","), data(text));
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_begins_no_command() {
        let mut out = String::new();
        command(
            &mut out,
            "error",
            &[("title", "a:b,c")],
            "50 %\r\n::set-env name=X::y",
        );
        assert_eq!(
            out,
            "::error title=a%3Ab%2Cc::50 %25%0D%0A::set-env name=X::y\n"
        );
    }
}
