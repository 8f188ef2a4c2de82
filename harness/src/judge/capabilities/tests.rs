use super::*;
use crate::transcript::{EventFields, Header, PartyInfo, Secret, Status};

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
        driven_by_person: false,
        attested: Vec::new(),
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
fn an_attempt_to_register_shows_registration() {
    let shown = shown_capabilities(&transcript(
        &[(1, EventKind::RegistrationRequest, "")],
        Vec::new(),
    ));
    assert_eq!(shown, BTreeSet::from([Capability::Dcr]));
}

/// A transcript of events at these parties, each with its kind.
fn transcript_at(events: &[(EventKind, &str)]) -> Transcript {
    let kinds: Vec<_> = events.iter().map(|(kind, _)| (1, *kind, "")).collect();
    let mut transcript = transcript(&kinds, Vec::new());
    for (event, (_, party)) in transcript.events.iter_mut().zip(events) {
        event.party = Some((*party).to_owned());
    }
    for party in ["mcp", "other"] {
        let info = PartyInfo {
            role: "mcp server".to_owned(),
            hostile: false,
        };
        transcript.header.parties.insert(party.to_owned(), info);
    }
    transcript
}

#[test]
fn requests_show_several_servers_and_calls_show_named_tools() {
    use EventKind::{McpRequest, ToolCalled};
    let shown = |events: &[(EventKind, &str)]| shown_capabilities(&transcript_at(events));
    assert_eq!(shown(&[(ToolCalled, "mcp")]), BTreeSet::new());
    assert_eq!(
        shown(&[(McpRequest, "mcp"), (McpRequest, "mcp")]),
        BTreeSet::new()
    );
    assert_eq!(
        shown(&[(McpRequest, "mcp"), (McpRequest, "other")]),
        BTreeSet::from([Capability::SeveralServers])
    );
    assert_eq!(
        shown(&[(McpRequest, "mcp"), (McpRequest, "a-web-site")]),
        BTreeSet::new(),
        "the client followed a redirect"
    );
    assert_eq!(
        shown(&[(ToolCalled, "mcp"), (ToolCalled, "mcp")]),
        BTreeSet::from([Capability::NamedTools])
    );
}

#[test]
fn two_processes_with_a_call_each_do_not_show_repeated_calls() {
    use EventKind::{ClientStart, ToolCalled};
    let events = [
        (1, ClientStart, ""),
        (1, ToolCalled, ""),
        (1, ToolCalled, ""),
    ];
    let shown_by = |processes: u32| {
        let mut transcript = transcript(&events, Vec::new());
        let start = &mut transcript.events[0];
        start.fields.insert(EventField::Processes, processes);
        shown_capabilities(&transcript)
    };
    assert_eq!(shown_by(1), BTreeSet::from([Capability::NamedTools]));
    assert_eq!(shown_by(2), BTreeSet::new());
}

#[test]
fn an_authorization_that_was_given_up_is_not_under_way() {
    use EventKind::{AuthorizationRequest, TokenRequest};
    let shows = |events: &[(EventKind, &str)]| {
        shown_capabilities(&transcript_at(events)).contains(&Capability::ServersAtOnce)
    };
    let (first, second) = ((AuthorizationRequest, "as"), (AuthorizationRequest, "as2"));
    assert!(shows(&[first, second, (TokenRequest, "as")]));
    assert!(!shows(&[first, second, (TokenRequest, "as2")]));
    assert!(!shows(&[first, first, (TokenRequest, "as")]));
    assert!(!shows(&[first, second, first, (TokenRequest, "as")]));
}

#[test]
fn two_responses_after_two_requests_show_servers_at_once() {
    use EventKind::{AuthorizationRequest, CallbackPage};
    let shows = |events: &[(EventKind, &str)]| {
        shown_capabilities(&transcript_at(events)).contains(&Capability::ServersAtOnce)
    };
    let (first, second) = ((AuthorizationRequest, "as"), (AuthorizationRequest, "as2"));
    let back = (CallbackPage, "");
    assert!(shows(&[first, second, back, back]));
    assert!(!shows(&[first, back, second, back]), "one after the other");
    assert!(!shows(&[first, second, back]), "the first was given up");
    assert!(!shows(&[first, first, back, back]), "both at one server");
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
