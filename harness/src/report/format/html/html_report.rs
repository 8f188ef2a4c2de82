//! The report as one HTML page that needs nothing else: no network, no other file, and no script
//! for reading.
//!
//! Everything is escaped by the template engine; the two texts that are not are made here, of
//! numbers and escaped words.

use base64::Engine;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::judge::{CaseResult, CheckResult, Verdict};
use crate::report::format::RenderError;
use crate::report::format::html::diagram_svg::sequence;
use crate::report::model::PrintableText;
use crate::report::model::diagram::Diagram;
use crate::report::model::finding::Finding;
use crate::report::model::timeline::Timeline;
use crate::report::model::timing::describe_seconds;
use crate::report::model::{Report, RequirementRow, RunOutcome};
use crate::report::wording::outcome_sentence::outcome_sentence;
use crate::report::wording::phrases::{
    cases_and_duration, count_by_level, group_findings, position_title, status_sentence,
    verdict_word,
};
use crate::report::wording::reasons::{
    describe_contradiction, describe_gain, describe_instead_of_failure, describe_not_run,
    describe_reason, describe_stop,
};
use crate::requirements::Area;
use crate::scenario::model::Level;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const TEMPLATES: [(&str, &str); 6] = [
    ("page.html", include_str!("page.html")),
    ("revision.html", include_str!("revision.html")),
    ("finding.html", include_str!("finding.html")),
    ("scenario.html", include_str!("scenario.html")),
    ("messages.html", include_str!("messages.html")),
    ("badge.svg", include_str!("badge.svg")),
];

/// What is drawn of an area, in this order.
const VERDICTS: [Verdict; 4] = [
    Verdict::Pass,
    Verdict::Fail,
    Verdict::NotExercised,
    Verdict::NotApplicable,
];

/// All templates; every value in them is escaped.
pub(crate) fn templates() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    let syntax = minijinja::syntax::SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()?;
    environment.set_syntax(syntax);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("prose", prose);
    environment.add_filter("reason", |value: Value| {
        describe_value(&value, describe_reason)
    });
    environment.add_filter("not_run", |value: Value| {
        describe_value(&value, describe_not_run)
    });
    environment.add_filter("gain", |value: Value| describe_value(&value, describe_gain));
    for (name, text) in TEMPLATES {
        environment.add_template(name, text)?;
    }
    Ok(environment)
}

/// Describes a value of the judge, which templates have in its serialized form.
fn describe_value<T: DeserializeOwned>(
    value: &Value,
    describe: fn(&T) -> PrintableText,
) -> Result<String, minijinja::Error> {
    let unreadable = |error: serde_json::Error| {
        minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, error.to_string())
    };
    let json = serde_json::to_value(value).map_err(unreadable)?;
    let value: T = serde_json::from_value(json).map_err(unreadable)?;
    Ok(describe(&value).to_string())
}

/// Our sentences, in which words of specifications stand between backquotes.
fn prose(text: &str) -> Value {
    let parts = text
        .split('`')
        .map(|part| minijinja::HtmlEscape(part).to_string());
    if text.matches('`').count() % 2 == 1 {
        return Value::from_safe_string(parts.collect::<Vec<_>>().join("`"));
    }
    let spans = parts.enumerate().map(|(index, part)| {
        if index % 2 == 1 {
            format!("<code>{part}</code>")
        } else {
            part
        }
    });
    Value::from_safe_string(spans.collect())
}

/// The reports as one page.
pub(crate) fn render_html(reports: &[Report]) -> Result<String, RenderError> {
    let page = HtmlPage {
        title: title(reports),
        style: Value::from_safe_string(STYLE.to_owned()),
        style_hash: hash(STYLE),
        script: Value::from_safe_string(SCRIPT.to_owned()),
        script_hash: hash(SCRIPT),
        verdicts: VERDICTS
            .map(|verdict| (verdict.as_str(), verdict_word(verdict)))
            .to_vec(),
        levels: Level::ALL.iter().map(|level| level.as_str()).collect(),
        areas: areas(reports).iter().map(|area| area.as_str()).collect(),
        revisions: reports
            .iter()
            .map(revision)
            .collect::<Result<_, RenderError>>()?,
    };
    Ok(templates()?
        .get_template("page.html")?
        .render(Serde(&page))?)
}

/// The source of a script or style that may be used, as a content security policy names it.
fn hash(text: &str) -> String {
    format!(
        "sha256-{}",
        base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text))
    )
}

fn title(reports: &[Report]) -> String {
    let revisions: Vec<&str> = reports
        .iter()
        .map(|report| report.revision.as_str())
        .collect();
    let client = reports
        .first()
        .map(|report| report.client.as_str())
        .unwrap_or_default();
    format!("MCP authorization {}: {client}", revisions.join(", "))
}

fn areas(reports: &[Report]) -> Vec<Area> {
    let known = |area: &&Area| {
        reports
            .iter()
            .any(|report| report.requirements.iter().any(|row| row.area == **area))
    };
    Area::ALL.iter().filter(known).copied().collect()
}

#[derive(Serialize)]
struct HtmlPage<'r> {
    title: String,
    style: Value,
    style_hash: String,
    script: Value,
    script_hash: String,
    verdicts: Vec<(&'static str, &'static str)>,
    levels: Vec<&'static str>,
    areas: Vec<&'static str>,
    revisions: Vec<RevisionPart<'r>>,
}

/// One revision's report.
#[derive(Serialize)]
struct RevisionPart<'r> {
    revision: &'static str,
    client: &'r str,
    harness: &'r str,
    seed: &'r str,
    ran: String,
    outcome: &'static str,
    sentence: String,
    counts: Vec<(&'static str, &'static str, usize)>,
    known: usize,
    levels: Vec<LevelPart>,
    areas: Vec<AreaPart<'r>>,
    findings: Vec<FindingPart<'r>>,
    contradictions: Vec<String>,
    harness_errors: &'r [PrintableText],
    outdated: Vec<String>,
    flaky: &'r [crate::suite::FlakyCase],
    silence: Option<&'r crate::report::model::SilentClient>,
    requirement_set: Option<&'static str>,
    innocent: Vec<&'r CaseResult>,
    attack: Option<AttackPart<'r>>,
    scenarios: Vec<ScenarioPart<'r>>,
    not_run: &'r [crate::report::model::NotRun],
}

/// How many requirements of a level are kept, of those that could be judged.
#[derive(Serialize)]
struct LevelPart {
    level: &'static str,
    passed: usize,
    of: usize,
}

#[derive(Serialize)]
struct AreaPart<'r> {
    area: &'static str,
    counts: Vec<(&'static str, &'static str, usize)>,
    total: usize,
    rows: Vec<RowPart<'r>>,
}

#[derive(Serialize)]
struct RowPart<'r> {
    #[serde(flatten)]
    row: &'r RequirementRow,
    kind: String,
    source_name: String,
    known: bool,
}

#[derive(Serialize)]
struct FindingPart<'r> {
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

#[derive(Serialize)]
struct AttackPart<'r> {
    case: &'r str,
    title: &'r str,
    why: &'r str,
    defence: &'r str,
    sequence: Value,
}

#[derive(Serialize)]
struct ScenarioPart<'r> {
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

fn revision(report: &Report) -> Result<RevisionPart<'_>, RenderError> {
    let innocent = |case: &&CaseResult| {
        !case.gains.is_empty() && case.checks.iter().all(|c| c.verdict != Verdict::Fail)
    };
    let outdated = report
        .baseline
        .iter()
        .flat_map(|baseline| &baseline.outdated);
    Ok(RevisionPart {
        revision: report.revision.as_str(),
        client: report.client.as_str(),
        harness: &report.harness,
        seed: report.seed.as_str(),
        ran: cases_and_duration(report),
        outcome: match report.outcome() {
            RunOutcome::Passed => "passed",
            RunOutcome::Failed => "failed",
            RunOutcome::NothingRan | RunOutcome::HarnessError | RunOutcome::Interrupted => {
                "unknown"
            }
        },
        sentence: outcome_sentence(report),
        counts: counts(report.requirements.iter()),
        known: report.summary.baselined,
        levels: count_by_level(report)
            .into_iter()
            .map(|(level, passed, of)| LevelPart {
                level: level.as_str(),
                passed,
                of,
            })
            .collect(),
        areas: areas(std::slice::from_ref(report))
            .into_iter()
            .map(|area| of_area(report, area))
            .collect(),
        findings: findings(report)?,
        contradictions: report
            .contradictions
            .iter()
            .map(|c| describe_contradiction(*c))
            .collect(),
        harness_errors: &report.harness_errors,
        outdated: outdated
            .map(|o| {
                let now = describe_instead_of_failure(&o.now);
                format!("{}: {} {now}", o.place, o.entry)
            })
            .collect(),
        flaky: &report.flaky,
        silence: report.silence.as_ref(),
        requirement_set: report.requirement_set.map(|set| set.as_str()),
        innocent: report.cases.iter().filter(innocent).collect(),
        attack: attack(report)?,
        scenarios: report
            .timelines
            .iter()
            .map(|timeline| scenario(report, timeline))
            .collect::<Result<_, RenderError>>()?,
        not_run: &report.not_run,
    })
}

fn counts<'r>(
    rows: impl Iterator<Item = &'r RequirementRow> + Clone,
) -> Vec<(&'static str, &'static str, usize)> {
    VERDICTS
        .map(|verdict| {
            (
                verdict.as_str(),
                verdict_word(verdict),
                rows.clone().filter(|row| row.verdict == verdict).count(),
            )
        })
        .to_vec()
}

fn of_area(report: &Report, area: Area) -> AreaPart<'_> {
    let rows: Vec<&RequirementRow> = report
        .requirements
        .iter()
        .filter(|row| row.area == area)
        .collect();
    AreaPart {
        area: area.as_str(),
        counts: counts(rows.iter().copied()),
        total: rows.len(),
        rows: rows
            .into_iter()
            .map(|row| RowPart {
                row,
                kind: kind(row.verdict, row.level, area),
                source_name: row.source.to_string(),
                known: row.baselined.is_some(),
            })
            .collect(),
    }
}

/// What filters ask for.
fn kind(verdict: Verdict, level: Level, area: Area) -> String {
    format!("{verdict}/{level}/{area}")
}

fn findings(report: &Report) -> Result<Vec<FindingPart<'_>>, RenderError> {
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
            .map(|f| kind(f.verdict, f.level, f.area))
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
        sequence: finding.diagram.as_ref().map(drawn).transpose()?,
        known: finding
            .baselined
            .as_ref()
            .map(|known| known.reason.as_str()),
        finding,
    })
}

fn attack(report: &Report) -> Result<Option<AttackPart<'_>>, RenderError> {
    let Some(attack) = report
        .attack
        .as_ref()
        .filter(|_| report.failing().next().is_none())
    else {
        return Ok(None);
    };
    let sequence = drawn(&attack.diagram)?;
    Ok(Some(AttackPart {
        case: &attack.case,
        title: &attack.title,
        why: &attack.why,
        defence: &attack.defence,
        sequence,
    }))
}

fn scenario<'r>(
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
        .filter_map(|c| Some(kind(c.verdict, c.level, area(&c.requirement)?)));
    let has = |verdict| {
        checks
            .iter()
            .any(|c| c.verdict == verdict && c.baselined.is_none())
    };
    Ok(ScenarioPart {
        id: &timeline.case,
        tone: if checks
            .iter()
            .any(|c| c.fails_the_run(report.strict) && c.verdict == Verdict::Fail)
        {
            "bad"
        } else if has(Verdict::Fail) || has(Verdict::NotExercised) {
            "odd"
        } else if has(Verdict::Pass) {
            "good"
        } else {
            "none"
        },
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
        took: report
            .timings
            .iter()
            .find(|timing| timing.run == timeline.case)
            .map(|timing| {
                (
                    describe_seconds(timing.seconds),
                    timing
                        .starts
                        .iter()
                        .map(|seconds| describe_seconds(*seconds))
                        .collect(),
                )
            }),
        timeline,
        sequence: drawn(&timeline.diagram())?,
    })
}

/// The diagram as a value that is not escaped once more.
fn drawn(diagram: &Diagram) -> Result<Value, RenderError> {
    Ok(Value::from_safe_string(sequence(diagram)?))
}
