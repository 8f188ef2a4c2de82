//! Whether a run, as far as it has come, leaves nothing to wait for: more could make a verdict
//! worse, but not better.

use super::facts::{CheckFacts, Facts, Outcome, facts};
use crate::scenario::model::{Case, EventKind, Start, Step};
use crate::transcript::Transcript;

/// Whether nothing that the case asks for is missing in the start under way.
pub fn settled(case: &Case, so_far: &Transcript) -> bool {
    let run = so_far.events.last().map_or(1, |event| event.run);
    let mut starts = (1_u32..).zip(case.steps.iter().filter_map(|s| {
        if let Step::Start(start) = s {
            Some(start)
        } else {
            None
        }
    }));
    let here = starts.find(|(number, _)| *number == run);
    let more_to_come = starts.next().is_some();
    if let (Some((_, start)), true) = (here, more_to_come) {
        return start_is_done(start, run, so_far);
    }
    let facts = facts(case, &[], so_far);
    let reached = facts.goal || !case.deviations.is_empty();
    reached && facts.checks.iter().all(|check| check.is_settled(&facts))
}

/// Whether all tools were called at every server.
fn start_is_done(start: &Start, run: u32, so_far: &Transcript) -> bool {
    let calls = start.call.as_ref().map_or(1, Vec::len);
    start.connect.iter().all(|server| {
        let called = |e: &&crate::transcript::Event| {
            e.kind == EventKind::ToolCalled && e.run == run && e.party.as_ref() == Some(server)
        };
        so_far.events.iter().filter(called).count() >= calls
    })
}

impl CheckFacts {
    fn is_settled(&self, facts: &Facts) -> bool {
        let silent = self
            .outcomes
            .iter()
            .all(|outcome| *outcome == Outcome::Silent);
        !self.outcomes.contains(&Outcome::Unmet)
            && (self.passive_gate || !self.passive)
            && (facts.goal || !silent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::Suite;
    use crate::transcript::{Event, Header, Status};

    fn so_far(kinds: &[(EventKind, &str)]) -> Transcript {
        let event = |(kind, party): &(EventKind, &str)| Event {
            run: 1,
            party: Some((*party).to_owned()),
            kind: *kind,
            exchange: None,
            deviations: Vec::new(),
            delivered: true,
            fields: crate::transcript::EventFields::default(),
        };
        let events = kinds.iter().map(event).collect();
        Transcript {
            header: Header::default(),
            status: Status::Completed,
            events,
            exchanges: Vec::new(),
            secrets: Vec::new(),
            durations: None,
        }
    }

    #[test]
    fn an_honest_world_is_settled_when_the_tool_was_called() {
        let suite = Suite::embedded().unwrap();
        let control = suite
            .cases
            .iter()
            .find(|case| case.id == "iss/two-values/wrong-then-right")
            .unwrap()
            .control();
        assert!(!settled(&control, &so_far(&[])));
        assert!(!settled(
            &control,
            &so_far(&[(EventKind::McpRequest, "mcp")])
        ));
        assert!(settled(
            &control,
            &so_far(&[
                (EventKind::McpRequest, "mcp"),
                (EventKind::ToolCalled, "mcp")
            ])
        ));
    }

    #[test]
    fn a_case_whose_bait_was_not_delivered_is_not_settled() {
        let suite = Suite::embedded().unwrap();
        let case = suite
            .cases
            .iter()
            .find(|case| case.id == "iss/two-values/wrong-then-right")
            .unwrap();
        assert!(!settled(case, &so_far(&[(EventKind::ToolCalled, "mcp")])));
    }
}
