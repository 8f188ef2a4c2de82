//! The report as one HTML page that needs nothing else: no network, no other file, and no script
//! for reading.
//!
//! Everything is escaped by the template engine, apart from our own style sheet and script, and
//! from diagrams, which `diagram_svg` escapes.

use base64::Engine;
use minijinja::value::{Serde, Value};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::judge::{CaseResult, Verdict};
use crate::report::format::RenderError;
use crate::report::format::html::diagram_svg::sequence;
use crate::report::format::html::filter_key::filter_key;
use crate::report::format::html::finding_part::{FindingPart, finding_parts};
use crate::report::format::html::scenario_part::{ScenarioPart, scenario_part};
use crate::report::format::html::templates::templates;
use crate::report::model::{
    NotRun, OutOfReach, PrintableText, Report, RequirementRow, RunOutcome, SilentClient,
};
use crate::report::wording::area_name::area_title;
use crate::report::wording::attested_phrases::{ATTESTED, describe_answer};
use crate::report::wording::outcome_sentence::outcome_sentence;
use crate::report::wording::phrases::{cases_and_duration, count_by_level, verdict_word};
use crate::report::wording::profile_phrases::OUT_OF_REACH;
use crate::report::wording::reasons::{describe_contradiction, describe_instead_of_failure};
use crate::requirements::Area;
use crate::scenario::model::Level;
use crate::suite::FlakyCase;

/// The style sheet that all of our pages share.
pub(crate) const PAGE_STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// What is drawn of an area, in this order.
const VERDICTS: [Verdict; 4] = [
    Verdict::Pass,
    Verdict::Fail,
    Verdict::NotExercised,
    Verdict::NotApplicable,
];

/// The reports as one page.
pub(crate) fn render_html(reports: &[Report]) -> Result<String, RenderError> {
    let page = HtmlPage {
        title: title(reports),
        style: Value::from_safe_string(PAGE_STYLE.to_owned()),
        style_hash: policy_hash(PAGE_STYLE),
        script: Value::from_safe_string(SCRIPT.to_owned()),
        script_hash: policy_hash(SCRIPT),
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
pub(crate) fn policy_hash(text: &str) -> String {
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
    flaky: &'r [FlakyCase],
    silence: Option<&'r SilentClient>,
    requirement_set: Option<&'static str>,
    innocent: Vec<&'r CaseResult>,
    attack: Option<AttackPart<'r>>,
    scenarios: Vec<ScenarioPart<'r>>,
    out_of_reach_heading: &'static str,
    out_of_reach: &'r [OutOfReach],
    attested_heading: &'static str,
    attested: Vec<String>,
    not_run: &'r [NotRun],
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
    title: String,
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
struct AttackPart<'r> {
    case: &'r str,
    title: &'r str,
    why: &'r str,
    defence: &'r str,
    sequence: Value,
}

fn revision(report: &Report) -> Result<RevisionPart<'_>, RenderError> {
    let innocent = |case: &&CaseResult| {
        !case.gains.is_empty() && case.checks.iter().all(|c| c.verdict != Verdict::Fail)
    };
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
        findings: finding_parts(report)?,
        contradictions: report
            .contradictions
            .iter()
            .map(|c| describe_contradiction(*c))
            .collect(),
        harness_errors: &report.harness_errors,
        outdated: outdated_entries(report),
        flaky: &report.flaky,
        silence: report.silence.as_ref(),
        requirement_set: report.requirement_set.map(|set| set.as_str()),
        innocent: report.cases.iter().filter(innocent).collect(),
        attack: attack(report)?,
        scenarios: report
            .timelines
            .iter()
            .map(|timeline| scenario_part(report, timeline))
            .collect::<Result<_, RenderError>>()?,
        out_of_reach_heading: OUT_OF_REACH,
        out_of_reach: &report.out_of_reach,
        attested_heading: ATTESTED,
        attested: report.attested.iter().map(describe_answer).collect(),
        not_run: &report.not_run,
    })
}

/// Entries of the baseline that are out of date, a sentence each.
fn outdated_entries(report: &Report) -> Vec<String> {
    let baseline = report.baseline.iter();
    let outdated = baseline.flat_map(|baseline| &baseline.outdated);
    outdated
        .map(|o| {
            let now = describe_instead_of_failure(&o.now);
            format!("{}: {} {now}", o.place, o.entry)
        })
        .collect()
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
        title: area_title(area),
        counts: counts(rows.iter().copied()),
        total: rows.len(),
        rows: rows
            .into_iter()
            .map(|row| RowPart {
                row,
                kind: filter_key(row.verdict, row.level, area),
                source_name: row.source.to_string(),
                known: row.baselined.is_some(),
            })
            .collect(),
    }
}

fn attack(report: &Report) -> Result<Option<AttackPart<'_>>, RenderError> {
    let Some(attack) = report
        .attack
        .as_ref()
        .filter(|_| report.failing().next().is_none())
    else {
        return Ok(None);
    };
    let sequence = sequence(&attack.diagram)?;
    Ok(Some(AttackPart {
        case: &attack.case,
        title: &attack.title,
        why: &attack.why,
        defence: &attack.defence,
        sequence,
    }))
}
