//! Which capabilities a client has: what was declared before the run, and what its transcripts
//! show.
//!
//! A capability that is neither declared nor shown is *unknown*. A requirement that binds only
//! clients with an unknown capability cannot fail a run by itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use self::sequence::add_shown_by_sequence;
use self::token_request::add_shown_by_token_request;
use super::missing_capability::CapabilityGap;
use crate::requirements::Capability;
use crate::scenario::model::{EventField, EventKind, Revision};
use crate::transcript::{Event, Haystack, Transcript};

mod sequence;
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

/// Whether the harness handed the client credentials that were registered beforehand. Those of a
/// registration come with its response.
pub(super) fn was_handed_credentials(transcript: &Transcript) -> bool {
    transcript.secrets.iter().any(|secret| {
        let event = transcript.events.get(secret.event);
        secret.name.ends_with(".client_id")
            && event.is_none_or(|event| event.kind != EventKind::RegistrationResponse)
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
