//! Sentences and counts that several formats share.

use std::borrow::Borrow;

use crate::judge::Verdict;
use crate::report::model::Report;
use crate::report::model::finding::Finding;
use crate::requirements::position;
use crate::scenario::model::Level;
use crate::transcript::Status;

/// So many ids of a longer list are shown.
pub(crate) const LISTED_IDS: usize = 8;

/// `236 cases in 1.7 s`, `51 cases (part 2/5) in 0.4 s`
pub(crate) fn cases_and_duration(report: &Report) -> String {
    let part = report
        .shard
        .as_ref()
        .map(|shard| format!(" (part {shard})"))
        .unwrap_or_default();
    format!(
        "{}{part} in {:.1} s",
        count_noun(report.summary.cases_run, "case"),
        report.seconds
    )
}

/// For each level, the requirements that pass and those that could be judged.
pub(crate) fn count_by_level(report: &Report) -> Vec<(Level, usize, usize)> {
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
pub(crate) fn summarize_levels(report: &Report) -> String {
    let parts =
        count_by_level(report)
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

/// A sentence on how a run ended, empty if the client ended it by itself.
pub(crate) fn status_sentence(status: Status) -> &'static str {
    match status {
        Status::TimedOut => "The time-out ended the run.",
        Status::Quiet => "The client was idle but did not end, so the harness ended it.",
        Status::Crashed => "The client crashed.",
        Status::SetupFailed => "The client could not be started.",
        Status::HarnessError => "The harness failed in this run.",
        Status::Completed => "",
    }
}

/// Groups findings that are alike, in the order of the first of each group.
pub(crate) fn group_findings<'f>(
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

/// The word for a verdict after a number.
pub(crate) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "passed",
        Verdict::Fail => "failed",
        Verdict::NotExercised => "not exercised",
        Verdict::NotApplicable => "not applicable",
    }
}

/// `1 case`, `2 cases`
pub(crate) fn count_noun(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

/// The first elements of a list, and how many more there are.
pub(crate) fn abbreviate_list(all: &[impl Borrow<str>], shown: usize) -> String {
    let more = all.len().saturating_sub(shown);
    let list = all
        .iter()
        .take(shown)
        .map(Borrow::borrow)
        .collect::<Vec<&str>>()
        .join(", ");
    if more > 0 {
        format!("{list} and {more} more")
    } else {
        list
    }
}

/// The number and the title of a position of this suite.
pub(crate) fn position_title(number: u32) -> String {
    position(number).map_or_else(|| number.to_string(), |p| format!("{number}, {}", p.title))
}
