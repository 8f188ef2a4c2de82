//! The first stage of the judge: what one transcript shows about one case.
//!
//! Input: a case, the monitors, and the transcript of one run. Output: [`Facts`], which say whether
//! each expectation held, whether its gate was open, whether the bait was delivered, and how far
//! the client got.

use std::collections::{BTreeMap, BTreeSet};

use super::check_outcome::CheckOutcome;
use super::demands::{Observer, evaluate_demands};
use super::stage::Stage;
use super::verdict::Verdict;
use crate::scenario::model::{Case, EventKind, Expectation};
use crate::transcript::{SharedValues, Transcript, View};

/// What a transcript shows about a case.
#[derive(Debug, Clone)]
pub struct Facts {
    /// Whether the run reached the goal that an honest world leads to.
    pub goal: bool,
    /// Whether each deviation of the case reached the client.
    pub delivered: BTreeMap<String, bool>,
    /// How far the client got.
    pub stage: Stage,
    /// One entry for each expectation of the case, in the same order.
    pub checks: Vec<CheckFacts>,
    /// One entry for each monitor that had something to judge.
    pub monitors: Vec<CheckFacts>,
}

/// What a transcript shows about one expectation.
#[derive(Debug, Clone)]
pub struct CheckFacts {
    /// The requirement, and those that share its verdict.
    pub requirements: Vec<String>,
    /// What the single demands came to.
    pub outcomes: BTreeSet<CheckOutcome>,
    /// Events that show a violation, as indices into the transcript.
    pub evidence: Vec<usize>,
    /// Whether some of the demands hold as long as nothing happens.
    pub passive: bool,
    /// Whether silence means something for demands that hold as long as nothing happens.
    pub passive_gate: bool,
    /// Whether silence means something for demands that something happens.
    pub active_gate: bool,
    /// Whether it depends on a search of output and files that did not come to its end.
    pub search_incomplete: bool,
    /// Whether it depends on what was not observed, because a person drove the client.
    pub unobserved: bool,
}

/// Collects the facts of one transcript for a case and for the monitors. `shared`: what the
/// monitors compare with other cases of the suite run, if there are any.
pub fn collect_facts(
    case: &Case,
    monitors: &[Expectation],
    transcript: &Transcript,
    shared: Option<&SharedValues<'_>>,
) -> Facts {
    let view = View {
        header: &transcript.header,
        events: &transcript.events,
        secrets: &transcript.secrets,
        shared,
    };
    let goal = reached_goal(case, view);
    let delivered: BTreeMap<String, bool> = case
        .deviations
        .iter()
        .map(|d| (d.name.clone(), transcript.delivery_of(&d.name).is_some()))
        .collect();
    let gates = Gates::new(case, view, goal, &delivered);
    let was_searched = transcript.unsearched.is_nothing();
    let checks = case
        .expectations
        .iter()
        .map(|expectation| CheckFacts {
            search_incomplete: !was_searched && expectation.rests_on_search(),
            ..collect_check_facts(case, expectation, view, gates)
        })
        .zip(&case.expectations)
        .map(|(check, expectation)| check.observed_of(transcript, expectation))
        .collect();
    let monitors = monitors
        .iter()
        .map(|monitor| CheckFacts {
            search_incomplete: !was_searched && monitor.rests_on_search(),
            ..evaluate_expectation(monitor, view, 0, Observer::Monitor)
        })
        .zip(monitors)
        .map(|(check, monitor)| check.observed_of(transcript, monitor))
        .filter(|check| {
            let was_seen = !check.search_incomplete && !check.unobserved;
            let is_met = check.outcomes.contains(&CheckOutcome::Met) && was_seen;
            !check.evidence.is_empty() || is_met
        })
        .collect();
    Facts {
        goal,
        delivered,
        stage: Stage::of(transcript, goal),
        checks,
        monitors,
    }
}

/// The verdict on each requirement of a case from one transcript alone. `control_ok` tells whether
/// the control run of the case reached the goal.
pub fn judge_alone(
    case: &Case,
    transcript: &Transcript,
    control_ok: bool,
) -> BTreeMap<String, Verdict> {
    let facts = collect_facts(case, &[], transcript, None);
    let control = (!case.deviations.is_empty()).then_some(control_ok);
    let mut verdicts = BTreeMap::new();
    for check in &facts.checks {
        let verdict = check.verdict(facts.goal, control);
        verdicts.extend(check.requirements.iter().map(|id| (id.clone(), verdict)));
    }
    verdicts
}

impl CheckFacts {
    /// The verdict on this check: the first row that fits of the table in section 7 of
    /// `scenarios/FORMAT.md`, without the rows on needs and revisions. `control`: whether the
    /// control run reached the goal, if the case has one.
    ///
    /// A client that reached the goal in the control run, and not here, was stopped by the
    /// deviation, which is what the case is about. Without such a comparison, what it did not reach
    /// says nothing.
    pub fn verdict(&self, goal: bool, control: Option<bool>) -> Verdict {
        let has = |outcome| self.outcomes.contains(&outcome);
        let (is_unmet, is_unreached) = (has(CheckOutcome::Unmet), has(CheckOutcome::Unreached));
        let control_failed = control == Some(false);
        let is_owed = is_unmet || is_unreached && control == Some(true);
        if self.unobserved && !has(CheckOutcome::Violated) {
            return Verdict::NotApplicable;
        }
        let fails = has(CheckOutcome::Violated)
            || is_owed && self.active_gate && !control_failed && !self.search_incomplete;
        let proves_nothing = control_failed
            || self.search_incomplete
            || is_unmet
            || is_unreached
            || self.passive && !self.passive_gate;
        if fails {
            Verdict::Fail
        } else if proves_nothing {
            Verdict::NotExercised
        } else if !self.is_silent() {
            Verdict::Pass
        } else if goal {
            Verdict::NotApplicable
        } else {
            Verdict::NotExercised
        }
    }

    /// Notes whether what it depends on was observed in this transcript. How a client ended is not,
    /// if a person drove it, so that only what contradicts a demand counts.
    fn observed_of(mut self, transcript: &Transcript, expectation: &Expectation) -> Self {
        let misses_end = self.outcomes.contains(&CheckOutcome::Unmet) && expectation.is_about_end();
        self.unobserved =
            transcript.driven_by_person && (expectation.rests_on_clients_machine() || misses_end);
        self
    }

    /// Whether no event occurred that one of the demands is about.
    pub(super) fn is_silent(&self) -> bool {
        self.outcomes
            .iter()
            .all(|outcome| *outcome == CheckOutcome::Silent)
    }
}

/// When silence of the client means something.
#[derive(Debug, Clone, Copy)]
struct Gates {
    /// For demands that hold as long as nothing happens.
    passive: bool,
    /// For demands that something happens.
    active: bool,
}

impl Gates {
    /// The gates of a case. A case with bait is judged once all of its bait was delivered, and a
    /// profile once one of its peculiarities was. A case without bait is judged once the client
    /// reached the goal (passive demands), or sent anything at all (active demands).
    fn new(case: &Case, view: View<'_>, goal: bool, delivered: &BTreeMap<String, bool>) -> Self {
        let mut bait = case
            .deviations
            .iter()
            .filter(|deviation| !deviation.trap)
            .peekable();
        if bait.peek().is_some() {
            // what the servers of a profile do is right, so one peculiarity is enough to fail at
            let baited = if case.profile.is_some() {
                bait.any(|deviation| delivered[&deviation.name])
            } else {
                bait.all(|deviation| delivered[&deviation.name])
            };
            return Self {
                passive: baited,
                active: baited,
            };
        }
        let sent_anything = view
            .events
            .iter()
            .any(|event| event.kind.is_request() || event.party.is_some());
        Self {
            passive: goal,
            active: sent_anything,
        }
    }
}

/// Whether the run reached what an honest world leads to: the goal of the case, or else, at every
/// server that each start connects to, an accepted request, or a called tool where the case is
/// about calls.
fn reached_goal(case: &Case, view: View<'_>) -> bool {
    if let Some(goal) = &case.goal {
        return view.hits(goal, 0).next().is_some();
    }
    let is_goal = |kind: EventKind| {
        kind == EventKind::ToolCalled || kind == EventKind::CallAccepted && !case.about_calls
    };
    (1_u32..).zip(case.starts()).all(|(run, start)| {
        start.connect.iter().all(|server| {
            view.events.iter().any(|event| {
                is_goal(event.kind) && event.run == run && event.party.as_ref() == Some(server)
            })
        })
    })
}

/// The facts about an expectation of a case. One with `after` has its own gate: the first such
/// event.
fn collect_check_facts(
    case: &Case,
    expectation: &Expectation,
    view: View<'_>,
    gates: Gates,
) -> CheckFacts {
    let (start, gates) = match &expectation.after {
        None => (0, gates),
        Some(after) => {
            let first = view.hits(after, 0).next();
            let gate = first.is_some();
            let start = first.map_or(view.events.len(), |event| event + 1);
            (
                start,
                Gates {
                    passive: gate,
                    active: gate,
                },
            )
        }
    };
    let observer = Observer::Case {
        browserless: case.starts().any(|start| start.flow.is_browserless()),
    };
    CheckFacts {
        passive_gate: gates.passive,
        active_gate: gates.active,
        ..evaluate_expectation(expectation, view, start, observer)
    }
}

fn evaluate_expectation(
    expectation: &Expectation,
    view: View<'_>,
    start: usize,
    observer: Observer,
) -> CheckFacts {
    let demands = &expectation.demands;
    let evaluation = evaluate_demands(demands, view, start, observer);
    let passive =
        !(demands.never.is_empty() && demands.at_most.is_empty() && demands.every.is_empty());
    CheckFacts {
        requirements: expectation.requirements().cloned().collect(),
        outcomes: evaluation.outcomes,
        evidence: evaluation.evidence.into_iter().collect(),
        passive,
        passive_gate: true,
        active_gate: true,
        search_incomplete: false,
        unobserved: false,
    }
}
