//! What the client learns from an answer, and who may see its secrets from then on.

use super::client_view::AudienceKind;
use super::draft::{Content, Draft};
use super::http_answer::HttpAnswer;
use super::http_request::{Parameters, ReceivedRequest};
use super::named_addresses::read_document;
use super::party_id::PartyId;
use super::route::Route;
use super::sender::is_clients_own;
use super::world_state::WorldState;
use crate::scenario::model::{EventField, EventKind, Message};
use crate::transcript::Haystack;

/// Secrets that stay with the MCP servers they are for, wherever metadata moves an endpoint.
const FOR_MCP_SERVERS: &[&str] = &["access_token", "session_id"];

impl WorldState {
    /// Notes what the client learns from an answer. `asked`: what it means by the request.
    pub(super) fn note_answer(
        &mut self,
        route: Route,
        asked: EventKind,
        request: &ReceivedRequest<'_>,
        draft: &Draft,
        answer: &HttpAnswer,
    ) {
        if let Content::Redirect { to, parameters } = &draft.content
            && draft.message == Some(Message::AuthorizationResponse)
        {
            let sent = parameters.iter().map(|p| (p.name.clone(), p.value.clone()));
            self.note_authorization_response(to, &Parameters(sent.collect()));
        }
        if !is_clients_own(request.actor) {
            return;
        }
        let message = draft.message;
        self.view.note_answer(route.party, asked, message, answer);
        match message {
            Some(Message::Metadata) => self.follow_endpoints(route.party, answer),
            Some(Message::RegistrationResponse) if (200..300).contains(&answer.status) => {
                let registration = serde_json::from_str(&request.http.body).unwrap_or_default();
                let response = read_document(answer);
                let clients = &mut self.view.clients;
                clients.note_registration(route.party, &registration, &response);
            }
            _ => {}
        }
        if (300..400).contains(&answer.status) && asked != EventKind::AuthorizationRequest {
            self.follow_redirect(request, answer);
        }
    }

    /// Notes that an authorization response is on its way to the client's redirect URI: the code in
    /// it belongs, in the client's view, to the flow of the request that it takes it for an answer
    /// to.
    pub(super) fn note_authorization_response(&mut self, redirect_uri: &str, sent: &Parameters) {
        let events = self.recorder.events();
        let requests = &mut self.view.requests;
        let Some(request) = requests.note_response(events, redirect_uri, sent) else {
            return;
        };
        let Some(code) = sent.filled("code") else {
            return;
        };
        let request = &events[request];
        let party = request.party.as_deref();
        let Some(party) = party.and_then(|name| self.parties.find(name)) else {
            return;
        };
        let resource = request.fields.text(EventField::Resource);
        let resource = Some(resource).filter(|resource| !resource.is_empty());
        let audience = self.view.audience(party, resource, AudienceKind::All);
        self.recorder
            .widen_audience(&audience, |secret| secret.value == code);
    }

    /// Notes that the browser brings an authorization response to this address of the client's.
    pub(super) fn note_response_at(&mut self, address: &str) {
        let (redirect_uri, query) = address.split_once('?').unwrap_or((address, ""));
        self.note_authorization_response(redirect_uri, &Parameters::parse(query));
    }

    /// A code verifier is the client's own secret, seen for the first time when it is sent.
    pub(super) fn register_code_verifier(
        &mut self,
        route: Route,
        asked: EventKind,
        request: &ReceivedRequest<'_>,
    ) {
        let verifier = request.parameters.filled("code_verifier");
        if let (EventKind::TokenRequest, Some(verifier)) = (asked, verifier) {
            let resource = request.parameters.filled("resource");
            let audience = self.view.audience(route.party, resource, AudienceKind::All);
            let party = self.parties.name(route.party);
            self.recorder
                .issue_secret(party, "code_verifier", verifier, audience);
        }
    }

    /// Metadata of the issuer itself has moved an endpoint: what belongs to the flow with this
    /// issuer may go there.
    fn follow_endpoints(&mut self, issuer: PartyId, answer: &HttpAnswer) {
        let named = self.view.find_validated_endpoints(&read_document(answer));
        let named = self.view.names(&named);
        let in_flow = self.view.names(&self.view.endpoints_of(issuer));
        let issuer = self.parties.name(issuer).to_owned();
        self.recorder.widen_audience(&named, |secret| {
            let (party, kind) = secret.name.split_once('.').unwrap_or_default();
            !FOR_MCP_SERVERS.contains(&kind)
                && secret.audience.contains(&issuer)
                && (party == issuer || in_flow.iter().any(|name| name == party))
        });
    }

    /// A server redirects a request: what it carried, but for access tokens, goes where the server
    /// has sent it.
    fn follow_redirect(&mut self, request: &ReceivedRequest<'_>, answer: &HttpAnswer) {
        let location = answer.header("location").unwrap_or_default();
        let targets = self.view.names(&self.view.find_owners(location));
        let http = request.http;
        let texts = http.headers.iter().map(|(_, value)| value.as_str());
        let carried = Haystack::new(texts.chain([http.target.as_str(), http.body.as_str()]));
        self.recorder.widen_audience(&targets, |secret| {
            !secret.name.ends_with(".access_token") && carried.contains(&secret.value)
        });
    }
}
