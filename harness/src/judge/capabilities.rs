//! Which capabilities a client has: what was declared before the run, and what its transcripts
//! show.
//!
//! A capability that is neither declared nor shown is *unknown*. A requirement that binds only
//! clients with an unknown capability cannot fail a run by itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use self::token_request::add_shown_by_token_request;
use super::missing_capability::CapabilityGap;
use crate::requirements::Capability;
use crate::scenario::model::{EventField, EventKind, Revision};
use crate::transcript::{Event, Haystack, Transcript};

#[cfg(test)]
mod tests;
mod token_request;

/// What is known about the client before the run. A capability that is in none of the sets is
/// learned from what the client shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// Capabilities that the client has, by the words of scenarios and requirements.
    pub has: BTreeSet<String>,
    /// Capabilities that the client does not have.
    pub lacks: BTreeSet<String>,
    /// Capabilities that the client cannot be made to use, whether it has them or not, with the
    /// explanation.
    pub cannot: BTreeMap<String, String>,
}

impl Declared {
    /// Why the client cannot be asked for this capability, if that was declared, or if only a
    /// declaration could tell that it has it.
    pub fn gap(&self, capability: Capability) -> Option<CapabilityGap> {
        let word = capability.as_str();
        if self.lacks.contains(word) {
            return Some(CapabilityGap::DeclaredLacking);
        }
        if capability.is_only_declared() && !self.has.contains(word) {
            return Some(CapabilityGap::NotShown);
        }
        let explanation = self.cannot.get(word)?.clone();
        Some(CapabilityGap::CannotBeUsed { explanation })
    }
}

/// What is known of the client's capabilities: declared and shown.
pub(super) struct KnownCapabilities<'a> {
    declared: &'a Declared,
    shown: BTreeSet<Capability>,
}

impl<'a> KnownCapabilities<'a> {
    /// Learns from the transcripts of a run what was not declared.
    pub(super) fn new<'t>(
        declared: &'a Declared,
        transcripts: impl Iterator<Item = &'t Transcript>,
    ) -> Self {
        Self {
            declared,
            shown: transcripts.flat_map(shown_capabilities).collect(),
        }
    }

    /// Why the client is not known to have a capability; `None` if it is known to have it. A
    /// declaration counts more than what the transcripts show.
    pub(super) fn gap(&self, capability: Capability) -> Option<CapabilityGap> {
        let declared = self.declared.gap(capability);
        let known =
            self.declared.has.contains(capability.as_str()) || self.shown.contains(&capability);
        declared.or((!known).then_some(CapabilityGap::NotShown))
    }

    /// Capabilities that are declared lacking and that a transcript shows.
    pub(super) fn contradictions(&self) -> Vec<Capability> {
        let lacking = |capability: &Capability| self.declared.lacks.contains(capability.as_str());
        self.shown.iter().copied().filter(lacking).collect()
    }
}

/// The capabilities of the client that one run shows. An attempt shows a capability: a client that
/// registers has `dcr`, even if it breaks on the answer.
pub fn shown_capabilities(transcript: &Transcript) -> BTreeSet<Capability> {
    let mut shown = BTreeSet::new();
    for event in &transcript.events {
        match event.kind {
            EventKind::AuthorizationRequest => {
                add_shown_by_authorization_request(event, transcript, &mut shown);
            }
            EventKind::RegistrationRequest => {
                shown.insert(Capability::Dcr);
            }
            EventKind::TokenRequest => add_shown_by_token_request(event, transcript, &mut shown),
            EventKind::McpRequest => {
                if event.fields.text(EventField::AuthScheme) == "DPoP" {
                    shown.insert(Capability::Dpop);
                }
                if event.fields.text(EventField::Rpc) == "tools/call" {
                    shown.insert(Capability::CallsTools);
                }
            }
            EventKind::CallbackPage => {
                shown.extend([Capability::CallbackListener, Capability::ServesPages]);
            }
            EventKind::ClientDocument => {
                shown.insert(Capability::CimdDocumentReachable);
            }
            _ => {}
        }
    }
    add_shown_by_sequence(transcript, &mut shown);
    if completes_handshake(transcript) {
        shown.insert(Capability::TrustsGivenAuthority);
    }
    shown
}

fn add_shown_by_authorization_request(
    event: &Event,
    transcript: &Transcript,
    shown: &mut BTreeSet<Capability>,
) {
    match event.fields.text(EventField::ClientKind) {
        "pre-registered" => {
            shown.insert(Capability::PreRegistration);
            if !could_discover_issuer(transcript) {
                shown.insert(Capability::PreconfiguredIssuer);
            }
        }
        "cimd" => {
            shown.insert(Capability::Cimd);
        }
        "dcr" => {
            shown.insert(Capability::Dcr);
        }
        _ => {}
    }
    if event.fields.text(EventField::By) == "user-agent" {
        shown.insert(Capability::UserAgent);
    }
    if event.fields.text(EventField::RedirectKind) == "private-scheme" {
        shown.insert(Capability::PrivateUseScheme);
    }
    if event.fields.text(EventField::RedirectUrisRegistered) == "several" {
        shown.insert(Capability::SeveralRedirectUris);
    }
    if is_structured(event.fields.text(EventField::State)) {
        shown.insert(Capability::ApplicationState);
    }
}

/// Whether the client sent a request over TLS. It then accepted a certificate of the run's
/// authority; one that accepts any certificate is no exception.
fn completes_handshake(transcript: &Transcript) -> bool {
    let mut begun = BTreeSet::new();
    transcript.events.iter().any(|event| {
        if event.kind == EventKind::Handshake {
            begun.insert(event.party.as_deref());
        }
        event.kind.is_request() && begun.contains(&event.party.as_deref())
    })
}

/// Whether the client can have found its authorization server by discovery: through protected
/// resource metadata, or through the default endpoints of revision 2025-03-26.
fn could_discover_issuer(transcript: &Transcript) -> bool {
    let requires_metadata = transcript
        .header
        .revision
        .is_some_and(|revision| revision > Revision::March2025);
    !requires_metadata
        || transcript.events.iter().any(|event| {
            event.kind == EventKind::Prm
                && event.fields.get(EventField::Status) == Some(&Json::from(200))
        })
}

/// Capabilities that only several events together show: several servers, named tools, concurrency,
/// stored state.
///
/// What one process did and what another did at the same time is no sequence, so transcripts with
/// such starts show none of these.
fn add_shown_by_sequence(transcript: &Transcript, shown: &mut BTreeSet<Capability>) {
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

/// Whether the harness handed the client credentials that were registered beforehand. Those of a
/// registration come with its response.
pub(super) fn was_handed_credentials(transcript: &Transcript) -> bool {
    transcript.secrets.iter().any(|secret| {
        let event = transcript.events.get(secret.event);
        secret.name.ends_with(".client_id")
            && event.is_none_or(|event| event.kind != EventKind::RegistrationResponse)
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

/// Whether `state` is not only unguessable but transports data: JSON, a form or a JWT, in plain
/// text or in base64.
fn is_structured(state: &str) -> bool {
    let is_object =
        |text: &str| serde_json::from_str::<Json>(text).is_ok_and(|value| value.is_object());
    let is_form =
        |text: &str| text.split('&').count() > 1 && text.split('&').all(|pair| pair.contains('='));
    Haystack::new([state]).any(|form| is_object(form) || is_form(form))
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
