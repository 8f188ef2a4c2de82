//! Everything that changes while a world runs, and the way of a request through it.
//!
//! One lock guards this state, and every request is handled under it from its first event to that
//! of its answer: that is the total order.

use super::attacker_memory::AttackerMemory;
use super::callback_listeners::CallbackListeners;
use super::client_view::ClientView;
use super::draft::Draft;
use super::error::WorldError;
use super::http_answer::HttpAnswer;
use super::http_request::{HttpRequest, ReceivedRequest};
use super::issued_grants::IssuedGrants;
use super::mcp_server::role::Access;
use super::observe::answer::answer_event;
use super::observe::authorization::authorization_fields;
use super::observe::browser_open::browser_open_fields;
use super::observe::fields::fields;
use super::observe::mcp::mcp_fields;
use super::observe::registration::registration_fields;
use super::observe::request::request_fields;
use super::observe::token::token_fields;
use super::parties::{Parties, Records, UnknownSetting};
use super::party_id::{PartyId, SiteId};
use super::recorder::{NewEvent, Recorder};
use super::response_delivery::ResponseDelivery;
use super::route::{Endpoint, Route};
use super::script::{AnswerPoint, Script, ScriptedChange};
use super::sender::{Arrival, Senders, is_clients_own};
use super::workload_platform::WorkloadPlatform;
use crate::scenario::model::{EventField, EventKind, Revision};
use crate::transcript::{Actor, EventFields, EvidenceSearch, Exchange, SoughtTexts};

/// Everything that changes while a world runs.
#[derive(Debug)]
pub(crate) struct WorldState {
    pub(super) recorder: Recorder,
    pub(super) parties: Parties,
    pub(super) script: Script,
    pub(super) view: ClientView,
    pub(super) issued: IssuedGrants,
    pub(super) senders: Senders,
    pub(super) attacker: AttackerMemory,
    /// The platform of the workload, if the client is to sign in as one.
    pub(super) workload_platform: Option<WorkloadPlatform>,
    pub(super) listeners: CallbackListeners,
    pub(super) revision: Revision,
    /// What the scenario looks for in what the client shows and leaves.
    pub(super) sought: SoughtTexts,
    /// What went wrong in the harness itself.
    pub(super) fault: Option<WorldError>,
}

/// An answer, and what its sender has to tell the world about it.
#[derive(Debug)]
pub(crate) struct WorldReply {
    pub(crate) answer: HttpAnswer,
    /// The event of the answer, to be marked as delivered once it was.
    pub(crate) event: Option<usize>,
    /// The party that answered.
    pub(crate) party: PartyId,
    /// Whether the answer is an authorization response, which is delivered at the client's redirect
    /// URI and not here.
    pub(crate) authorization_response: bool,
    /// What a browser is to do besides following the answer.
    pub(crate) delivery: ResponseDelivery,
}

impl WorldState {
    /// Handles a request from its first event to that of its answer.
    pub(crate) fn handle(&mut self, site: SiteId, http: &HttpRequest) -> WorldReply {
        let address = format!("{}{}", self.parties.origin(site), http.target);
        let actor = self.senders.identify(http.arrival, &address);
        let request = ReceivedRequest::new(http, actor);
        let route = self.parties.route(site, http.path());
        let asked = self
            .view
            .named
            .meaning(&address, route.endpoint.request_kind(), &request);
        let mut reply = WorldReply {
            answer: Draft::page(503, "this world has had enough requests").render(),
            event: None,
            party: route.party,
            authorization_response: false,
            delivery: ResponseDelivery::default(),
        };
        if self.recorder.is_exhausted() {
            return reply;
        }
        self.note_visiting_browser(http.arrival, actor, route, &address);
        let exchange = self.record_exchange(route, &request);
        let mut request_event = None;
        if is_clients_own(actor) {
            let event = self.record_request(route, asked, &request, exchange);
            // no deviation concerns the answer to a request that means something else
            request_event = Some(event).filter(|_| asked == route.endpoint.request_kind());
            if self.parties.is_hostile(route.party) {
                self.use_loot(route.party, &request);
            }
        }
        let (draft, delivery) = self.make_answer(route, &request, request_event);
        reply.delivery = delivery;
        reply.answer = draft.render();
        self.recorder
            .complete_exchange(exchange, &reply.answer, &draft.note);
        if actor != Actor::Attacker {
            self.note_answer(route, asked, &request, &draft, &reply.answer);
        }
        if actor != Actor::Attacker
            && let Some(message) = draft.message
        {
            let (kind, fields) = answer_event(message, route.endpoint, asked, &request, &draft);
            reply.authorization_response = kind == EventKind::AuthorizationResponse;
            reply.event = Some(self.record_event(NewEvent {
                party: Some(self.parties.name(route.party).to_owned()),
                kind,
                fields,
                deviations: draft.deviations,
                delivered: false,
                exchange: Some(exchange),
            }));
            if http.arrival.is_over_socket() {
                self.follow_relay(actor, &mut reply);
            }
        }
        reply
    }

    /// Records that the client began a TLS handshake with a site: it meets every party there.
    pub(crate) fn record_handshake(&mut self, site: SiteId) {
        for party in self.parties.parties_at(site) {
            let event = NewEvent {
                deviations: self.deviations_first_met(party),
                ..NewEvent::new(
                    Some(self.parties.name(party)),
                    EventKind::Handshake,
                    EventFields::default(),
                )
            };
            self.record_event(event);
        }
    }

    /// A search for all secrets of the run so far and for what the scenario looks for.
    pub(super) fn evidence_search(&self) -> EvidenceSearch {
        let sought = self.sought.resolve(&self.recorder.resolver());
        EvidenceSearch::new(self.recorder.secrets(), sought)
    }

    // ------------------------------------------------------------ recording

    /// Records an event and lets happen what waited for it. Returns its index.
    pub(super) fn record_event(&mut self, event: NewEvent) -> usize {
        let index = self.recorder.record_event(event);
        self.advance_script();
        index
    }

    /// Lets happen what waited for the events recorded since the last call.
    pub(super) fn advance_script(&mut self) {
        for change in self.script.advance(self.recorder.view()) {
            let applied = self.apply_change(&change);
            let applied = applied.map_err(|problem| problem.to_string());
            let renewed = applied.and_then(|()| self.renew_workload_tokens(&change));
            if let Err(problem) = renewed {
                let case = self.recorder.case_id().to_owned();
                self.fault = Some(WorldError::Setup { case, problem });
            }
        }
    }

    fn apply_change(&mut self, change: &ScriptedChange) -> Result<(), UnknownSetting> {
        for (party, setting, value) in &change.set {
            self.parties.apply_setting(*party, setting, value)?;
        }
        for (_, name) in &change.void {
            let values = self.recorder.secret_values(name);
            // a token that one server has issued may be presented to another one
            for id in self.parties.ids() {
                if let Some(server) = self.parties.authorization_server_mut(id) {
                    server.memory.void.extend(values.iter().cloned());
                }
            }
        }
        Ok(())
    }

    /// Records a request that names another host than the site's. It reaches no party, so it makes
    /// no event, but the client is known to have sent it.
    pub(super) fn record_misdirected(&mut self, site: SiteId, http: &HttpRequest) {
        if self.recorder.is_exhausted() {
            return;
        }
        let address = format!("{}{}", self.parties.origin(site), http.target);
        let actor = self.senders.identify(http.arrival, &address);
        let request = ReceivedRequest::new(http, actor);
        let exchange = self.record_exchange(self.parties.route(site, http.path()), &request);
        let host = http.header("host").unwrap_or_default();
        let note = format!("the Host header names `{host}`, which is not served here");
        let answer = Draft::page(421, "this host is not served here").render();
        self.recorder.complete_exchange(exchange, &answer, &note);
    }

    fn record_exchange(&mut self, route: Route, request: &ReceivedRequest<'_>) -> usize {
        let http = request.http;
        let thief = match http.arrival {
            Arrival::Attacker(thief) => Some(self.parties.name(thief).to_owned()),
            _ => None,
        };
        let exchange = Exchange {
            actor: request.actor,
            thief,
            party: Some(self.parties.name(route.party).to_owned()),
            method: http.method.clone(),
            target: http.target.clone(),
            headers: http.headers.clone(),
            body: http.body.clone(),
            status: None,
            answer_headers: Vec::new(),
            answer_body: String::new(),
            note: String::new(),
        };
        self.recorder.record_request(http.size(), exchange)
    }

    fn record_request(
        &mut self,
        route: Route,
        asked: EventKind,
        request: &ReceivedRequest<'_>,
        exchange: usize,
    ) -> usize {
        let event = NewEvent {
            party: Some(self.parties.name(route.party).to_owned()),
            kind: asked,
            fields: self.fields_of_request(route, asked, request),
            deviations: self.deviations_first_met(route.party),
            delivered: true,
            exchange: Some(exchange),
        };
        let event = self.record_event(event);
        self.register_code_verifier(route, asked, request);
        event
    }

    /// The fields of a request that the client means as `asked`.
    fn fields_of_request(
        &self,
        route: Route,
        asked: EventKind,
        request: &ReceivedRequest<'_>,
    ) -> EventFields {
        let party = self.parties.name(route.party);
        let is_known = route.endpoint.is_known() || asked != route.endpoint.request_kind();
        let mut out = request_fields(party, is_known, request, &self.recorder);
        let server = self.parties.authorization_server(route.party);
        let find_client = |id: &str| {
            let in_view = self.view.find_client(route.party, id);
            in_view.or_else(|| server?.find_client(id))
        };
        match asked {
            EventKind::PrmRequest | EventKind::MetadataRequest => {
                let place = route.endpoint.place();
                out.extend(fields([(EventField::Location, place.into())]));
            }
            EventKind::AuthorizationRequest => {
                let client_id = request.parameters.get("client_id");
                let client = client_id.and_then(find_client);
                out.extend(authorization_fields(
                    party,
                    client.as_ref(),
                    request,
                    &self.recorder,
                    &self.view,
                ));
            }
            EventKind::TokenRequest => out.extend(token_fields(
                server,
                find_client,
                request,
                &self.recorder,
                &self.view,
                &self.issued,
            )),
            EventKind::RegistrationRequest => out.extend(registration_fields(request.http)),
            EventKind::McpRequest => {
                let url = self.parties.mcp_server(route.party);
                let url = url.map_or("", |server| server.addresses.url.as_str());
                out.extend(mcp_fields(request.http, url));
            }
            _ => {}
        }
        out
    }

    /// Records that a browser which is not the harness's came with an authorization request: the
    /// client had it opened.
    fn note_visiting_browser(&mut self, arrival: Arrival, actor: Actor, route: Route, url: &str) {
        let is_own = arrival == Arrival::VisitingBrowser && actor == Actor::UserAgent;
        if !is_own || route.endpoint != Endpoint::Authorization {
            return;
        }
        let event = browser_open_fields(url, true, "client");
        self.record_event(NewEvent::new(None, EventKind::BrowserOpen, event));
    }

    /// Records on which addresses the client listens for its authorization response.
    pub(super) fn record_listeners(&mut self, moment: &str) {
        for event in self.listeners.observe(moment) {
            self.record_event(NewEvent::new(None, EventKind::Listening, event));
        }
    }

    /// Names of the setting deviations of a party that the client meets for the first time.
    fn deviations_first_met(&self, party: PartyId) -> Vec<String> {
        let name = self.parties.name(party);
        let mut events = self.recorder.events().iter();
        let is_meeting = |kind: EventKind| kind.is_request() || kind == EventKind::Handshake;
        if events.any(|e| is_meeting(e.kind) && e.party.as_deref() == Some(name)) {
            return Vec::new();
        }
        self.script.setting_deviations_of(party)
    }

    // ------------------------------------------------------------ answering

    /// The answer as it goes out, deviations included, and what a browser does besides.
    fn make_answer(
        &mut self,
        route: Route,
        request: &ReceivedRequest<'_>,
        request_event: Option<usize>,
    ) -> (Draft, ResponseDelivery) {
        let access = self.parties.check_access(route, request);
        let message = access
            .as_ref()
            .map(Access::message)
            .or(route.endpoint.message());
        let Some(message) = message else {
            let draft = self.answer_honestly(route, request, access);
            return (draft, ResponseDelivery::default());
        };
        let point = AnswerPoint {
            party: route.party,
            message,
            place: route.endpoint.place(),
            request: request_event,
        };
        let replaced = self
            .relay_browser(point, request)
            .or_else(|| self.script.replace_answer(point, self.recorder.resolver()));
        if let Some(draft) = replaced {
            return (draft, ResponseDelivery::default());
        }
        let draft = self.answer_honestly(route, request, access);
        let delivery = self.plan_delivery(point, request, &draft);
        let resolver = self.recorder.resolver();
        let mut draft = self.script.deviate(point, draft, resolver);
        if !delivery.cross.is_empty() {
            draft.deviations.extend(self.mark_behaviours(point));
        }
        for (kind, fields) in std::mem::take(&mut draft.consequences) {
            let party = Some(self.parties.name(route.party));
            self.record_event(NewEvent::new(party, kind, fields));
            if kind == EventKind::ToolCalled {
                self.record_listeners("signed-in");
            }
        }
        (draft, delivery)
    }

    fn answer_honestly(
        &mut self,
        route: Route,
        request: &ReceivedRequest<'_>,
        access: Option<Access>,
    ) -> Draft {
        let mut records = Records {
            recorder: &mut self.recorder,
            view: &self.view,
            issued: &mut self.issued,
        };
        let draft = self.parties.answer(route, request, access, &mut records);
        self.advance_script();
        draft
    }
}
