//! Evaluates the demands of one expectation against the events of one transcript.

use std::collections::BTreeSet;

use super::check_outcome::CheckOutcome;
use super::occasion::had_occasion;
use crate::scenario::model::{AtMost, Demands, Every, Matcher, Pattern, Value};
use crate::transcript::View;

/// Who evaluates the demands. A case has a gate that tells whether silence means something. A
/// monitor has none, so it needs to see that the client had an opportunity to violate the demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Observer {
    /// `browserless`: the client gets its tokens without an authorization request.
    Case {
        browserless: bool,
    },
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
        let missing = (!happened).then_some(pattern);
        evaluation.add(outcome_of_demand(missing, view, observer), []);
    }
    for at_most in &demands.at_most {
        evaluate_at_most(at_most, view, start, &mut evaluation);
    }
    for every in &demands.every {
        evaluate_every(every, view, start, &mut evaluation);
    }
    if !demands.in_order.is_empty() {
        let missing = first_missing(&demands.in_order, view, start);
        evaluation.add(outcome_of_demand(missing, view, observer), []);
    }
    if !demands.any_of.is_empty() {
        let alternatives = demands.any_of.iter();
        let alternatives = alternatives
            .map(|alternative| evaluate_demands(alternative, view, start, observer).outcomes);
        evaluation.add(outcome_of_alternatives(alternatives), []);
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

/// What a demand for events came to. `missing`: the first that did not happen.
fn outcome_of_demand(
    missing: Option<&Pattern>,
    view: View<'_>,
    observer: Observer,
) -> CheckOutcome {
    let browserless = observer == Observer::Case { browserless: true };
    match missing {
        None => CheckOutcome::Met,
        Some(missing) if had_occasion(missing, view, browserless) => CheckOutcome::Unmet,
        Some(_) => CheckOutcome::Unreached,
    }
}

/// What a choice among alternatives came to. The client could do its part if it could reach one of
/// them.
fn outcome_of_alternatives(
    alternatives: impl Iterator<Item = BTreeSet<CheckOutcome>>,
) -> CheckOutcome {
    let mut is_reached = false;
    for outcomes in alternatives {
        if outcomes.iter().all(|o| *o == CheckOutcome::Met) {
            return CheckOutcome::Met;
        }
        is_reached |= !outcomes.contains(&CheckOutcome::Unreached);
    }
    if is_reached {
        CheckOutcome::Unmet
    } else {
        CheckOutcome::Unreached
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

/// The first of these events that did not happen after those before it.
fn first_missing<'p>(patterns: &'p [Pattern], view: View<'_>, start: usize) -> Option<&'p Pattern> {
    let mut next = start;
    patterns.iter().find(|pattern| {
        let hit = view.hits(pattern, next).next();
        next = hit.map_or(next, |event| event + 1);
        hit.is_none()
    })
}
