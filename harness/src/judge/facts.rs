//! Stage one: what one transcript shows. Did an expectation hold, was its gate open, was the bait
//! delivered, how far did the client get?

use std::collections::{BTreeMap, BTreeSet};

use super::conclusions::Verdict;
use super::stage::Stage;
use crate::scenario::model::{
    Case, Demands, EventKind, Expectation, Matcher, Pattern, Step, Value,
};
use crate::transcript::{Transcript, View};

/// What a transcript shows about a case.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Whether the run led to what an honest world leads to.
    pub goal: bool,
    /// Which deviations reached the client.
    pub delivered: BTreeMap<String, bool>,
    /// How far the client got.
    pub stage: Stage,
    /// One entry an expectation of the case, in its order.
    pub checks: Vec<CheckFacts>,
    /// One entry a monitor that had something to judge.
    pub monitors: Vec<CheckFacts>,
}

/// What a transcript shows about one expectation.
#[derive(Debug, Clone)]
pub struct CheckFacts {
    /// The requirement, and those that share its verdict.
    pub requirements: Vec<String>,
    /// What the single demands came to.
    pub outcomes: BTreeSet<Outcome>,
    /// Events that show a violation, as indices.
    pub evidence: Vec<usize>,
    /// Whether the demands hold when nothing happens, in part at least.
    pub passive: bool,
    /// Whether silence means something for demands that hold when nothing happens.
    pub passive_gate: bool,
    /// Whether silence means something for demands that something happens.
    pub active_gate: bool,
}

/// What a single demand came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Something forbidden happened.
    Violated,
    /// Something demanded did not happen.
    Unmet,
    /// Nothing happened that the demand speaks about.
    Silent,
    /// It held.
    Met,
}

/// The facts of one transcript for a case, and for the monitors.
pub fn facts(case: &Case, monitors: &[Expectation], transcript: &Transcript) -> Facts {
    let view = View {
        header: &transcript.header,
        events: &transcript.events,
        secrets: &transcript.secrets,
    };
    let goal = goal_reached(case, view);
    let delivered: BTreeMap<String, bool> = case
        .deviations
        .iter()
        .map(|d| (d.name.clone(), transcript.delivery_of(&d.name).is_some()))
        .collect();
    let mut bait = case.deviations.iter().filter(|d| !d.trap).peekable();
    let has_bait = bait.peek().is_some();
    let baited = if has_bait {
        bait.all(|d| delivered[&d.name])
    } else {
        goal
    };
    let anything = view
        .events
        .iter()
        .any(|e| e.kind.is_request() || e.party.is_some());
    let checks = case
        .expectations
        .iter()
        .map(|expectation| {
            let (start, gate) = match &expectation.after {
                None => (0, None),
                Some(after) => match view.hits(after, 0).next() {
                    Some(first) => (first + 1, Some(true)),
                    None => (view.events.len(), Some(false)),
                },
            };
            let mut check = check_facts(expectation, view, start, Watching::Case);
            check.passive_gate = gate.unwrap_or(baited);
            check.active_gate = gate.unwrap_or(if has_bait { baited } else { anything });
            check
        })
        .collect();
    let monitors = monitors
        .iter()
        .map(|monitor| check_facts(monitor, view, 0, Watching::Everything))
        .filter(|check| !check.evidence.is_empty() || check.outcomes.contains(&Outcome::Met))
        .collect();
    Facts {
        goal,
        delivered,
        stage: Stage::of(transcript, goal),
        checks,
        monitors,
    }
}

/// The verdict on each requirement of a case from one transcript alone, given whether its control
/// twin reached the goal.
pub fn judge_alone(
    case: &Case,
    transcript: &Transcript,
    control_ok: bool,
) -> BTreeMap<String, Verdict> {
    let facts = facts(case, &[], transcript);
    let control_failed = !case.deviations.is_empty() && !control_ok;
    let verdicts = facts
        .checks
        .iter()
        .map(|check| (check, check.verdict(facts.goal, control_failed)));
    verdicts
        .flat_map(|(check, verdict)| check.requirements.iter().map(move |r| (r.clone(), verdict)))
        .collect()
}

impl CheckFacts {
    /// The table of FORMAT.md section 7, first row that fits (but for needs and revisions).
    pub fn verdict(&self, goal: bool, control_failed: bool) -> Verdict {
        let has = |outcome| self.outcomes.contains(&outcome);
        if has(Outcome::Violated) || has(Outcome::Unmet) && self.active_gate && !control_failed {
            Verdict::Fail
        } else if control_failed || has(Outcome::Unmet) || self.passive && !self.passive_gate {
            Verdict::NotExercised
        } else if self.outcomes.iter().all(|o| *o == Outcome::Silent) {
            if goal {
                Verdict::NotApplicable
            } else {
                Verdict::NotExercised
            }
        } else {
            Verdict::Pass
        }
    }
}

/// What an honest world leads to: the case's goal, or a tool called at every server connected to,
/// in every run.
fn goal_reached(case: &Case, view: View<'_>) -> bool {
    if let Some(goal) = &case.goal {
        return view.hits(goal, 0).next().is_some();
    }
    let starts = case.steps.iter().filter_map(|s| {
        if let Step::Start(start) = s {
            Some(start)
        } else {
            None
        }
    });
    (1_u32..).zip(starts).all(|(run, start)| {
        start.connect.iter().all(|server| {
            view.events.iter().any(|e| {
                e.kind == EventKind::ToolCalled && e.run == run && e.party.as_ref() == Some(server)
            })
        })
    })
}

/// Who asks: a case, which has a gate for silence, or a monitor, which has none and so must see an
/// occasion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watching {
    Case,
    Everything,
}

fn check_facts(
    expectation: &Expectation,
    view: View<'_>,
    start: usize,
    watching: Watching,
) -> CheckFacts {
    let demands = &expectation.demands;
    let mut evidence = Vec::new();
    let outcomes = outcomes(demands, view, start, watching, &mut evidence);
    evidence.sort_unstable();
    evidence.dedup();
    CheckFacts {
        requirements: std::iter::once(&expectation.requirement)
            .chain(&expectation.also)
            .cloned()
            .collect(),
        outcomes,
        evidence,
        passive: !(demands.never.is_empty()
            && demands.at_most.is_empty()
            && demands.every.is_empty()),
        passive_gate: true,
        active_gate: true,
    }
}

fn outcomes(
    demands: &Demands,
    view: View<'_>,
    start: usize,
    watching: Watching,
    evidence: &mut Vec<usize>,
) -> BTreeSet<Outcome> {
    let mut out = BTreeSet::new();
    for pattern in &demands.never {
        let hits: Vec<usize> = view.hits(pattern, start).collect();
        out.insert(match (hits.is_empty(), watching) {
            (false, _) => Outcome::Violated,
            (true, Watching::Everything) if !had_occasion(pattern, view) => Outcome::Silent,
            (true, _) => Outcome::Met,
        });
        evidence.extend(hits);
    }
    for pattern in &demands.eventually {
        out.insert(if view.hits(pattern, start).next().is_some() {
            Outcome::Met
        } else {
            Outcome::Unmet
        });
    }
    for at_most in &demands.at_most {
        let excess: Vec<usize> = view
            .hits(&at_most.pattern, start)
            .skip(usize::try_from(at_most.count).unwrap_or(usize::MAX))
            .collect();
        out.insert(if excess.is_empty() {
            Outcome::Met
        } else {
            Outcome::Violated
        });
        evidence.extend(excess);
    }
    for every in &demands.every {
        let hits: Vec<usize> = view.hits(&every.pattern, start).collect();
        let bad: Vec<usize> = hits
            .iter()
            .copied()
            .filter(|&i| !view.all_match(&every.has, i))
            .collect();
        out.insert(match (hits.is_empty(), bad.is_empty()) {
            (true, _) => Outcome::Silent,
            (false, true) => Outcome::Met,
            (false, false) => Outcome::Violated,
        });
        evidence.extend(bad);
    }
    if !demands.in_order.is_empty() {
        out.insert(if in_order(&demands.in_order, view, start) {
            Outcome::Met
        } else {
            Outcome::Unmet
        });
    }
    if !demands.any_of.is_empty() {
        let held = demands.any_of.iter().any(|d| {
            outcomes(d, view, start, watching, &mut Vec::new())
                .iter()
                .all(|o| *o == Outcome::Met)
        });
        out.insert(if held { Outcome::Met } else { Outcome::Unmet });
    }
    out
}

/// Whether a client could have done what is forbidden: there was such an event at all, and it held
/// a secret of the kind that is looked for.
fn had_occasion(pattern: &Pattern, view: View<'_>) -> bool {
    let unfiltered = Pattern {
        event: pattern.event.clone(),
        filter: Vec::new(),
    };
    let secrets = pattern.filter.iter().filter(|f| f.field.holds_secrets());
    view.hits(&unfiltered, 0).next().is_some()
        && secrets
            .flat_map(|f| &f.matchers)
            .all(|m| held_secret(m, view))
}

fn held_secret(matcher: &Matcher, view: View<'_>) -> bool {
    let kind_of = |value: &Value| match value {
        Value::Text(text) => text
            .literal()
            .and_then(|l| l.rsplit('.').next().map(str::to_owned)),
        _ => None,
    };
    let kinds: Vec<String> = match matcher {
        Matcher::Equals(value) => kind_of(value).into_iter().collect(),
        Matcher::OneOf(values) => values.iter().filter_map(kind_of).collect(),
        _ => return true,
    };
    view.secrets.iter().any(|secret| {
        kinds
            .iter()
            .any(|kind| secret.name.rsplit('.').next() == Some(kind.as_str()))
    })
}

fn in_order(patterns: &[Pattern], view: View<'_>, start: usize) -> bool {
    let mut next = start;
    patterns.iter().all(|pattern| {
        let hit = view.hits(pattern, next).next();
        next = hit.map_or(next, |i| i + 1);
        hit.is_some()
    })
}
