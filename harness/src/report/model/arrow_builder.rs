//! Makes arrows of the exchanges of one run, in the order in which they began, and chooses those
//! that are shown.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::report::model::arrow::{Arrow, Mark};
use crate::report::model::arrow_label::{ArrowLabels, parameter, query};
use crate::report::model::redactor::Redactor;
use crate::scenario::model::{EventField, EventKind};
use crate::transcript::{Actor, Event, Exchange, Transcript};

/// Runs with more exchanges than this are told by those that matter.
const LONG: usize = 14;
/// The most arrows of a diagram, whatever matters.
pub(super) const MOST: usize = 24;

pub(crate) const CLIENT: &str = "client";
pub(crate) const BROWSER: &str = "browser";
const ATTACKER: &str = "attacker";

/// Who asked whom.
pub(crate) fn ends(transcript: &Transcript, index: usize) -> Option<(&str, &str)> {
    let exchange = transcript.exchanges.get(index)?;
    let from = match exchange.actor {
        Actor::Client => CLIENT,
        Actor::UserAgent | Actor::Relayed => BROWSER,
        Actor::Attacker => exchange.thief.as_deref().unwrap_or(ATTACKER),
    };
    Some((from, exchange.party.as_deref().unwrap_or(CLIENT)))
}

/// Makes arrows of the exchanges of one transcript.
pub(crate) struct ArrowBuilder<'a> {
    transcript: &'a Transcript,
    labels: ArrowLabels<'a>,
    marks: BTreeMap<usize, BTreeSet<Mark>>,
    /// Exchanges in the order in which a reader sees them begin.
    order: Vec<usize>,
}

impl<'a> ArrowBuilder<'a> {
    pub(crate) fn new(transcript: &'a Transcript, evidence: &[usize]) -> Self {
        Self {
            transcript,
            labels: ArrowLabels::new(Redactor::new(transcript)),
            marks: marks(transcript, evidence),
            order: in_order_of_request(transcript),
        }
    }

    /// Exchanges in the order in which a reader sees them begin.
    pub(crate) fn order(&self) -> &[usize] {
        &self.order
    }

    /// The exchanges that are shown.
    pub(crate) fn kept(&self) -> BTreeSet<usize> {
        let mut kept = self.of_interest();
        self.leave_out_sequel(&mut kept);
        // what would stand for a single one takes a line, too
        let single = self.order.windows(3).filter(|around| match around {
            [before, index, after] => {
                kept.contains(before) && !kept.contains(index) && kept.contains(after)
            }
            _ => false,
        });
        let single: Vec<usize> = single.filter_map(|around| around.get(1).copied()).collect();
        kept.extend(single);
        kept
    }

    /// Leaves out how a client goes on as usual after it went wrong, but for the last exchange,
    /// which tells how far it got.
    fn leave_out_sequel(&self, kept: &mut BTreeSet<usize>) {
        let mut marks = self.marks.values();
        if !marks.any(|marks| marks.contains(&Mark::Violation)) {
            return;
        }
        let is_marked = |index: &usize| self.marks.contains_key(index);
        let Some(last_mark) = self.order.iter().rposition(is_marked) else {
            return;
        };
        let sequel = self.order.iter().skip(last_mark + 1);
        for index in sequel.filter(|index| !self.is_last(**index)) {
            if !self.is_of_the_flow(*index) {
                kept.remove(index);
            }
        }
    }

    fn is_last(&self, index: usize) -> bool {
        self.order.last() == Some(&index)
    }

    fn is_of_the_flow(&self, index: usize) -> bool {
        let exchange = self.transcript.exchanges.get(index);
        exchange.is_some_and(|exchange| self.labels.is_of_the_flow(exchange))
    }

    fn of_interest(&self) -> BTreeSet<usize> {
        let all = 0..self.transcript.exchanges.len();
        if all.len() <= LONG {
            return all.collect();
        }
        let rank = |index: &usize| {
            let special = self.marks.get(index);
            let has = |mark: &Mark| special.is_some_and(|marks| marks.contains(mark));
            if has(&Mark::Violation) || *index == 0 || self.is_last(*index) {
                0
            } else if special.is_some() {
                1
            } else if self.is_of_the_flow(*index) {
                2
            } else {
                3
            }
        };
        let mut told: Vec<usize> = all.clone().filter(|index| rank(index) < 3).collect();
        told.sort_by_key(rank);
        told.truncate(MOST);
        told.into_iter().collect()
    }

    pub(crate) fn arrow(&self, index: usize) -> Option<Arrow> {
        let exchange = self.transcript.exchanges.get(index)?;
        let (from, to) = ends(self.transcript, index)?;
        Some(Arrow {
            from: from.to_owned(),
            to: to.to_owned(),
            label: self.labels.request(exchange).into(),
            status: exchange.status,
            answer: self.labels.answer(exchange).into(),
            marks: self
                .marks
                .get(&index)
                .into_iter()
                .flatten()
                .cloned()
                .collect(),
        })
    }
}

/// Exchanges in the order in which a reader sees them begin.
///
/// The client may go on while its page still loads, and the visit is recorded when the page has
/// come: it is told right after the answer that sent the browser there.
fn in_order_of_request(transcript: &Transcript) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    for (index, exchange) in transcript.exchanges.iter().enumerate() {
        let of_browser = |at: &usize| {
            matches!(
                transcript.exchanges[*at].actor,
                Actor::UserAgent | Actor::Relayed
            )
        };
        let sent_by = order
            .iter()
            .rposition(of_browser)
            .filter(|at| transcript.exchanges[order[*at]].party.is_some());
        match sent_by {
            Some(at) if exchange.party.is_none() => order.insert(at + 1, index),
            _ => order.push(index),
        }
    }
    order
}

/// Marks by exchange.
fn marks(transcript: &Transcript, evidence: &[usize]) -> BTreeMap<usize, BTreeSet<Mark>> {
    let mut marks: BTreeMap<usize, BTreeSet<Mark>> = BTreeMap::new();
    for (index, event) in transcript.events.iter().enumerate() {
        let Some(exchange) = event
            .exchange
            .or_else(|| callback_of(transcript, index, event))
        else {
            continue;
        };
        let mut add = |mark| marks.entry(exchange).or_default().insert(mark);
        for name in &event.deviations {
            add(Mark::Deviation(name.clone()));
        }
        if evidence.contains(&index) {
            add(Mark::Violation);
        }
    }
    for (index, exchange) in transcript.exchanges.iter().enumerate() {
        if exchange.actor == Actor::Attacker {
            marks.entry(index).or_default().insert(Mark::Attacker);
        }
    }
    marks
}

/// The visit at the client's redirect URI that brought an authorization response which no server's
/// answer brought.
fn callback_of(transcript: &Transcript, index: usize, event: &Event) -> Option<usize> {
    if event.kind != EventKind::AuthorizationResponse {
        return None;
    }
    let brings = |exchange: &Exchange| {
        let parameters = query(&exchange.target);
        [
            EventField::Code,
            EventField::State,
            EventField::Iss,
            EventField::Error,
        ]
        .iter()
        .all(|field| {
            let sent = event.fields.get(*field).and_then(Json::as_str);
            parameter(&parameters, field.as_str()) == sent
        })
    };
    let later = transcript.events[index..]
        .iter()
        .filter(|e| e.kind == EventKind::CallbackPage)
        .filter_map(|e| e.exchange);
    later
        .into_iter()
        .find(|at| transcript.exchanges.get(*at).is_some_and(brings))
}
