//! What the client means by a request: which documents have named its address to it, and as what.
//!
//! A server knows what it serves at an address. A client knows what it was told that the address
//! is for, and a document can tell it something else: a challenge may name the token endpoint as
//! the place of the resource metadata. A conforming client fetches what it was told to fetch, and
//! that request is no token request.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::authorization_server::metadata_path::metadata_path;
use super::http_answer::HttpAnswer;
use super::http_request::{HttpRequest, ReceivedRequest};
use super::mcp_server::rpc::RpcMessage;
use super::sender::is_browser;
use crate::scenario::model::{EventKind, Message, MetadataPlace};

/// Members of authorization server metadata that name endpoints, and the requests that these are
/// for.
pub(super) const ENDPOINTS: &[(&str, EventKind)] = &[
    ("authorization_endpoint", EventKind::AuthorizationRequest),
    ("token_endpoint", EventKind::TokenRequest),
    ("registration_endpoint", EventKind::RegistrationRequest),
];

/// The addresses that answers have named to the client, each with the requests that it was named
/// for. They are kept without query and fragment.
#[derive(Debug, Default)]
pub(crate) struct NamedAddresses(BTreeMap<String, BTreeSet<EventKind>>);

impl NamedAddresses {
    /// Notes the addresses that an answer names. `asked`: the request that it answers, in the
    /// client's view.
    pub(crate) fn note_answer(
        &mut self,
        asked: EventKind,
        message: Option<Message>,
        answer: &HttpAnswer,
    ) {
        if answer.transport.is_some() {
            return;
        }
        if (300..400).contains(&answer.status) && asked != EventKind::AuthorizationRequest {
            let target = answer.header("location").unwrap_or_default();
            self.add(target, asked);
        }
        match message {
            Some(Message::Challenge) => {
                for address in addresses_in_challenge(answer) {
                    self.add(&address, EventKind::PrmRequest);
                }
            }
            Some(Message::Prm) => {
                for issuer in read_issuers(&read_document(answer)) {
                    self.add_metadata_of(&issuer);
                }
            }
            Some(Message::Metadata) => {
                let document = read_document(answer);
                for (member, kind) in ENDPOINTS {
                    let address = document.get(*member).and_then(Json::as_str);
                    self.add(address.unwrap_or_default(), *kind);
                }
            }
            _ => {}
        }
    }

    fn add_metadata_of(&mut self, issuer: &str) {
        let Ok(url) = url::Url::parse(issuer) else {
            return;
        };
        for place in MetadataPlace::ALL {
            let mut address = url.clone();
            address.set_path(&metadata_path(*place, url.path()));
            self.add(address.as_str(), EventKind::MetadataRequest);
        }
    }

    fn add(&mut self, address: &str, kind: EventKind) {
        if let Some(address) = without_query(address) {
            self.0.entry(address).or_default().insert(kind);
        }
    }

    /// What the client means by a request for `address`. `served`: what the server takes the
    /// address for.
    ///
    /// Where the address was named for something else, the form of the request decides; a request
    /// that could be either is what the server takes it for.
    pub(crate) fn meaning(
        &self,
        address: &str,
        served: EventKind,
        request: &ReceivedRequest<'_>,
    ) -> EventKind {
        let named = without_query(address).and_then(|address| self.0.get(&address));
        let Some(named) = named.filter(|named| named.iter().any(|kind| *kind != served)) else {
            return served;
        };
        let is_meant = |kind: &EventKind| has_form_of(*kind, request);
        if served != EventKind::Request && is_meant(&served) {
            return served;
        }
        named.iter().copied().find(is_meant).unwrap_or(served)
    }
}

/// Whether a request has the form of a request of this kind, be it a broken one.
fn has_form_of(kind: EventKind, request: &ReceivedRequest<'_>) -> bool {
    let http = request.http;
    let sends = |name: &str| {
        http.query_parameters().get(name).is_some() || request.parameters.get(name).is_some()
    };
    let is_json = serde_json::from_str::<Json>(&http.body).is_ok_and(|body| body.is_object());
    let is_rpc = is_json && http.body.contains("\"jsonrpc\"");
    match kind {
        EventKind::TokenRequest => sends("grant_type") || http.method == "POST" && !is_json,
        EventKind::AuthorizationRequest => {
            is_browser(request.actor)
                || ["response_type", "client_id", "code_challenge"]
                    .into_iter()
                    .any(sends)
        }
        EventKind::RegistrationRequest => http.method == "POST" && !is_rpc && !sends("grant_type"),
        EventKind::McpRequest => is_rpc || is_part_of_connection(http),
        EventKind::PrmRequest | EventKind::MetadataRequest => {
            http.method == "GET" && !["grant_type", "response_type"].into_iter().any(sends)
        }
        _ => false,
    }
}

/// Whether a request without a JSON-RPC message belongs to a connection: it opens a stream or ends
/// a session.
fn is_part_of_connection(http: &HttpRequest) -> bool {
    let accepts = http.header("accept").unwrap_or_default();
    http.method == "DELETE"
        || http.header("mcp-session-id").is_some()
        || http.method == "GET" && accepts.contains("text/event-stream")
        || !RpcMessage::read(http).method_field().is_null()
}

/// The addresses that occur in a challenge, however it is quoted.
fn addresses_in_challenge(answer: &HttpAnswer) -> Vec<String> {
    let challenges = answer
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
    let unquoted = challenges.map(|(_, value)| value.replace('\\', ""));
    unquoted
        .flat_map(|value| {
            let words = value.split(['"', ',', ' ', '=']);
            let addresses = words.filter(|word| word.contains("://"));
            addresses.map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}

/// The document that an answer gives; null, if it gives none.
pub(super) fn read_document(answer: &HttpAnswer) -> Json {
    let is_given = (200..300).contains(&answer.status) && answer.transport.is_none();
    let document = is_given.then(|| serde_json::from_str(&answer.body).ok());
    document.flatten().unwrap_or_default()
}

/// The issuers that protected resource metadata lists.
pub(super) fn read_issuers(document: &Json) -> Vec<String> {
    let issuers = document
        .get("authorization_servers")
        .and_then(Json::as_array);
    let issuers = issuers.into_iter().flatten().filter_map(Json::as_str);
    issuers.map(str::to_owned).collect()
}

fn without_query(address: &str) -> Option<String> {
    let mut url = url::Url::parse(address).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Actor;
    use crate::world::sender::Arrival;

    /// Some libraries ask for an event stream in every request. That makes a request for metadata
    /// no part of a connection.
    #[test]
    fn a_request_for_metadata_may_accept_event_streams() {
        let address = "http://localhost/authorize";
        let mut named = NamedAddresses::default();
        named.add(address, EventKind::PrmRequest);
        let mut http = HttpRequest::get(Arrival::Network, "/authorize");
        http.headers = vec![(
            "accept".to_owned(),
            "application/json, text/event-stream".to_owned(),
        )];
        let request = ReceivedRequest::new(&http, Actor::Client);
        let meaning = |served| named.meaning(address, served, &request);
        assert_eq!(
            meaning(EventKind::AuthorizationRequest),
            EventKind::PrmRequest
        );
        assert_eq!(meaning(EventKind::McpRequest), EventKind::McpRequest);
    }
}
