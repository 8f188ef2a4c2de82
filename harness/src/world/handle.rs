//! One request at one origin: which party and place it is for, what is recorded of it, who answers,
//! what is recorded of that.

use serde_json::{Value as Json, json};

use super::Reply;
use super::authorization_server::{ResponseDelivery, metadata_path};
use super::http::{Content, Draft, HttpAnswer, HttpRequest, Parameters};
use super::mcp_server::place_word;
use super::observe::{Fields, fields, oauth_fields};
use super::plan::prm_path;
use super::state::{PartyState, State, Work};
use crate::scenario::model::{EventKind, Message, MetadataPlace, PrmPlace, Role};
use crate::transcript::{Actor, Exchange};

/// Stands for the request event of a request that is not the client's: no deviation concerns it.
pub(crate) const NOT_THE_CLIENTS: usize = usize::MAX;

/// How much of a body the transcript keeps, in bytes.
const KEPT_BODY: usize = 64 * 1024;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    Prm(&'static str),
    Metadata(Option<MetadataPlace>),
    Authorization,
    Token,
    Registration,
    Jwks,
    Mcp,
    Site,
    Unknown,
}

impl Route {
    const fn kind(self) -> EventKind {
        match self {
            Self::Prm(_) => EventKind::PrmRequest,
            Self::Metadata(_) => EventKind::MetadataRequest,
            Self::Authorization => EventKind::AuthorizationRequest,
            Self::Token => EventKind::TokenRequest,
            Self::Registration => EventKind::RegistrationRequest,
            Self::Mcp => EventKind::McpRequest,
            Self::Jwks | Self::Site | Self::Unknown => EventKind::Request,
        }
    }
}

impl State {
    /// Handles a request of an attacker at a party's origin.
    pub(crate) fn handle_at(&mut self, party: &str, request: &HttpRequest) -> HttpAnswer {
        let origin = self
            .parties
            .get(party)
            .map(|p| p.origin.clone())
            .unwrap_or_default();
        self.handle(&origin, request).answer
    }

    /// Handles a request from its first event to its answer's.
    pub(crate) fn handle(&mut self, origin: &str, request: &HttpRequest) -> Reply {
        let mut request = request.clone();
        if request.actor == Actor::Client
            && self
                .relayed_to
                .contains(&format!("{origin}{}", request.target))
        {
            request.actor = Actor::Relayed;
        }
        let request = &request;
        let (party, route) = self.route(origin, request);
        let clients_own = matches!(request.actor, Actor::Client | Actor::UserAgent);
        if self.is_exhausted() {
            let answer = Draft::page(503, "this world has had enough requests").render();
            return Reply {
                answer,
                event: None,
                party,
                authorization_response: false,
                delivery: ResponseDelivery::default(),
            };
        }
        self.received += request
            .headers
            .iter()
            .map(|(n, v)| n.len() + v.len())
            .sum::<usize>()
            + request.target.len()
            + request.body.len();
        let number = self.exchanges.len();
        let thief = self
            .thief
            .clone()
            .filter(|_| request.actor == Actor::Attacker);
        self.exchanges.push(Exchange {
            thief,
            ..asked(&party, request)
        });
        let mut event = NOT_THE_CLIENTS;
        let parameters = if request.method == "POST" {
            request.form_parameters()
        } else {
            request.query_parameters()
        };
        if clients_own {
            let request_fields = self.fields_of(&party, route, request, &parameters);
            let carried: Vec<String> = text_list(&request_fields, "carries");
            event = self.record_answer(
                Some(&party),
                route.kind(),
                request_fields,
                self.first_connection(&party),
                true,
                Some(number),
            );
            self.see_clients_secrets(&party, route, &parameters);
            if self.is_hostile(&party) {
                self.use_loot(&party, &carried, request);
            }
        }
        let (draft, delivery) = self.answer(&party, route, request, event);
        let answer = draft.render();
        self.note_answer(number, &draft, &answer);
        let mut reply = Reply {
            answer,
            event: None,
            party: party.clone(),
            authorization_response: false,
            delivery,
        };
        if request.actor != Actor::Attacker
            && let Some((kind, answer_fields)) = self.answer_event(&draft, request, &parameters)
        {
            let event = self.record_answer(
                Some(&party),
                kind,
                answer_fields,
                draft.deviations.clone(),
                false,
                Some(number),
            );
            reply.event = Some(event);
            reply.authorization_response = kind == EventKind::AuthorizationResponse;
        }
        reply
    }

    fn answer(
        &mut self,
        party: &str,
        route: Route,
        request: &HttpRequest,
        event: usize,
    ) -> (Draft, ResponseDelivery) {
        let draft = match route {
            Route::Authorization => return self.answer_authorization(party, request, event),
            Route::Prm(location) => self.answer_prm(party, location, request, event),
            Route::Metadata(place) => self.answer_metadata(party, place, event),
            Route::Token => self.answer_token(party, request, event),
            Route::Registration => self.answer_registration(party, request, event),
            Route::Mcp => self.answer_mcp(party, request, event),
            Route::Jwks => {
                let key = if self.is_hostile(party) {
                    super::keys::HOSTILE
                } else {
                    super::keys::HONEST
                };
                Draft::json(200, key.key_set(), "keys")
            }
            Route::Site => Draft::page(200, "a web site"),
            Route::Unknown => Draft::not_found(),
        };
        (draft, ResponseDelivery::default())
    }

    // ------------------------------------------------------------ routing

    /// The party and place that a request is for. Of several parties on one origin the one that
    /// serves the path.
    fn route(&self, origin: &str, request: &HttpRequest) -> (String, Route) {
        let here: Vec<&PartyState> = self
            .parties
            .values()
            .filter(|p| p.origin == origin)
            .collect();
        let path = request.path();
        let candidates = here.iter().filter_map(|p| Some((route_at(p, path)?, *p)));
        let best = candidates.min_by_key(|((_, served), p)| (!served, p.party.hosted_on.is_some()));
        if let Some(((route, _), party)) = best {
            return (party.party.name.clone(), route);
        }
        let owner = here
            .iter()
            .find(|p| p.party.hosted_on.is_none())
            .or(here.first());
        let name = owner.map(|p| p.party.name.clone()).unwrap_or_default();
        let server = here
            .iter()
            .find(|p| matches!(p.work, Work::AuthorizationServer(_)));
        match server {
            // a well-known name that no specification gives to MCP
            Some(server)
                if path.contains("/.well-known/")
                    && !path.contains("oauth-protected-resource")
                    && !is_well_known(path) =>
            {
                (server.party.name.clone(), Route::Metadata(None))
            }
            _ => (name, Route::Unknown),
        }
    }

    // ------------------------------------------------------------ events

    fn fields_of(
        &mut self,
        party: &str,
        route: Route,
        request: &HttpRequest,
        parameters: &Parameters,
    ) -> Fields {
        let mut out = self.request_fields(
            party,
            route != Route::Unknown && route != Route::Metadata(None),
            request,
        );
        match route {
            Route::Prm(location) => out.extend(fields([("location", json!(location))])),
            Route::Metadata(place) => out.extend(fields([(
                "location",
                json!(place.map_or("other", MetadataPlace::as_str)),
            )])),
            Route::Authorization => {
                out.extend(self.authorization_fields(party, request, parameters))
            }
            Route::Token => out.extend(self.token_fields(party, request, parameters)),
            Route::Registration => out.extend(Self::registration_fields(request)),
            Route::Mcp => out.extend(Self::mcp_fields(request)),
            Route::Jwks | Route::Site | Route::Unknown => {}
        }
        out
    }

    /// Names of the setting deviations whose party is connected to for the first time.
    fn first_connection(&self, party: &str) -> Vec<String> {
        if self
            .events
            .iter()
            .any(|e| e.kind.is_request() && e.party.as_deref() == Some(party))
        {
            return Vec::new();
        }
        self.setting_deviations
            .iter()
            .filter(|(_, at)| at.iter().any(|p| p == party))
            .map(|(name, _)| name.clone())
            .collect()
    }

    /// A code verifier is the client's own secret, seen for the first time when it is sent.
    fn see_clients_secrets(&mut self, party: &str, route: Route, parameters: &Parameters) {
        let (Route::Token, Some(verifier)) = (route, parameters.filled("code_verifier")) else {
            return;
        };
        let resource = parameters.filled("resource").map(str::to_owned);
        let audience = self.audience(party, resource.as_deref());
        let verifier = verifier.to_owned();
        self.issue(party, "code_verifier", &verifier, audience);
    }

    /// The event of an answer, if it is one that scenarios know.
    fn answer_event(
        &self,
        draft: &Draft,
        request: &HttpRequest,
        parameters: &Parameters,
    ) -> Option<(EventKind, Fields)> {
        let mcp = Self::mcp_fields(request);
        let rpc = mcp.get("rpc").cloned().unwrap_or_default();
        let status = ("status", json!(draft.status));
        let member = |name: &str| json!(draft.member(name));
        Some(match draft.message? {
            Message::Metadata => (
                EventKind::Metadata,
                fields([status, ("location", json!(draft.place))]),
            ),
            Message::Prm => (
                EventKind::Prm,
                fields([status, ("location", json!(draft.place))]),
            ),
            Message::RegistrationResponse => (
                EventKind::RegistrationResponse,
                fields([status, ("error", member("error"))]),
            ),
            Message::TokenResponse => {
                let grant = json!(parameters.get("grant_type"));
                (
                    EventKind::TokenResponse,
                    fields([status, ("error", member("error")), ("grant_type", grant)]),
                )
            }
            Message::AuthorizationResponse => {
                let sent = match &draft.content {
                    Content::Redirect { parameters, .. } => parameters
                        .iter()
                        .map(|p| (p.name.clone(), p.value.clone()))
                        .collect(),
                    _ => Vec::new(),
                };
                (
                    EventKind::AuthorizationResponse,
                    oauth_fields(&Parameters(sent)),
                )
            }
            Message::Challenge => {
                let scheme = matches!(draft.content, Content::Challenge { shown: true, .. })
                    .then_some("Bearer");
                let event = fields([
                    status,
                    ("scheme", json!(scheme)),
                    ("error", member("error")),
                    ("scope", member("scope")),
                    ("rpc", rpc),
                ]);
                (EventKind::Challenge, event)
            }
            Message::McpResponse => (
                EventKind::McpResponse,
                fields([
                    status,
                    ("rpc", rpc),
                    ("tool", mcp.get("tool").cloned().unwrap_or_default()),
                ]),
            ),
        })
    }

    fn note_answer(&mut self, number: usize, draft: &Draft, answer: &HttpAnswer) {
        if let Some(exchange) = self.exchanges.get_mut(number) {
            exchange.status = answer.transport.is_none().then_some(answer.status);
            exchange.answer_headers = answer.headers.clone();
            exchange.answer_body = kept(&answer.body);
            exchange.note = draft.note.clone();
        }
    }
}

/// The place of a party that a path is for, and whether something is served there.
fn route_at(party: &PartyState, path: &str) -> Option<(Route, bool)> {
    match (&party.party.role, &party.work) {
        (
            Role::AuthorizationServer(settings) | Role::IdentityProvider(settings),
            Work::AuthorizationServer(state),
        ) => {
            let paths = &state.paths;
            let below = path
                .strip_prefix(&paths.authorization)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            if below {
                return Some((Route::Authorization, true));
            }
            let endpoints = [
                (&paths.token, Route::Token),
                (&paths.registration, Route::Registration),
                (&paths.jwks, Route::Jwks),
            ];
            if let Some((_, route)) = endpoints.into_iter().find(|(p, _)| *p == path) {
                return Some((route, true));
            }
            let place = MetadataPlace::ALL
                .iter()
                .copied()
                .find(|place| metadata_path(*place, &settings.issuer_path) == path)?;
            Some((
                Route::Metadata(Some(place)),
                settings.metadata_at.contains(&place),
            ))
        }
        (Role::McpServer(settings), _) => {
            if path == settings.path || settings.path.is_empty() && path == "/" {
                return Some((Route::Mcp, true));
            }
            let listed = settings
                .prm_at
                .iter()
                .find(|place| prm_path(place, &settings.path) == path);
            if let Some(place) = listed {
                return Some((Route::Prm(place_word(place)), true));
            }
            let usual = [PrmPlace::Path, PrmPlace::Root];
            let place = usual
                .iter()
                .find(|place| prm_path(place, &settings.path) == path)?;
            Some((Route::Prm(place_word(place)), false))
        }
        (Role::WebSite, _) => Some((Route::Site, true)),
        _ => None,
    }
}

/// The well-known names that MCP clients may ask for at an authorization server.
fn is_well_known(path: &str) -> bool {
    path.contains("/.well-known/oauth-authorization-server")
        || path.contains("/.well-known/openid-configuration")
}

fn asked(party: &str, request: &HttpRequest) -> Exchange {
    Exchange {
        actor: request.actor,
        thief: None,
        party: Some(party.to_owned()),
        method: request.method.clone(),
        target: request.target.clone(),
        headers: request.headers.clone(),
        body: kept(&request.body),
        status: None,
        answer_headers: Vec::new(),
        answer_body: String::new(),
        note: String::new(),
    }
}

fn kept(body: &str) -> String {
    let mut end = body.len().min(KEPT_BODY);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    body[..end].to_owned()
}

fn text_list(from: &Fields, name: &str) -> Vec<String> {
    from.get(name)
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .map(str::to_owned)
        .collect()
}
