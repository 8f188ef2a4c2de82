//! Decides whether a run, as far as it has come, can be ended: whatever else the client does could
//! make a verdict worse, but not better.

use super::check_outcome::CheckOutcome;
use super::facts::{CheckFacts, Facts, collect_facts};
use crate::scenario::model::{Case, EventKind, Start};
use crate::transcript::Transcript;

/// Whether the start under way has shown everything that the case asks for.
pub fn is_settled(case: &Case, so_far: &Transcript) -> bool {
    let run = so_far.events.last().map_or(1, |event| event.run);
    let mut starts = (1_u32..).zip(case.starts());
    let current = starts.find(|(number, _)| *number == run);
    let more_to_come = starts.next().is_some();
    if let (Some((_, start)), true) = (current, more_to_come) {
        return called_all_tools(start, run, so_far);
    }
    let facts = collect_facts(case, &[], so_far, None);
    // the goal can be reached before the client has done all that it means to do
    let called = case.goal.is_some()
        || case
            .starts()
            .last()
            .is_none_or(|s| called_all_tools(s, run, so_far));
    let reached = facts.goal && called || !case.deviations.is_empty();
    reached && facts.checks.iter().all(|check| check.is_settled(&facts))
}

/// Whether the client called all the tools that it was asked to call, at every server.
fn called_all_tools(start: &Start, run: u32, so_far: &Transcript) -> bool {
    let processes = start.processes();
    let expected = start.call.as_ref().map_or(1, Vec::len) * processes;
    start.connect.iter().all(|server| {
        let calls = so_far.events.iter().filter(|event| {
            event.kind == EventKind::ToolCalled
                && event.run == run
                && event.party.as_ref() == Some(server)
        });
        calls.count() >= expected
    })
}

impl CheckFacts {
    fn is_settled(&self, facts: &Facts) -> bool {
        !self.outcomes.contains(&CheckOutcome::Unmet)
            && !self.outcomes.contains(&CheckOutcome::Unreached)
            && (self.passive_gate || !self.passive)
            && (facts.goal || !self.is_silent())
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
            unsearched: crate::transcript::Unsearched::default(),
            driven_by_person: false,
            attested: Vec::new(),
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
        assert!(!is_settled(&control, &so_far(&[])));
        assert!(!is_settled(
            &control,
            &so_far(&[(EventKind::McpRequest, "mcp")])
        ));
        assert!(is_settled(
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
        assert!(!is_settled(
            case,
            &so_far(&[(EventKind::ToolCalled, "mcp")])
        ));
    }
}
