//! One attack explained: among those that the client withstood, one on the user's way through the
//! browser, with the largest cast and the most villains.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::judge::{CaseResult, Conclusions, Verdict};
use crate::report::model::diagram::{Diagram, participants_of};
use crate::report::model::printable_text::PrintableText;
use crate::report::wording::capitalize::capitalize;
use crate::report::wording::demands::describe_prohibitions;
use crate::report::wording::reasons::describe_stop;
use crate::scenario::model::{Case, Demands, EventKind, EventName, Expectation, Message};
use crate::suite::Record;
use crate::transcript::Transcript;

/// An attack that came to nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WithstoodAttack {
    pub case: String,
    pub title: PrintableText,
    pub why: PrintableText,
    /// The requirements that the client kept.
    pub requirements: Vec<String>,
    pub diagram: Diagram,
    /// What the client did right.
    pub defence: PrintableText,
}

impl WithstoodAttack {
    /// The attack to tell, if the client withstood one.
    pub(crate) fn of(record: &Record, conclusions: &Conclusions) -> Option<Self> {
        let runs = record.cases.iter().zip(&conclusions.cases);
        let withstood = runs
            .filter_map(|((case, outcome), result)| Some((case, outcome.as_ref().ok()?, result)));
        let mut withstood: Vec<(&Case, &Transcript, &CaseResult)> = withstood
            .filter(|(case, _, result)| is_attack(case) && is_withstood(result))
            .collect();
        withstood.sort_by_key(|(case, transcript, _)| {
            (
                Reverse(goes_through_the_browser(case)),
                Reverse(participants_of(transcript)),
                Reverse(villains(case)),
                case.id.as_str(),
            )
        });
        let (case, transcript, result) = withstood.first()?;
        Some(Self {
            case: case.id.clone(),
            title: PrintableText::from(&case.title),
            why: PrintableText::from(&case.why),
            requirements: result
                .checks
                .iter()
                .filter(|c| !c.monitor && c.verdict == Verdict::Pass)
                .map(|c| c.requirement.clone())
                .collect(),
            diagram: Diagram::new(transcript, &[]),
            defence: defence(case, result).into(),
        })
    }
}

fn is_attack(case: &Case) -> bool {
    !case.deviations.is_empty() && villains(case) > 0
}

fn goes_through_the_browser(case: &Case) -> bool {
    case.deviations
        .iter()
        .flat_map(|deviation| &deviation.at)
        .any(|target| target.message == Some(Message::AuthorizationResponse))
}

fn villains(case: &Case) -> usize {
    case.world.values().filter(|party| party.hostile).count()
}

/// All checks of its own pass, and nobody got anything.
fn is_withstood(result: &CaseResult) -> bool {
    let mut own = result
        .checks
        .iter()
        .filter(|check| !check.monitor)
        .peekable();
    let bad = |verdict| matches!(verdict, Verdict::Fail | Verdict::NotExercised);
    own.peek().is_some()
        && result.gains.is_empty()
        && result.checks.iter().all(|check| !bad(check.verdict))
        && own.any(|check| check.verdict == Verdict::Pass)
}

/// `The client stopped after the authorization response: no token request, no gain of an attacker.`
fn defence(case: &Case, result: &CaseResult) -> String {
    let passed = |id: &String| {
        result
            .checks
            .iter()
            .any(|c| !c.monitor && c.verdict == Verdict::Pass && c.requirement == *id)
    };
    let kept = case.expectations.iter().filter(|e| passed(&e.requirement));
    let kept: Vec<&Expectation> = kept.collect();
    let mut prohibitions: Vec<String> = kept
        .iter()
        .flat_map(|expectation| describe_prohibitions(&expectation.demands))
        .collect();
    if !kept
        .iter()
        .any(|expectation| forbids_every_gain(&expectation.demands))
    {
        prohibitions.push("no gain of an attacker".to_owned());
    }
    prohibitions.dedup();
    let stopped = result.stopped.map_or_else(
        || "the client withstood the attack".to_owned(),
        describe_stop,
    );
    format!("{}: {}.", capitalize(&stopped), prohibitions.join(", "))
}

/// Whether one of the demands is that no party gains anything.
fn forbids_every_gain(demands: &Demands) -> bool {
    demands.never.iter().any(|pattern| {
        matches!(
            &pattern.event,
            EventName::Kind {
                party: None,
                kind: EventKind::AttackerGain,
            }
        )
    })
}
