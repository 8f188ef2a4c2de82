//! How far a client has come with the MCP servers, as far as the driver of an agent asks.

use crate::scenario::model::{EventField, EventKind};
use crate::transcript::Event;

/// How far a client has come with the MCP servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientProgress {
    /// Whether a request with a token was accepted in any start.
    pub(crate) has_accepted_call: bool,
    /// Whether a server has listed its tools in the current start.
    pub(crate) has_listed_tools: bool,
    /// Whether the last answer in the current start was a challenge.
    pub(crate) ends_with_challenge: bool,
}

impl ClientProgress {
    /// Reads the progress from the events so far. `run` is the current start.
    pub(super) fn new(events: &[Event], run: u32) -> Self {
        let is_accepted = |event: &&Event| event.kind == EventKind::CallAccepted;
        let current = || events.iter().rev().filter(|event| event.run == run);
        let mut listed = current().filter(is_accepted);
        let mut answers =
            current().filter(|event| is_accepted(event) || event.kind == EventKind::Challenge);
        Self {
            has_accepted_call: events.iter().any(|event| is_accepted(&event)),
            has_listed_tools: listed
                .any(|event| event.fields.text(EventField::Rpc) == "tools/list"),
            ends_with_challenge: answers
                .next()
                .is_some_and(|event| event.kind == EventKind::Challenge),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(run: u32, kind: EventKind, rpc: &str) -> Event {
        let fields = serde_json::json!({ "rpc": rpc });
        Event {
            run,
            party: Some("mcp".to_owned()),
            kind,
            exchange: None,
            deviations: Vec::new(),
            delivered: true,
            fields: serde_json::from_value(fields).unwrap(),
        }
    }

    #[test]
    fn only_the_current_start_counts_for_what_it_did() {
        let listed = event(1, EventKind::CallAccepted, "tools/list");
        let refused = event(2, EventKind::Challenge, "tools/list");
        let progress = ClientProgress::new(std::slice::from_ref(&listed), 1);
        assert!(progress.has_accepted_call && progress.has_listed_tools);
        assert!(!progress.ends_with_challenge);
        let progress = ClientProgress::new(&[listed, refused], 2);
        assert!(progress.has_accepted_call && !progress.has_listed_tools);
        assert!(progress.ends_with_challenge);
    }
}
