//! Evaluates the demands of one expectation against the events of one transcript.

use std::collections::BTreeSet;

use super::check_outcome::CheckOutcome;
use crate::scenario::model::{AtMost, Demands, Every, Matcher, Pattern, Value};
use crate::transcript::View;

/// Who evaluates the demands. A case has a gate that tells whether silence means something. A
/// monitor has none, so it needs to see that the client had an opportunity to violate the demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Observer {
    Case,
    Monitor,
}

/// What the demands came to, and the events that show violations.
#[derive(Debug, Default)]
pub(super) struct Evaluation {
    pub(super) outcomes: BTreeSet<CheckOutcome>,
    /// Indices of events, sorted, each once.
    pub(super) evidence: BTreeSet<usize>,
}

impl Evaluation {
    fn add(&mut self, outcome: CheckOutcome, evidence: impl IntoIterator<Item = usize>) {
        self.outcomes.insert(outcome);
        self.evidence.extend(evidence);
    }
}

/// Evaluates demands against the events from `start` on.
pub(super) fn evaluate_demands(
    demands: &Demands,
    view: View<'_>,
    start: usize,
    observer: Observer,
) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for pattern in &demands.never {
        evaluate_never(pattern, view, start, observer, &mut evaluation);
    }
    for pattern in &demands.eventually {
        let happened = view.hits(pattern, start).next().is_some();
        evaluation.add(met_or_unmet(happened), []);
    }
    for at_most in &demands.at_most {
        evaluate_at_most(at_most, view, start, &mut evaluation);
    }
    for every in &demands.every {
        evaluate_every(every, view, start, &mut evaluation);
    }
    if !demands.in_order.is_empty() {
        let happened = happened_in_order(&demands.in_order, view, start);
        evaluation.add(met_or_unmet(happened), []);
    }
    if !demands.any_of.is_empty() {
        let held = demands.any_of.iter().any(|alternative| {
            let evaluation = evaluate_demands(alternative, view, start, observer);
            evaluation
                .outcomes
                .iter()
                .all(|outcome| *outcome == CheckOutcome::Met)
        });
        evaluation.add(met_or_unmet(held), []);
    }
    evaluation
}

fn evaluate_never(
    pattern: &Pattern,
    view: View<'_>,
    start: usize,
    observer: Observer,
    evaluation: &mut Evaluation,
) {
    let hits: Vec<usize> = view.hits(pattern, start).collect();
    let outcome = if !hits.is_empty() {
        CheckOutcome::Violated
    } else if observer == Observer::Monitor && !had_opportunity(pattern, view) {
        CheckOutcome::Silent
    } else {
        CheckOutcome::Met
    };
    evaluation.add(outcome, hits);
}

fn evaluate_at_most(at_most: &AtMost, view: View<'_>, start: usize, evaluation: &mut Evaluation) {
    let allowed = usize::try_from(at_most.count).unwrap_or(usize::MAX);
    let excess: Vec<usize> = view.hits(&at_most.pattern, start).skip(allowed).collect();
    let outcome = if excess.is_empty() {
        CheckOutcome::Met
    } else {
        CheckOutcome::Violated
    };
    evaluation.add(outcome, excess);
}

fn evaluate_every(every: &Every, view: View<'_>, start: usize, evaluation: &mut Evaluation) {
    let (good, bad): (Vec<usize>, Vec<usize>) = view
        .hits(&every.pattern, start)
        .partition(|&event| view.all_match(&every.has, event));
    let outcome = if !bad.is_empty() {
        CheckOutcome::Violated
    } else if good.is_empty() {
        CheckOutcome::Silent
    } else {
        CheckOutcome::Met
    };
    evaluation.add(outcome, bad);
}

fn met_or_unmet(held: bool) -> CheckOutcome {
    if held {
        CheckOutcome::Met
    } else {
        CheckOutcome::Unmet
    }
}

/// Whether the client could have done what the pattern forbids: an event of this kind occurred, and
/// a secret existed of each kind that the pattern looks for.
fn had_opportunity(pattern: &Pattern, view: View<'_>) -> bool {
    let unfiltered = Pattern {
        event: pattern.event.clone(),
        filter: Vec::new(),
    };
    let mut secret_matchers = pattern
        .filter
        .iter()
        .filter(|field| field.field.holds_secrets())
        .flat_map(|field| &field.matchers);
    view.hits(&unfiltered, 0).next().is_some()
        && secret_matchers.all(|matcher| secret_existed(matcher, view))
}

/// Whether the run had a secret of a kind that the matcher names. Other matchers name no kind.
fn secret_existed(matcher: &Matcher, view: View<'_>) -> bool {
    let kinds: Vec<String> = match matcher {
        Matcher::Equals(value) => secret_kind(value).into_iter().collect(),
        Matcher::OneOf(values) => values.iter().filter_map(secret_kind).collect(),
        _ => return true,
    };
    view.secrets.iter().any(|secret| {
        let kind_of_secret = secret.name.rsplit('.').next();
        kinds
            .iter()
            .any(|kind| kind_of_secret == Some(kind.as_str()))
    })
}

/// `access_token` of `as.access_token`.
fn secret_kind(value: &Value) -> Option<String> {
    let Value::Text(text) = value else {
        return None;
    };
    text.literal()?.rsplit('.').next().map(str::to_owned)
}

fn happened_in_order(patterns: &[Pattern], view: View<'_>, start: usize) -> bool {
    let mut next = start;
    patterns.iter().all(|pattern| {
        let hit = view.hits(pattern, next).next();
        next = hit.map_or(next, |event| event + 1);
        hit.is_some()
    })
}
