//! Markdown for a job summary or a comment: the result, a table of what failed, and the details to
//! unfold.

use std::fmt::Write;

use crate::judge::Verdict;
use crate::report::format::console::diagram_text::draw;
use crate::report::format::style::TextStyle;
use crate::report::model::finding::Finding;
use crate::report::model::timing::{describe_seconds, slowest_runs};
use crate::report::model::{PrintableText, Report, RunOutcome};
use crate::report::wording::area_name::area_title;
use crate::report::wording::attested_phrases::{ATTESTED, describe_answer};
use crate::report::wording::outcome_sentence::outcome_sentence;
use crate::report::wording::phrases::{
    cases_and_duration, count_noun, group_findings, status_sentence, summarize_levels,
};
use crate::report::wording::profile_phrases::OUT_OF_REACH;
use crate::report::wording::reasons::{
    describe_contradiction, describe_gain, describe_instead_of_failure, describe_not_run,
    describe_stop,
};
use crate::requirements::Area;
use crate::scenario::model::Level;

/// Findings told in full: a job summary on GitHub is cut at 1 MiB.
const MOST: usize = 50;

/// The reports as one document.
pub(crate) fn render_markdown(reports: &[Report]) -> String {
    reports.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn one(report: &Report) -> String {
    let sign = match report.outcome() {
        RunOutcome::Passed => "✅",
        RunOutcome::Failed => "❌",
        RunOutcome::NothingRan | RunOutcome::HarnessError | RunOutcome::Interrupted => "⚠️",
    };
    let mut out = format!(
        "## {sign} MCP authorization {}: {}\n\n",
        report.revision,
        code(&report.client)
    );
    let _ = writeln!(out, "**{}**\n", escaped(&outcome_sentence(report)));
    let _ = writeln!(
        out,
        "{}, seed {}, mcp-authspec {}\n",
        cases_and_duration(report),
        code(&report.seed),
        report.harness
    );
    out.push_str(&table_of_areas(report));
    out.push_str(&findings(report));
    out.push_str(&rest(report));
    out
}

fn table_of_areas(report: &Report) -> String {
    let mut out = String::from(
        "| area | passed | failed | not exercised | not applicable |\n\
         | --- | ---: | ---: | ---: | ---: |\n",
    );
    let verdicts = [
        Verdict::Pass,
        Verdict::Fail,
        Verdict::NotExercised,
        Verdict::NotApplicable,
    ];
    let mut row = |name: &str, area: Option<Area>| {
        let counts = verdicts.map(|verdict| {
            let rows = report
                .requirements
                .iter()
                .filter(|row| row.verdict == verdict && area.is_none_or(|area| row.area == area));
            rows.count().to_string()
        });
        let _ = writeln!(out, "| {name} | {} |", counts.join(" | "));
    };
    for area in Area::ALL
        .iter()
        .filter(|area| report.requirements.iter().any(|row| row.area == **area))
    {
        row(&area_title(*area), Some(*area));
    }
    row("**all**", None);
    let _ = writeln!(out, "\n{}", summarize_levels(report));
    out
}

fn findings(report: &Report) -> String {
    // a MAY is a permission: nobody needs to be warned
    let told: Vec<&Finding> = report
        .failures
        .iter()
        .filter(|f| f.fails_the_run || f.level != Level::May)
        .collect();
    if told.is_empty() {
        return String::new();
    }
    let groups = group_findings(&told, Finding::same_check);
    let mut out = String::from(
        "\n| | requirement | case | observed | source |\n| --- | --- | --- | --- | --- |\n",
    );
    for finding in &told {
        let case = finding
            .case
            .as_deref()
            .map(code)
            .unwrap_or_else(|| "every run".to_owned());
        let observed = escaped(&finding.observed.join("; "));
        let source = format!(
            "[{}]({})",
            escaped(&finding.source.to_string()),
            finding.source.url
        );
        let _ = writeln!(
            out,
            "| {} | {} {} | {case} | {observed} | {source} |",
            sign(finding),
            finding.level,
            code(&finding.requirement)
        );
    }
    out.push('\n');
    for group in groups.iter().take(MOST) {
        out.push_str(&details(group));
    }
    if groups.len() > MOST {
        let _ = writeln!(out, "and {} more", groups.len() - MOST);
    }
    out
}

fn details(group: &[&Finding]) -> String {
    let Some(finding) = group.first() else {
        return String::new();
    };
    let names: Vec<String> = group
        .iter()
        .map(|f| format!("<code>{}</code>", html(&f.requirement)))
        .collect();
    let place = finding
        .case
        .as_ref()
        .map(|case| format!(" in <code>{}</code>", html(case)))
        .unwrap_or_default();
    let mut out = format!(
        "<details><summary>{} {} {}{place}</summary>\n\n",
        sign(finding),
        finding.level,
        names.join(", ")
    );
    let _ = writeln!(
        out,
        "> {}\n>\n> [{}]({})\n",
        escaped(&finding.statement),
        escaped(&finding.source.to_string()),
        finding.source.url
    );
    if let (Some(title), Some(why)) = (&finding.title, &finding.why) {
        let _ = writeln!(out, "**{}.** {}\n", escaped(title), escaped(why));
    }
    for fact in facts(finding) {
        let _ = writeln!(out, "- {fact}");
    }
    if let Some(diagram) = &finding.diagram {
        // no Mermaid: it shrinks six parties to letters of 5 px in a summary's column, and many
        // readers show its source
        let style = TextStyle {
            width: 120,
            ..TextStyle::default()
        };
        let drawn = draw(diagram, style).join("\n");
        let _ = writeln!(out, "\n{}", block("text", &drawn));
    }
    let _ = writeln!(
        out,
        "\nRun it again:\n\n{}\n\n</details>\n",
        block("sh", &finding.rerun)
    );
    out
}

/// What is known of a finding, a line each.
fn facts(finding: &Finding) -> Vec<String> {
    let joined = |texts: &[PrintableText]| {
        let texts: Vec<String> = texts.iter().map(|text| escaped(text)).collect();
        texts.join("; ")
    };
    let mut facts = vec![
        format!("expected: {}", joined(&finding.expected)),
        format!("observed: {}", joined(&finding.observed)),
    ];
    let exchanges = finding.exchanges.iter();
    facts.extend(exchanges.map(|exchange| format!("seen in: {}", code(exchange))));
    let gains = finding.gains.iter().map(describe_gain);
    facts.extend(gains.map(|gain| format!("**attacker's gain: {}**", escaped(&gain))));
    facts.extend(finding.baselined.iter().map(|known| {
        let (reason, place) = (escaped(&known.reason), code(&known.place));
        format!("known failure: {reason} ({place})")
    }));
    facts.extend(finding.stopped.map(|stage| escaped(&describe_stop(stage))));
    facts.extend(
        finding
            .status
            .map(|status| status_sentence(status).to_owned()),
    );
    let said = finding.said.iter();
    facts.extend(said.map(|words| format!("the client said: {}", code(words))));
    if !finding.others.is_empty() {
        let others: Vec<String> = finding.others.iter().map(|case| code(case)).collect();
        facts.push(format!("also in: {}", others.join(", ")));
    }
    facts
}

fn rest(report: &Report) -> String {
    let mut out = String::new();
    for capability in &report.contradictions {
        let text = describe_contradiction(*capability);
        let _ = writeln!(out, "- ❌ {}", escaped(&text));
    }
    for flaky in &report.flaky {
        let _ = writeln!(
            out,
            "- ⚠️ flaky: {} failed {} and then passed",
            code(&flaky.case),
            count_noun(flaky.failed.len(), "time")
        );
    }
    if let Some(silence) = &report.silence {
        let _ = writeln!(
            out,
            "- ⚠️ The client sent nothing in {}. Its last words:",
            count_noun(silence.runs, "run")
        );
        let _ = writeln!(out, "\n{}", block("text", &silence.last_words.join("\n")));
    }
    for outdated in report
        .baseline
        .iter()
        .flat_map(|baseline| &baseline.outdated)
    {
        let _ = writeln!(
            out,
            "- ❌ {}: {} {}",
            code(&outdated.place),
            code(&outdated.entry),
            escaped(&describe_instead_of_failure(&outdated.now))
        );
    }
    for text in &report.harness_errors {
        let _ = writeln!(out, "- ⚠️ the harness failed in {}", escaped(text));
    }
    out.push_str(&slowest(report));
    out.push_str(&out_of_reach(report));
    out.push_str(&not_run(report));
    out.push_str(&attested(report));
    out
}

fn slowest(report: &Report) -> String {
    if report.timings.is_empty() {
        return String::new();
    }
    let mut out = "\n<details><summary>Slowest</summary>\n\n".to_owned();
    for timing in slowest_runs(&report.timings) {
        let seconds = describe_seconds(timing.seconds);
        let _ = writeln!(out, "- {seconds}: {}", code(&timing.run));
    }
    out + "\n</details>\n"
}

fn out_of_reach(report: &Report) -> String {
    if report.out_of_reach.is_empty() {
        return String::new();
    }
    let mut out = format!("\n<details><summary>{OUT_OF_REACH}</summary>\n\n");
    for shape in &report.out_of_reach {
        let _ = writeln!(out, "- {}: {}", code(&shape.case), escaped(&shape.because));
    }
    out + "\n</details>\n"
}

fn attested(report: &Report) -> String {
    if report.attested.is_empty() {
        return String::new();
    }
    let mut out = format!("\n<details><summary>{ATTESTED}</summary>\n\n");
    for answer in &report.attested {
        let _ = writeln!(out, "- {}", escaped(&describe_answer(answer)));
    }
    out + "\n</details>\n"
}

fn not_run(report: &Report) -> String {
    if report.not_run.is_empty() {
        return String::new();
    }
    let mut out = "\n<details><summary>Not run</summary>\n\n".to_owned();
    for group in &report.not_run {
        let cases: Vec<String> = group.cases.iter().map(|case| code(case)).collect();
        let _ = writeln!(
            out,
            "- {}: {} ({})",
            count_noun(group.cases.len(), "case"),
            escaped(&describe_not_run(&group.reason)),
            cases.join(", ")
        );
    }
    out + "\n</details>\n"
}

fn sign(finding: &Finding) -> &'static str {
    match (&finding.baselined, finding.verdict, finding.fails_the_run) {
        (Some(_), ..) => "💤",
        (None, Verdict::Fail, true) => "❌",
        (None, Verdict::Fail, false) => "⚠️",
        (None, ..) => "❔",
    }
}

/// Prose in which nothing is markup, on one line.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' | '\r' => out.push(' '),
            // `@` would call somebody, `:` in `https://` would become a link
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => {
                out.extend(['\\', c])
            }
            _ => out.push(c),
        }
    }
    out.replace("://", ":&#8203;//")
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// A code span, also within a table: as many backquotes around it as it takes.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ").replace('|', "\\|");
    let fence = "`".repeat(longest_run(&text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{space}{text}{space}{fence}")
}

fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_taken_for_markup() {
        assert_eq!(
            escaped("<b>*a* | `b`\n[c](https://d)"),
            "&lt;b&gt;\\*a\\* \\| \\`b\\` \\[c\\](https:&#8203;//d)"
        );
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(block("text", "```\nx"), "````text\n```\nx\n````");
    }
}
