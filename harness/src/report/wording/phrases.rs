//! Sentences and counts that several formats share.

use crate::judge::Verdict;
use crate::report::model::finding::Finding;
use crate::report::model::{Report, RequirementRow, RunOutcome};
use crate::requirements::position;
use crate::scenario::model::Level;
use crate::transcript::Status;

/// Ids listed of a longer list.
pub(crate) const SOME: usize = 8;

/// What a run came to, in a sentence or two.
pub(crate) fn in_words(report: &Report) -> String {
    match report.outcome() {
        RunOutcome::Passed => {
            let counts = |row: &&RequirementRow| row.baselined.is_none() && !row.unscored;
            let warning = |row: &&RequirementRow| row.verdict == Verdict::Fail && row.level == Level::Should && counts(row);
            let should = report.requirements.iter().filter(warning).count();
            let warnings = match should {
                0 => String::new(),
                1 => " What failed is a SHOULD: a warning, which --strict counts.".to_owned(),
                _ => format!(" {should} of those that failed are a SHOULD: warnings, which --strict counts."),
            };
            let flaky = match report.flaky.len() {
                0 => String::new(),
                count => format!(" {} flaky.", counted(count, "case")),
            };
            match report.summary.baselined {
                0 => format!("Passed. The client does all that is required of it in these cases.{warnings}{flaky}"),
                known => format!(
                    "Passed, with known failures of {}. The client does all else that is required of it in these cases.{warnings}{flaky}",
                    counted(known, "requirement")
                ),
            }
        }
        RunOutcome::Failed => {
            let failing: std::collections::BTreeSet<&str> = report.failing().collect();
            let rows = |verdict| report.requirements.iter().filter(|r| r.verdict == verdict && failing.contains(r.id.as_str())).count();
            let mut reasons = Vec::new();
            let mut add = |count: usize, thing: &str, what: &str| {
                if count > 0 {
                    reasons.push(format!("{} {what}", counted(count, thing)));
                }
            };
            add(rows(Verdict::Fail), "requirement", "failed");
            add(rows(Verdict::NotExercised), "requirement", "not exercised (silence is no pass)");
            add(report.contradictions.len(), "declaration", "contradicted");
            add(report.ended_by_force().len(), "run", "not ended by the client itself");
            add(report.baseline.as_ref().map_or(0, |b| b.outdated.len()), "failure", "gone that the baseline expects");
            add(if report.strict { report.flaky.len() } else { 0 }, "case", "flaky");
            format!("Failed: {}.", reasons.join(", "))
        }
        RunOutcome::NothingRan if report.summary.cases_run == 0 => "No case was run, so nothing is known of the client.".to_owned(),
        RunOutcome::NothingRan if report.silence.is_some() => {
            "The client could not be run: it ended with an error before it sent anything, so nothing is known of it.".to_owned()
        }
        RunOutcome::NothingRan => "The client could not be started, so nothing is known of it.".to_owned(),
        RunOutcome::HarnessError => {
            format!("The harness failed in {}. Please report this.", some_of(&report.harness_errors, SOME))
        }
        RunOutcome::Interrupted => "The run was interrupted. What had finished is told above.".to_owned(),
    }
}

/// `236 cases in 1.7 s`, `51 cases (part 2/5) in 0.4 s`
pub(crate) fn ran(report: &Report) -> String {
    let part = report
        .shard
        .as_ref()
        .map(|shard| format!(" (part {shard})"))
        .unwrap_or_default();
    format!(
        "{}{part} in {:.1} s",
        counted(report.summary.cases_run, "case"),
        report.seconds
    )
}

/// How many requirements of each level are kept, of those that could be judged.
pub(crate) fn by_level(report: &Report) -> Vec<(Level, usize, usize)> {
    let of = |level: Level| {
        let judged = report
            .requirements
            .iter()
            .filter(move |row| row.level == level && row.verdict != Verdict::NotApplicable);
        (
            level,
            judged
                .clone()
                .filter(|row| row.verdict == Verdict::Pass)
                .count(),
            judged.count(),
        )
    };
    Level::ALL
        .iter()
        .map(|level| of(*level))
        .filter(|(_, _, judged)| *judged > 0)
        .collect()
}

/// `MUST 62 of 64 pass, SHOULD 10 of 10`
pub(crate) fn levels(report: &Report) -> String {
    let parts = by_level(report)
        .into_iter()
        .enumerate()
        .map(|(index, (level, passed, of))| {
            format!(
                "{level} {passed} of {of}{}",
                if index == 0 { " pass" } else { "" }
            )
        });
    parts.collect::<Vec<_>>().join(", ")
}

/// How a run ended, if not by itself.
pub(crate) fn ended(status: Status) -> &'static str {
    match status {
        Status::TimedOut => "The run was ended by the time-out.",
        Status::Quiet => "The client had come to rest without ending, and was ended.",
        Status::Crashed => "The client crashed.",
        Status::SetupFailed => "The client could not be started.",
        Status::HarnessError => "The harness failed in this run.",
        Status::Completed => "",
    }
}

/// Neighbours that are alike, together.
pub(crate) fn grouped<'f>(
    findings: &[&'f Finding],
    alike: impl Fn(&Finding, &Finding) -> bool,
) -> Vec<Vec<&'f Finding>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        match groups
            .iter_mut()
            .find(|group| group.first().is_some_and(|first| alike(first, finding)))
        {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// A verdict as it is counted.
pub(crate) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "passed",
        Verdict::Fail => "failed",
        Verdict::NotExercised => "not exercised",
        Verdict::NotApplicable => "not applicable",
    }
}

/// `1 case`, `2 cases`
pub(crate) fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// The beginning of a list, and how long the rest is.
pub(crate) fn some_of(all: &[String], shown: usize) -> String {
    let more = all.len().saturating_sub(shown);
    let list = all
        .iter()
        .take(shown)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if more > 0 {
        format!("{list} and {more} more")
    } else {
        list
    }
}

/// A position of ours, by number and title; `explain` tells the rest.
pub(crate) fn titled(number: u32) -> String {
    position(number).map_or_else(|| number.to_string(), |p| format!("{number}, {}", p.title))
}
