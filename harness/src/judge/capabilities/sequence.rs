//! What only several events together show of a client.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::requirements::Capability;
use crate::scenario::model::{EventField, EventKind};
use crate::transcript::{Event, Transcript};

/// Capabilities that only several events together show: several servers, named tools, concurrency,
/// stored state.
///
/// What one process did and what another did at the same time is no sequence, so transcripts with
/// such starts show none of these.
pub(super) fn add_shown_by_sequence(transcript: &Transcript, shown: &mut BTreeSet<Capability>) {
    if has_simultaneous_processes(transcript) {
        return;
    }
    let calls: Vec<&Event> = events_of_kind(transcript, EventKind::ToolCalled).collect();
    let found = [
        (
            Capability::SeveralServers,
            connects_to_several_servers(transcript),
        ),
        (Capability::NamedTools, calls_server_repeatedly(&calls)),
        (
            Capability::ServersAtOnce,
            authorizes_concurrently(transcript) || awaits_two_responses(transcript),
        ),
        (
            Capability::RefreshWhenRejected,
            refreshes_after_rejection(transcript),
        ),
        (Capability::CallsAtOnce, calls_concurrently(transcript)),
        (
            Capability::KeepsState,
            reuses_registration(transcript, &calls) || reuses_token(transcript),
        ),
    ];
    shown.extend(
        found
            .iter()
            .filter(|(_, shows)| *shows)
            .map(|(capability, _)| *capability),
    );
}

/// Whether a start of the client consisted of several processes.
fn has_simultaneous_processes(transcript: &Transcript) -> bool {
    let processes_of = |event: &Event| event.fields.get(EventField::Processes)?.as_u64();
    events_of_kind(transcript, EventKind::ClientStart)
        .filter_map(processes_of)
        .any(|processes| processes > 1)
}

/// Whether one start of the client connected to more than one MCP server.
fn connects_to_several_servers(transcript: &Transcript) -> bool {
    let is_mcp_server = |name: &str| {
        let party = transcript.header.parties.get(name);
        party.is_some_and(|party| party.role == "mcp server")
    };
    let servers: BTreeSet<(u32, &str)> = events_of_kind(transcript, EventKind::McpRequest)
        .filter_map(|event| Some((event.run, event.party.as_deref()?)))
        .filter(|(_, party)| is_mcp_server(party))
        .collect();
    let starts: BTreeSet<u32> = servers.iter().map(|(run, _)| *run).collect();
    servers.len() > starts.len()
}

/// Whether one start of the client called tools more than once at the same server.
fn calls_server_repeatedly(calls: &[&Event]) -> bool {
    let servers: BTreeSet<_> = calls
        .iter()
        .map(|call| (call.run, call.party.as_deref()))
        .collect();
    servers.len() < calls.len()
}

/// Whether the client sent an authorization request to a second server before it redeemed the code
/// of the first one. One that it gave up is not under way any more.
fn authorizes_concurrently(transcript: &Transcript) -> bool {
    let mut under_way: BTreeMap<&str, bool> = BTreeMap::new();
    transcript.events.iter().any(|event| {
        let party = event.party.as_deref().unwrap_or_default();
        match event.kind {
            EventKind::AuthorizationRequest => {
                for (other, is_joined) in &mut under_way {
                    *is_joined |= *other != party;
                }
                under_way.insert(party, false);
                false
            }
            EventKind::TokenRequest => under_way.remove(party).unwrap_or(false),
            _ => false,
        }
    })
}

/// Whether the client sent authorization requests to two servers before either response came back
/// to it. Where the browser holds the first response until there is a second, this does not depend
/// on how fast anybody is.
fn awaits_two_responses(transcript: &Transcript) -> bool {
    use EventKind::{AuthorizationRequest, CallbackPage, TokenRequest};
    let steps: Vec<&Event> = transcript
        .events
        .iter()
        .filter(|event| [AuthorizationRequest, CallbackPage, TokenRequest].contains(&event.kind))
        .collect();
    steps.windows(4).any(|step| {
        let kinds = [
            AuthorizationRequest,
            AuthorizationRequest,
            CallbackPage,
            CallbackPage,
        ];
        step.iter().map(|event| event.kind).eq(kinds)
            && step[0].party != step[1].party
            && step[0].run == step[3].run
    })
}

/// Whether the client used its refresh token when the MCP server rejected its access token.
fn refreshes_after_rejection(transcript: &Transcript) -> bool {
    let mut sent_token = false;
    let mut rejected = false;
    transcript.events.iter().any(|event| {
        match event.kind {
            EventKind::McpRequest => {
                sent_token = carried_tags(event).any(|tag| tag.contains("access_token"));
            }
            EventKind::Challenge => {
                rejected |=
                    sent_token && event.fields.get(EventField::Status) == Some(&Json::from(401));
            }
            EventKind::AuthorizationRequest => rejected = false,
            EventKind::TokenRequest => {
                return rejected && event.fields.text(EventField::GrantType) == "refresh_token";
            }
            _ => {}
        }
        false
    })
}

/// Whether the client sent a call directly after another one was refused. It had no time to react
/// to the refusal, so both calls were in flight at the same time.
fn calls_concurrently(transcript: &Transcript) -> bool {
    let is_call = |event: &Event| event.fields.text(EventField::Rpc) == "tools/call";
    let steps: Vec<&Event> = transcript
        .events
        .iter()
        .filter(|event| event.kind.is_request() || event.kind == EventKind::Challenge)
        .collect();
    steps.windows(3).any(|step| {
        let kinds = step.iter().map(|event| event.kind).eq([
            EventKind::McpRequest,
            EventKind::Challenge,
            EventKind::McpRequest,
        ]);
        kinds
            && step
                .iter()
                .all(|event| is_call(event) && event.run == step[0].run)
    })
}

/// Whether the second start of the client called a tool with the registration of the first.
fn reuses_registration(transcript: &Transcript, calls: &[&Event]) -> bool {
    let started =
        |run: u32| events_of_kind(transcript, EventKind::ClientStart).any(|event| event.run == run);
    let registered = |run: u32| {
        events_of_kind(transcript, EventKind::RegistrationRequest).any(|event| event.run == run)
    };
    let called = |run: u32| calls.iter().any(|event| event.run == run);
    started(1) && started(2) && registered(1) && called(2) && !registered(2)
}

/// Whether a start of the client sent a token that an earlier start received.
fn reuses_token(transcript: &Transcript) -> bool {
    let run_that_received = |tag: &str| {
        let secret = transcript
            .secrets
            .iter()
            .find(|secret| secret.tag() == tag && secret.name.ends_with("_token"))?;
        transcript.events.get(secret.event).map(|event| event.run)
    };
    transcript
        .events
        .iter()
        .filter(|event| event.kind.is_request())
        .any(|event| {
            carried_tags(event)
                .filter_map(run_that_received)
                .any(|run| run < event.run)
        })
}

fn events_of_kind(transcript: &Transcript, kind: EventKind) -> impl Iterator<Item = &Event> {
    transcript
        .events
        .iter()
        .filter(move |event| event.kind == kind)
}

/// The tags of the secrets that a request carried, such as `as.access_token#1`.
fn carried_tags(event: &Event) -> impl Iterator<Item = &str> {
    event.fields.texts(EventField::Carries)
}
