//! The outcome of a run in a sentence or two.

use std::collections::BTreeSet;

use crate::judge::Verdict;
use crate::report::model::{Report, RequirementRow, RunOutcome};
use crate::report::wording::phrases::{LISTED_IDS, abbreviate_list, count_noun};
use crate::scenario::model::Level;

/// The outcome of a run in a sentence or two.
pub(crate) fn outcome_sentence(report: &Report) -> String {
    match report.outcome() {
        RunOutcome::Passed => passed_sentence(report),
        RunOutcome::Failed => failed_sentence(report),
        RunOutcome::NothingRan => nothing_ran_sentence(report).to_owned(),
        RunOutcome::HarnessError => {
            let places = abbreviate_list(&report.harness_errors, LISTED_IDS);
            format!("The harness failed in {places}. Please report this.")
        }
        RunOutcome::Interrupted => {
            "The run was interrupted. This report covers what had finished by then.".to_owned()
        }
    }
}

fn passed_sentence(report: &Report) -> String {
    let mut sentence = match report.summary.baselined {
        0 => "Passed. The client does all that is required of it in these cases.".to_owned(),
        known => format!(
            "Passed, with known failures of {}. \
             The client does everything else that is required of it in these cases.",
            count_noun(known, "requirement")
        ),
    };
    let is_warning = |row: &&RequirementRow| {
        row.verdict == Verdict::Fail
            && row.level == Level::Should
            && row.baselined.is_none()
            && !row.unscored
            && !row.advice
    };
    match report.requirements.iter().filter(is_warning).count() {
        0 => {}
        1 => sentence += " One failed SHOULD is a warning; with --strict it fails the run.",
        count => {
            sentence +=
                &format!(" {count} failed SHOULDs are warnings; with --strict they fail the run.")
        }
    }
    if !report.flaky.is_empty() {
        sentence += &format!(" {} flaky.", count_noun(report.flaky.len(), "case"));
    }
    sentence
}

fn failed_sentence(report: &Report) -> String {
    let failing: BTreeSet<&str> = report.failing().collect();
    let count_requirements = |verdict| {
        report
            .requirements
            .iter()
            .filter(|row| row.verdict == verdict && failing.contains(row.id.as_str()))
            .count()
    };
    let outdated = report
        .baseline
        .as_ref()
        .map_or(0, |baseline| baseline.outdated.len());
    let flaky = if report.strict { report.flaky.len() } else { 0 };
    let reasons = [
        (count_requirements(Verdict::Fail), "requirement", "failed"),
        (
            count_requirements(Verdict::NotExercised),
            "requirement",
            "not exercised (which does not count as a pass)",
        ),
        (report.contradictions.len(), "declaration", "contradicted"),
        (
            report.ended_by_force().len(),
            "run",
            "not ended by the client itself",
        ),
        (
            outdated,
            "failure",
            "that the baseline expects did not happen",
        ),
        (flaky, "case", "flaky"),
    ];
    let reasons: Vec<String> = reasons
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, noun, what)| format!("{} {what}", count_noun(count, noun)))
        .collect();
    format!("Failed: {}.", reasons.join(", "))
}

fn nothing_ran_sentence(report: &Report) -> &'static str {
    if report.summary.cases_run == 0 {
        "No case was run, so nothing is known about the client."
    } else if report.silence.is_some() {
        "The client could not be run: it ended with an error before it sent anything, so nothing \
         is known about it."
    } else {
        "The client could not be started, so nothing is known about it."
    }
}
