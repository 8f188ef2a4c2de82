use super::*;
use crate::transcript::{EventFields, Header, Secret, Status};

fn transcript(events: &[(u32, EventKind, &str)], secrets: Vec<Secret>) -> Transcript {
    let event = |(run, kind, text): &(u32, EventKind, &str)| Event {
        run: *run,
        party: Some("mcp".to_owned()),
        kind: *kind,
        exchange: None,
        deviations: Vec::new(),
        delivered: true,
        fields: EventFields::from_iter([
            (EventField::Rpc, Json::from(*text)),
            (EventField::Carries, Json::from(vec![*text])),
        ]),
    };
    Transcript {
        header: Header::default(),
        status: Status::Completed,
        events: events.iter().map(event).collect(),
        exchanges: Vec::new(),
        secrets,
        unsearched: crate::transcript::Unsearched::default(),
        durations: None,
    }
}

#[test]
fn concurrent_calls_show_when_they_are_refused() {
    use EventKind::{Challenge, McpRequest, PrmRequest};
    let shows = |kinds: &[EventKind]| {
        let events: Vec<_> = kinds.iter().map(|kind| (1, *kind, "tools/call")).collect();
        shown_capabilities(&transcript(&events, Vec::new())).contains(&Capability::CallsAtOnce)
    };
    assert!(shows(&[McpRequest, Challenge, McpRequest, Challenge]));
    assert!(
        !shows(&[McpRequest, Challenge, PrmRequest, McpRequest]),
        "the client reads the metadata first"
    );
    assert!(
        !shows(&[McpRequest, McpRequest]),
        "one call after the other"
    );
}

#[test]
fn a_refresh_without_rejection_does_not_show_refresh_when_rejected() {
    use EventKind::{AuthorizationRequest, Challenge, McpRequest, TokenRequest};
    let shows = |kinds: &[EventKind]| {
        let events: Vec<_> = kinds
            .iter()
            .map(|kind| (1, *kind, "as.access_token#1"))
            .collect();
        let mut transcript = transcript(&events, Vec::new());
        for event in &mut transcript.events {
            event.fields.insert(EventField::Status, 401);
            event.fields.insert(EventField::GrantType, "refresh_token");
        }
        shown_capabilities(&transcript).contains(&Capability::RefreshWhenRejected)
    };
    assert!(shows(&[McpRequest, Challenge, TokenRequest]));
    assert!(!shows(&[McpRequest, TokenRequest]), "nothing was rejected");
    assert!(
        !shows(&[McpRequest, Challenge, AuthorizationRequest, TokenRequest]),
        "the client authorizes again"
    );
}

#[test]
fn a_token_of_an_earlier_start_shows_stored_state() {
    let token = Secret {
        name: "as.access_token".into(),
        number: 1,
        value: "t".into(),
        event: 0,
        audience: Vec::new(),
    };
    let shows = |run: u32| {
        let events = [
            (1, EventKind::TokenResponse, ""),
            (run, EventKind::McpRequest, "as.access_token#1"),
        ];
        shown_capabilities(&transcript(&events, vec![token.clone()]))
            .contains(&Capability::KeepsState)
    };
    assert!(shows(2));
    assert!(!shows(1));
}

#[test]
fn tool_calls_show_several_servers_and_named_tools() {
    let shown = |parties: &[&str]| {
        let events: Vec<_> = parties
            .iter()
            .map(|_| (1, EventKind::ToolCalled, ""))
            .collect();
        let mut transcript = transcript(&events, Vec::new());
        for (event, party) in transcript.events.iter_mut().zip(parties) {
            event.party = Some((*party).to_owned());
        }
        shown_capabilities(&transcript)
    };
    assert_eq!(shown(&["mcp"]), BTreeSet::new());
    assert_eq!(
        shown(&["mcp", "other"]),
        BTreeSet::from([Capability::SeveralServers])
    );
    assert_eq!(
        shown(&["mcp", "mcp"]),
        BTreeSet::from([Capability::NamedTools])
    );
}

#[test]
fn a_state_that_transports_data_is_structured() {
    for state in [
        "{\"to\":\"/inbox\"}",
        "eyJ0byI6Ii9pbmJveCJ9",
        "to=/inbox&nonce=1",
        "eyJhbGciOiJub25lIn0.eyJ0byI6Ii9pbmJveCJ9.",
    ] {
        assert!(is_structured(state), "{state}");
    }
    for state in ["dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "", "12345"] {
        assert!(!is_structured(state), "{state}");
    }
}
