//! The part of the page about one scenario's run.

use minijinja::Value;
use serde::Serialize;

use crate::judge::{CaseResult, CheckResult, Verdict};
use crate::report::format::RenderError;
use crate::report::format::html::diagram_svg::sequence;
use crate::report::format::html::filter_key::filter_key;
use crate::report::model::timing::describe_seconds;
use crate::report::model::{Report, Timeline};
use crate::report::wording::phrases::{status_sentence, verdict_word};
use crate::report::wording::reasons::describe_stop;

#[derive(Serialize)]
pub(super) struct ScenarioPart<'r> {
    id: &'r str,
    tone: &'static str,
    kinds: String,
    result: Option<&'r CaseResult>,
    checks: Vec<CheckPart<'r>>,
    stopped_words: Option<String>,
    ended: Option<&'static str>,
    /// How long it took, and each start of the client.
    took: Option<(String, Vec<String>)>,
    timeline: &'r Timeline,
    sequence: Value,
}

#[derive(Serialize)]
struct CheckPart<'r> {
    #[serde(flatten)]
    check: &'r CheckResult,
    word: &'static str,
}

pub(super) fn scenario_part<'r>(
    report: &'r Report,
    timeline: &'r Timeline,
) -> Result<ScenarioPart<'r>, RenderError> {
    let result = report.cases.iter().find(|case| case.case == timeline.case);
    // monitors have something to say of every case; here counts what they found
    let checks: Vec<&CheckResult> = result
        .iter()
        .flat_map(|r| &r.checks)
        .filter(|c| !c.monitor || c.verdict == Verdict::Fail)
        .collect();
    let area = |id: &str| {
        report
            .requirements
            .iter()
            .find(|row| row.id == id)
            .map(|row| row.area)
    };
    let kinds = checks
        .iter()
        .filter_map(|c| Some(filter_key(c.verdict, c.level, area(&c.requirement)?)));
    Ok(ScenarioPart {
        id: &timeline.case,
        tone: tone(&checks, report.strict),
        kinds: kinds.collect::<Vec<_>>().join(" "),
        result,
        checks: checks
            .into_iter()
            .map(|check| CheckPart {
                check,
                word: verdict_word(check.verdict),
            })
            .collect(),
        stopped_words: result.and_then(|r| r.stopped).map(describe_stop),
        ended: result
            .and_then(|r| r.status)
            .map(status_sentence)
            .filter(|words| !words.is_empty()),
        took: time_taken(report, &timeline.case),
        timeline,
        sequence: sequence(&timeline.diagram())?,
    })
}

/// The colour in which the scenario is shown.
fn tone(checks: &[&CheckResult], strict: bool) -> &'static str {
    let has = |verdict| {
        checks
            .iter()
            .any(|c| c.verdict == verdict && c.baselined.is_none())
    };
    let fails_the_run =
        |check: &&CheckResult| check.fails_the_run(strict) && check.verdict == Verdict::Fail;
    if checks.iter().any(fails_the_run) {
        "bad"
    } else if has(Verdict::Fail) || has(Verdict::NotExercised) {
        "odd"
    } else if has(Verdict::Pass) {
        "good"
    } else {
        "none"
    }
}

/// How long a case took, and each start of the client in it.
fn time_taken(report: &Report, case: &str) -> Option<(String, Vec<String>)> {
    let timing = report.timings.iter().find(|timing| timing.run == case)?;
    let starts = timing.starts.iter();
    let starts = starts.map(|seconds| describe_seconds(*seconds)).collect();
    Some((describe_seconds(timing.seconds), starts))
}
