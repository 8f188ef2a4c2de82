//! A badge for a README: as JSON for shields.io's endpoint, and drawn.

use serde::Serialize;

use crate::judge::Verdict;
use crate::report::format::RenderError;
use crate::report::model::{Report, RunOutcome};

/// The colours of badges.
pub(crate) const GREEN: &str = "#2a7d33";
pub(crate) const RED: &str = "#c02c2c";
const GREY: &str = "#6a6a6a";

/// What shields.io reads (<https://shields.io/badges/endpoint-badge>).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Badge {
    schema_version: u8,
    label: String,
    message: String,
    color: &'static str,
    is_error: bool,
}

impl Badge {
    fn of(reports: &[Report]) -> Self {
        let worst = reports
            .iter()
            .map(Report::outcome)
            .max_by_key(|outcome| outcome.exit_code())
            .unwrap_or(RunOutcome::NothingRan);
        let label = match reports {
            [one] => format!("MCP authorization {}", one.revision),
            _ => "MCP authorization".to_owned(),
        };
        let passed: usize = reports
            .iter()
            .map(|report| count(report, Verdict::Pass))
            .sum();
        let judged: usize = reports
            .iter()
            .map(|report| report.requirements.len() - count(report, Verdict::NotApplicable))
            .sum();
        let message = match (worst, reports) {
            (RunOutcome::Passed, [_]) => format!("passed, {passed} requirements"),
            (RunOutcome::Passed, several) => format!("passed, {} revisions", several.len()),
            (RunOutcome::Failed, [_]) => format!("failed, {passed} of {judged} requirements pass"),
            (RunOutcome::Failed, several) => {
                let good = several
                    .iter()
                    .filter(|report| report.outcome() == RunOutcome::Passed)
                    .count();
                format!("failed, {good} of {} revisions pass", several.len())
            }
            (RunOutcome::NothingRan | RunOutcome::HarnessError | RunOutcome::Interrupted, _) => {
                "unknown".to_owned()
            }
        };
        let color = match worst {
            RunOutcome::Passed => "brightgreen",
            RunOutcome::Failed => "red",
            RunOutcome::NothingRan | RunOutcome::HarnessError | RunOutcome::Interrupted => {
                "lightgrey"
            }
        };
        Self {
            schema_version: 1,
            label,
            message,
            color,
            is_error: worst != RunOutcome::Passed,
        }
    }
}

fn count(report: &Report, verdict: Verdict) -> usize {
    report
        .summary
        .requirements
        .get(&verdict)
        .copied()
        .unwrap_or_default()
}

/// The badge for shields.io to draw.
pub(crate) fn badge_json(reports: &[Report]) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&Badge::of(reports)).map(|text| text + "\n")
}

/// The badge itself.
pub(crate) fn badge_svg(reports: &[Report]) -> Result<String, RenderError> {
    let badge = Badge::of(reports);
    let colour = match badge.color {
        "brightgreen" => GREEN,
        "red" => RED,
        _ => GREY,
    };
    draw_badge(&badge.label, &badge.message, colour)
}

/// Draws a badge of two fields; the second one has a colour.
pub(crate) fn draw_badge(label: &str, message: &str, colour: &str) -> Result<String, RenderError> {
    let (label_width, message_width) = (width(label), width(message));
    let context = minijinja::context! {
        label, message, colour, label_width, message_width,
        width => label_width + message_width,
        label_middle => f64::from(label_width) / 2.0,
        message_middle => f64::from(label_width) + f64::from(message_width) / 2.0,
    };
    Ok(crate::report::format::html::templates()?
        .get_template("badge.svg")?
        .render(context)?)
}

/// Pixels that a text takes at 11 px in the fonts that badges are set in, with a margin of 6 on
/// each side.
fn width(text: &str) -> u16 {
    let tenths: u16 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '.' | ',' | ' ' | '\'' | ':' => 38,
            'f' | 't' | 'r' | '-' => 46,
            'm' | 'w' | 'M' | 'W' => 100,
            'A'..='Z' => 76,
            _ => 69,
        })
        .sum();
    tenths.div_ceil(10) + 12
}
