//! Findings in variants of one variety become one finding that names what the variants differ in.

use std::collections::BTreeSet;

use crate::judge::Verdict;
use crate::report::model::finding::Finding;
use crate::report::model::printable_text::PrintableText;
use crate::report::model::report_source::ReportSource;
use crate::report::wording::phrases::abbreviate_list;
use crate::scenario::model::{Case, Level, Variety, scenario_of};

/// Variants that a finding names.
const NAMED_VARIANTS: usize = 12;

/// What findings of one variety have in common.
#[derive(PartialEq, Eq)]
struct VarietyKey {
    scenario: String,
    requirement: String,
    verdict: Verdict,
    level: Level,
    fails_the_run: bool,
    baselined: bool,
}

/// Joins the findings in variants: the first of a variety stays and tells about the others.
pub(crate) fn join_varieties(run: &ReportSource<'_>, findings: Vec<Finding>) -> Vec<Finding> {
    let mut joined: Vec<(Option<VarietyKey>, Vec<&Case>, Finding)> = Vec::new();
    for finding in findings {
        let case = case_of(run, &finding);
        let key = case.map(|case| key_of(case, &finding));
        let known = joined
            .iter_mut()
            .find(|(other, ..)| key.is_some() && *other == key);
        match known {
            Some((_, cases, first)) => {
                first.others.extend(finding.case);
                cases.extend(case);
            }
            None => joined.push((key, case.into_iter().collect(), finding)),
        }
    }
    joined
        .into_iter()
        .map(|(_, cases, mut finding)| {
            if finding.verdict == Verdict::Fail
                && let Some(sentence) = describe_variants(run, &finding.requirement, &cases)
            {
                finding.observed.insert(0, PrintableText::from(sentence));
            }
            finding
        })
        .collect()
}

/// The variant in which something was found.
fn case_of<'a>(run: &ReportSource<'a>, finding: &Finding) -> Option<&'a Case> {
    let id = finding.case.as_ref()?;
    run.cases()
        .map(|(case, ..)| case)
        .find(|case| case.variety.is_some() && case.id == *id)
}

fn key_of(case: &Case, finding: &Finding) -> VarietyKey {
    VarietyKey {
        scenario: case.scenario().to_owned(),
        requirement: finding.requirement.clone(),
        verdict: finding.verdict,
        level: finding.level,
        fails_the_run: finding.fails_the_run,
        baselined: finding.baselined.is_some(),
    }
}

/// "The client failed with 3 of 41 spellings of the challenge: white space before `=`, ..."
///
/// A variant that combines features is left out if one of its features fails alone.
fn describe_variants(run: &ReportSource<'_>, requirement: &str, cases: &[&Case]) -> Option<String> {
    let failed: Vec<(&str, &Variety)> = cases
        .iter()
        .filter_map(|case| Some((case.id.as_str(), case.variety.as_ref()?)))
        .collect();
    let (first, variety) = failed.first()?;
    let ids: BTreeSet<&str> = failed.iter().map(|(id, _)| *id).collect();
    let is_smallest = |variety: &Variety| {
        let mut parts = variety.made_of.iter();
        !parts.any(|part| ids.contains(part.as_str()))
    };
    let smallest: Vec<&str> = failed
        .iter()
        .filter(|(_, variety)| is_smallest(variety))
        .map(|(_, variety)| variety.differs.as_str())
        .collect();
    let judged = count_judged(run, scenario_of(first), requirement);
    let introduction = if smallest.len() < failed.len() {
        "; the smallest are"
    } else {
        ""
    };
    Some(format!(
        "The client failed with {} of {judged} {}{introduction}: {}.",
        failed.len(),
        variety.of,
        abbreviate_list(&smallest, NAMED_VARIANTS)
    ))
}

/// The variants of a scenario in which a requirement passed or failed.
fn count_judged(run: &ReportSource<'_>, scenario: &str, requirement: &str) -> usize {
    run.cases()
        .filter(|(case, _, result)| {
            case.scenario() == scenario
                && result.checks.iter().any(|check| {
                    check.requirement == requirement
                        && matches!(check.verdict, Verdict::Pass | Verdict::Fail)
                })
        })
        .count()
}
