//! A run as a sequence diagram: who asked whom for what, in order. Data only; renderers draw it.

use serde::{Deserialize, Serialize};

use crate::report::model::arrow::Arrow;
use crate::report::model::arrow_builder::{ArrowBuilder, BROWSER, CLIENT, ends};
use crate::transcript::Transcript;

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

impl Diagram {
    /// The diagram of a run; `evidence`: events that show a violation.
    pub fn new(transcript: &Transcript, evidence: &[usize]) -> Self {
        let drawing = ArrowBuilder::new(transcript, evidence);
        let kept = drawing.kept();
        let told = drawing
            .order()
            .iter()
            .map(|&index| match drawing.arrow(index) {
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
                    arrows.extend(Arrow::elision(std::mem::take(&mut left_out)));
                    arrows.push(arrow);
                }
            }
        }
        arrows.extend(Arrow::elision(left_out));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::arrow::Mark;
    use crate::report::model::arrow_builder::MOST;
    use crate::scenario::model::EventKind;
    use crate::transcript::{Actor, Event, EventFields, Exchange, Header, PartyInfo, Status};

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
            unsearched: crate::transcript::Unsearched::default(),
            driven_by_person: false,
            attested: Vec::new(),
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

    /// What is left out does not depend on how long the page took that the client answered with.
    #[test]
    fn a_page_that_loads_slowly_changes_no_diagram() {
        let told_with_visit_at = |place: usize| {
            let mut exchanges = vec![
                exchange(Actor::UserAgent, Some("as"), "/a"),
                exchange(Actor::Client, Some("as"), "/token"),
                exchange(Actor::Client, Some("mcp"), "/list"),
                exchange(Actor::Client, Some("mcp"), "/prompts"),
                exchange(Actor::Client, Some("mcp"), "/call"),
            ];
            exchanges.insert(place, exchange(Actor::UserAgent, None, "/cb?code=c"));
            let is_token = |exchange: &Exchange| exchange.target == "/token";
            let mut transcript = transcript(exchanges);
            transcript.events = vec![Event {
                run: 1,
                party: Some("as".to_owned()),
                kind: EventKind::TokenRequest,
                exchange: transcript.exchanges.iter().position(is_token),
                deviations: Vec::new(),
                delivered: true,
                fields: EventFields::default(),
            }];
            told(&Diagram::new(&transcript, &[0]))
        };
        let expected = [
            "browser>as GET {as.authorization_endpoint}",
            "browser>client GET callback code=c",
            "client>as GET /token",
            "> … 2 more",
            "client>mcp GET /call",
        ];
        for place in 1..=5 {
            assert_eq!(told_with_visit_at(place), expected, "recorded at {place}");
        }
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
