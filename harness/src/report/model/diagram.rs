//! A run as a sequence diagram: who asked whom for what, in order. Data only; renderers draw it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::report::model::arrow_label::{ArrowLabels, parameter, query};
use crate::report::model::printable_text::PrintableText;
use crate::report::model::redactor::Redactor;
use crate::scenario::model::{EventField, EventKind};
use crate::transcript::{Actor, Event, Exchange, Transcript};

/// Runs with more exchanges than this are told by those that matter.
const LONG: usize = 14;
/// The most arrows of a diagram, whatever matters.
const MOST: usize = 24;

/// Participants and what went between them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagram {
    /// The client, the browser if there was one, then parties in the order in which they were met.
    pub participants: Vec<String>,
    /// Those of them that use what they catch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hostile: Vec<String>,
    pub arrows: Vec<Arrow>,
}

/// One request and what came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrow {
    /// Who asked; empty where exchanges are left out.
    pub from: String,
    pub to: String,
    /// `POST {as.token_endpoint} code=⟨as.code#1⟩`, or `… 7 more`.
    pub label: PrintableText,
    /// Status of the answer; `None`: it was lost.
    pub status: Option<u16>,
    /// What the answer said, where it matters.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub answer: PrintableText,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
}

/// What is special about an exchange.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// The answer carried the deviation of this name.
    Deviation(String),
    /// It is what the check forbids.
    Violation,
    /// A hostile party used what it had caught.
    Attacker,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deviation(name) => write!(f, "⚑ {name}"),
            Self::Violation => f.write_str("✗"),
            Self::Attacker => f.write_str("☠"),
        }
    }
}

impl Arrow {
    /// Whether this stands for exchanges that are left out.
    pub fn is_elision(&self) -> bool {
        self.from.is_empty()
    }
}

impl Diagram {
    /// The diagram of a run; `evidence`: events that show a violation.
    pub fn new(transcript: &Transcript, evidence: &[usize]) -> Self {
        let drawing = ArrowBuilder::new(transcript, evidence);
        let kept = drawing.kept();
        let told = drawing
            .order()
            .into_iter()
            .map(|index| match drawing.arrow(index) {
                Some(arrow) if kept.contains(&index) => DiagramStep::Arrow(arrow),
                _ => DiagramStep::LeftOut(1),
            });
        Self::told(told, |name| {
            transcript
                .header
                .parties
                .get(name)
                .is_some_and(|party| party.hostile)
        })
    }

    /// A diagram of these arrows, with the number of those that are left out between them.
    pub(crate) fn told(
        exchanges: impl Iterator<Item = DiagramStep>,
        is_hostile: impl Fn(&str) -> bool,
    ) -> Self {
        let mut arrows = Vec::new();
        let mut left_out = 0;
        for exchange in exchanges {
            match exchange {
                DiagramStep::LeftOut(count) => left_out += count,
                DiagramStep::Arrow(arrow) => {
                    arrows.extend(elision(std::mem::take(&mut left_out)));
                    arrows.push(arrow);
                }
            }
        }
        arrows.extend(elision(left_out));
        let participants = participants(arrows.iter().map(|a| (a.from.as_str(), a.to.as_str())));
        Self {
            hostile: participants
                .iter()
                .filter(|name| is_hostile(name))
                .cloned()
                .collect(),
            participants,
            arrows,
        }
    }
}

/// An exchange that a diagram shows, or so many that it does not.
pub(crate) enum DiagramStep {
    Arrow(Arrow),
    LeftOut(usize),
}

/// How many take part in a run.
pub(crate) fn participants_of(transcript: &Transcript) -> usize {
    let ends: Vec<(&str, &str)> = (0..transcript.exchanges.len())
        .filter_map(|index| ends(transcript, index))
        .collect();
    participants(ends.into_iter()).len()
}

fn participants<'a>(ends: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut met: Vec<&str> = Vec::new();
    for (from, to) in ends.filter(|(from, _)| !from.is_empty()) {
        for name in [from, to] {
            if !met.contains(&name) {
                met.push(name);
            }
        }
    }
    // a stable sort keeps the order in which parties were met
    met.sort_by_key(|name| match *name {
        CLIENT => 0,
        BROWSER => 1,
        _ => 2,
    });
    met.into_iter().map(str::to_owned).collect()
}

const CLIENT: &str = "client";
const BROWSER: &str = "browser";
const ATTACKER: &str = "attacker";

/// Who asked whom.
fn ends(transcript: &Transcript, index: usize) -> Option<(&str, &str)> {
    let exchange = transcript.exchanges.get(index)?;
    let from = match exchange.actor {
        Actor::Client => CLIENT,
        Actor::UserAgent | Actor::Relayed => BROWSER,
        Actor::Attacker => exchange.thief.as_deref().unwrap_or(ATTACKER),
    };
    Some((from, exchange.party.as_deref().unwrap_or(CLIENT)))
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

fn elision(left_out: usize) -> Option<Arrow> {
    (left_out > 0).then(|| Arrow {
        from: String::new(),
        to: String::new(),
        label: format!("… {left_out} more").into(),
        status: None,
        answer: PrintableText::default(),
        marks: Vec::new(),
    })
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

/// Makes arrows of the exchanges of one transcript.
pub(crate) struct ArrowBuilder<'a> {
    transcript: &'a Transcript,
    labels: ArrowLabels<'a>,
    marks: BTreeMap<usize, BTreeSet<Mark>>,
}

impl<'a> ArrowBuilder<'a> {
    pub(crate) fn new(transcript: &'a Transcript, evidence: &[usize]) -> Self {
        Self {
            transcript,
            labels: ArrowLabels::new(Redactor::new(transcript)),
            marks: marks(transcript, evidence),
        }
    }

    /// Exchanges in the order in which a reader sees them begin.
    pub(crate) fn order(&self) -> Vec<usize> {
        in_order_of_request(self.transcript)
    }

    /// The exchanges that are shown.
    pub(crate) fn kept(&self) -> BTreeSet<usize> {
        let mut kept = self.of_interest();
        kept.retain(|index| !self.is_sequel(*index));
        // what would stand for a single one takes a line, too
        let order = self.order();
        let single = order.windows(3).filter(|around| match around {
            [before, index, after] => {
                kept.contains(before) && !kept.contains(index) && kept.contains(after)
            }
            _ => false,
        });
        let single: Vec<usize> = single.filter_map(|around| around.get(1).copied()).collect();
        kept.extend(single);
        kept
    }

    /// Whether this is how a client goes on as usual after it went wrong. The last exchange is
    /// none: it tells how far the client got.
    fn is_sequel(&self, index: usize) -> bool {
        let shows = |marks: &BTreeSet<Mark>| marks.contains(&Mark::Violation);
        let last_mark = self
            .marks
            .keys()
            .next_back()
            .filter(|_| self.marks.values().any(shows));
        let is_of_the_flow = || {
            self.transcript
                .exchanges
                .get(index)
                .is_some_and(|exchange| self.labels.is_of_the_flow(exchange))
        };
        last_mark.is_some_and(|last| index > *last)
            && index + 1 < self.transcript.exchanges.len()
            && !is_of_the_flow()
    }

    fn of_interest(&self) -> BTreeSet<usize> {
        let all = 0..self.transcript.exchanges.len();
        if all.len() <= LONG {
            return all.collect();
        }
        let rank = |index: &usize| {
            let special = self.marks.get(index);
            let has = |mark: &Mark| special.is_some_and(|marks| marks.contains(mark));
            if has(&Mark::Violation) || *index == 0 || index + 1 == all.len() {
                0
            } else if special.is_some() {
                1
            } else if self
                .transcript
                .exchanges
                .get(*index)
                .is_some_and(|exchange| self.labels.is_of_the_flow(exchange))
            {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::{Header, PartyInfo, Status};

    fn exchange(actor: Actor, party: Option<&str>, target: &str) -> Exchange {
        Exchange {
            thief: None,
            actor,
            party: party.map(str::to_owned),
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: String::new(),
            status: Some(200),
            answer_headers: Vec::new(),
            answer_body: String::new(),
            note: String::new(),
        }
    }

    fn transcript(exchanges: Vec<Exchange>) -> Transcript {
        let hostile = PartyInfo {
            role: "authorization server".to_owned(),
            hostile: true,
        };
        let header = Header {
            parties: [("thief".to_owned(), hostile)].into(),
            addresses: [
                ("as.origin", "http://h:1"),
                ("as.authorization_endpoint", "http://h:1/a"),
            ]
            .map(|(n, a)| (n.to_owned(), a.to_owned()))
            .into(),
            ..Header::default()
        };
        Transcript {
            header,
            status: Status::Completed,
            events: Vec::new(),
            exchanges,
            secrets: Vec::new(),
            durations: None,
        }
    }

    fn told(diagram: &Diagram) -> Vec<String> {
        diagram
            .arrows
            .iter()
            .map(|a| format!("{}>{} {}", a.from, a.to, a.label))
            .collect()
    }

    #[test]
    fn a_long_run_is_told_by_what_matters() {
        let mut exchanges: Vec<Exchange> = (0..30)
            .map(|n| exchange(Actor::Client, Some("mcp"), &format!("/{n}")))
            .collect();
        exchanges[10] = exchange(Actor::UserAgent, Some("as"), "/a");
        let diagram = Diagram::new(&transcript(exchanges), &[]);
        assert_eq!(
            told(&diagram),
            [
                "client>mcp GET /0",
                "> … 9 more",
                "browser>as GET {as.authorization_endpoint}",
                "> … 18 more",
                "client>mcp GET /29"
            ]
        );
        assert_eq!(diagram.participants, ["client", "browser", "mcp", "as"]);
    }

    #[test]
    fn a_client_in_a_loop_fills_no_page() {
        let exchanges = (0..400)
            .map(|_| exchange(Actor::UserAgent, Some("as"), "/a"))
            .collect();
        let diagram = Diagram::new(&transcript(exchanges), &[]);
        assert!(
            diagram
                .arrows
                .iter()
                .filter(|arrow| !arrow.is_elision())
                .count()
                <= MOST
        );
    }

    #[test]
    fn a_visit_is_told_when_it_began() {
        let exchanges = vec![
            exchange(Actor::UserAgent, Some("as"), "/a"),
            exchange(Actor::Client, Some("as"), "/token"),
            exchange(Actor::UserAgent, None, "/cb?code=c"),
        ];
        assert_eq!(
            told(&Diagram::new(&transcript(exchanges), &[])),
            [
                "browser>as GET {as.authorization_endpoint}",
                "browser>client GET callback code=c",
                "client>as GET /token"
            ]
        );
    }

    #[test]
    fn the_attackers_hand_is_that_of_the_party_that_stole() {
        let stolen = Exchange {
            thief: Some("thief".to_owned()),
            ..exchange(Actor::Attacker, Some("as"), "/token")
        };
        let exchanges = vec![exchange(Actor::Client, Some("thief"), "/"), stolen];
        let diagram = Diagram::new(&transcript(exchanges), &[]);
        assert_eq!(told(&diagram)[1], "thief>as GET /token");
        assert_eq!(diagram.arrows[1].marks, [Mark::Attacker]);
    }
}
