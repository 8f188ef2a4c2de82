//! The part of the page about one finding.

use minijinja::Value;
use serde::Serialize;

use crate::judge::Verdict;
use crate::report::format::RenderError;
use crate::report::format::html::diagram_svg::sequence;
use crate::report::format::html::filter_key::filter_key;
use crate::report::model::{Finding, Report};
use crate::report::wording::phrases::{group_findings, position_title, status_sentence};
use crate::report::wording::reasons::describe_stop;
use crate::scenario::model::Level;

#[derive(Serialize)]
pub(super) struct FindingPart<'r> {
    #[serde(flatten)]
    finding: &'r Finding,
    tone: &'static str,
    kinds: String,
    also: Vec<String>,
    source_name: String,
    stopped_words: Option<String>,
    ended: Option<&'static str>,
    position_words: Option<String>,
    sequence: Option<Value>,
    known: Option<&'r str>,
}

pub(super) fn finding_parts(report: &Report) -> Result<Vec<FindingPart<'_>>, RenderError> {
    // a MAY is a permission: nobody needs to be warned
    let told: Vec<&Finding> = report
        .failures
        .iter()
        .filter(|f| f.fails_the_run || f.level != Level::May)
        .collect();
    let (silent, failed): (Vec<&Finding>, Vec<&Finding>) = told
        .into_iter()
        .partition(|f| f.verdict == Verdict::NotExercised);
    let groups = group_findings(&failed, Finding::same_check).into_iter();
    let groups = groups.chain(group_findings(&silent, |a, b| {
        a.reason == b.reason && a.baselined == b.baselined
    }));
    groups
        .filter_map(|group| group.first().map(|first| finding(first, &group)))
        .collect()
}

fn finding<'r>(
    finding: &'r Finding,
    group: &[&'r Finding],
) -> Result<FindingPart<'r>, RenderError> {
    let also = group.iter().skip(1).map(|f| match &f.case {
        Some(case) if f.case != finding.case => format!("{} {} in {case}", f.level, f.requirement),
        _ => format!("{} {}", f.level, f.requirement),
    });
    Ok(FindingPart {
        tone: match (&finding.baselined, finding.verdict, finding.fails_the_run) {
            (Some(_), ..) => "known",
            (None, Verdict::Fail, true) => "bad",
            _ => "odd",
        },
        kinds: group
            .iter()
            .map(|f| filter_key(f.verdict, f.level, f.area))
            .collect::<Vec<_>>()
            .join(" "),
        also: also.collect(),
        source_name: finding.source.to_string(),
        stopped_words: finding
            .stopped
            .filter(|_| !finding.observed_names_stage)
            .map(describe_stop),
        ended: finding.status.map(status_sentence),
        position_words: finding.position.map(position_title),
        sequence: finding.diagram.as_ref().map(sequence).transpose()?,
        known: finding
            .baselined
            .as_ref()
            .map(|known| known.reason.as_str()),
        finding,
    })
}
