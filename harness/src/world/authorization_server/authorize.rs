//! The authorization endpoint: consents at once and sends the browser back, with `iss` (RFC 9207)
//! on success and on error.

use super::super::deviate::Forgery;
use super::super::http::{Content, Draft, HttpRequest, Parameter, Parameters};
use super::super::observe::{fields, oauth_fields};
use super::super::state::State;
use super::{Client, Code};
use crate::scenario::model::{
    Action, Consent, EventKind, IssParameter, Message, Moment, Pkce, ResourceIndicators,
};
use crate::transcript::Actor;

/// What the browser is to do besides following the answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct ResponseDelivery {
    /// Visits before the real response: the response's event and its address.
    pub(crate) before: Vec<(usize, String)>,
    /// Visits after the real response.
    pub(crate) after: Vec<(usize, String)>,
    /// The real response is not followed.
    pub(crate) instead: bool,
    /// Wait until each of these authorization servers has a response pending, then change places.
    pub(crate) cross: Vec<String>,
}

impl State {
    /// The answer of the authorization endpoint, and what else the browser shall do.
    pub(crate) fn answer_authorization(
        &mut self,
        party: &str,
        request: &HttpRequest,
        event: usize,
    ) -> (Draft, ResponseDelivery) {
        let parameters = if request.method == "POST" {
            request.form_parameters()
        } else {
            request.query_parameters()
        };
        if let Some(relayed) = self.relay(party, &parameters, event) {
            return (relayed, ResponseDelivery::default());
        }
        if let Some(own) = self.own_answer(party, Message::AuthorizationResponse, "", event) {
            return (own, ResponseDelivery::default());
        }
        self.fetch_client_document(
            party,
            request.actor,
            parameters.get("client_id").unwrap_or_default(),
        );
        let (client, redirect_uri) = match self.redirectable(party, &parameters) {
            Ok(found) => found,
            Err(problem) => return (Draft::page(400, problem), ResponseDelivery::default()),
        };
        let outcome = self.authorize(party, request.actor, &client, &redirect_uri, &parameters);
        let mut answer: Vec<(&str, String)> = match &outcome {
            Ok(code) => vec![("code", code.clone())],
            Err((error, description)) => vec![
                ("error", (*error).to_owned()),
                ("error_description", (*description).to_owned()),
            ],
        };
        answer.extend(
            parameters
                .get("state")
                .map(|state| ("state", state.to_owned())),
        );
        if self
            .authorization_server_settings(party)
            .is_some_and(|s| s.iss != IssParameter::Off)
        {
            answer.push(("iss", self.address(party, "issuer")));
        }
        let real: Vec<Parameter> = answer
            .into_iter()
            .map(|(name, value)| Parameter {
                name: name.to_owned(),
                value,
                raw: false,
            })
            .collect();
        // what only a browser can be made to do does not happen to a client that asks for itself
        let by_browser = matches!(request.actor, Actor::UserAgent | Actor::Relayed);
        let script = if by_browser {
            self.script(party, &client, &redirect_uri, &real, event)
        } else {
            ResponseDelivery::default()
        };
        let note = outcome.map_or_else(|(_, description)| description, |_| "consent given at once");
        let draft = Draft::new(
            302,
            Content::Redirect {
                to: redirect_uri,
                parameters: real,
            },
            note,
        );
        let mut draft = self.deviate(
            party,
            event,
            draft.of_kind(Message::AuthorizationResponse, ""),
        );
        if !script.cross.is_empty() {
            draft.deviations.extend(
                self.behaviours(party, event)
                    .into_iter()
                    .map(|i| self.applied(i)),
            );
        }
        (draft, script)
    }

    /// The client, and where the browser may be sent back to: a client with one registered redirect
    /// URI need not name it (OAuth 2.1 section 2.3.2).
    fn redirectable(
        &self,
        party: &str,
        parameters: &Parameters,
    ) -> Result<(Client, String), &'static str> {
        let id = parameters.filled("client_id").ok_or("no client_id")?;
        let client = self.client(party, id).ok_or("unknown client")?;
        match (
            parameters.filled("redirect_uri"),
            client.redirect_uris.as_deref(),
        ) {
            (Some(uri), _) if client.allows(uri) => Ok((client.clone(), uri.to_owned())),
            (Some(_), _) => Err("this redirect_uri is not registered"),
            (None, Some([only])) => Ok((client.clone(), only.clone())),
            (None, _) => Err("no redirect_uri"),
        }
    }

    /// Checks the request and makes a code.
    fn authorize(
        &mut self,
        party: &str,
        actor: Actor,
        client: &Client,
        redirect_uri: &str,
        parameters: &Parameters,
    ) -> Result<String, (&'static str, &'static str)> {
        let settings = self
            .authorization_server_settings(party)
            .ok_or(("server_error", "no such server"))?
            .clone();
        let twice = parameters.duplicates();
        if !twice.is_empty() {
            return Err(("invalid_request", "a parameter occurs twice"));
        }
        if parameters.get("response_type") != Some("code") {
            return Err(("unsupported_response_type", "only response_type=code"));
        }
        let challenge = parameters.filled("code_challenge").map(str::to_owned);
        if settings.pkce == Pkce::Required
            && (challenge.is_none() || parameters.get("code_challenge_method") != Some("S256"))
        {
            return Err(("invalid_request", "PKCE with S256 is required"));
        }
        let requested = parameters.filled("resource").map(str::to_owned);
        let audience =
            self.grant_audience(party, requested.as_deref(), settings.resource_indicators)?;
        if settings.consent == Consent::Denied {
            return Err(("access_denied", "the user said no"));
        }
        let scope = match parameters.filled("scope") {
            Some(scope) => scope.to_owned(),
            None => self.default_scope(party),
        };
        let consented = |word: &&str| {
            settings
                .granted_scopes
                .as_ref()
                .is_none_or(|granted| granted.iter().any(|g| g == word))
        };
        let scope = scope
            .split(' ')
            .filter(consented)
            .collect::<Vec<_>>()
            .join(" ");
        // a relayed browser brings the client's own request here: the client's view is its own
        // request, not the relay's
        let in_clients_view = if actor == Actor::Relayed {
            None
        } else {
            requested.clone()
        };
        let code = format!("{party}-code-{}", self.random.hex());
        if actor != Actor::Attacker {
            let audience = self.audience(party, in_clients_view.as_deref());
            self.issue(party, "code", &code, audience);
        }
        let record = Code {
            client_id: client.id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            challenge,
            requested_resource: in_clients_view,
            audience,
            scope,
            used: false,
            by: actor,
            attackers: false,
        };
        if let Some(server) = self.authorization_server_mut(party) {
            server.codes.insert(code.clone(), record);
        }
        Ok(code)
    }

    /// The audience that a token gets (RFC 8707): the requested resource, if the server knows it.
    pub(super) fn grant_audience(
        &self,
        party: &str,
        requested: Option<&str>,
        indicators: ResourceIndicators,
    ) -> Result<String, (&'static str, &'static str)> {
        let servers = self.resources_of(party);
        let default = servers.first().map_or_else(
            || self.address(party, "issuer"),
            |s| self.address(s, "resource"),
        );
        match requested.filter(|_| indicators == ResourceIndicators::Enforced) {
            None => Ok(default),
            // a hostile server is glad of any resource
            Some(requested) if self.is_hostile(party) => Ok(requested.to_owned()),
            Some(requested) => servers
                .iter()
                .find(|s| {
                    [self.address(s, "resource"), self.address(s, "url")]
                        .iter()
                        .any(|known| same_resource(known, requested))
                })
                .map(|s| self.address(s, "resource"))
                .ok_or(("invalid_target", "this resource is not known here")),
        }
    }

    pub(super) fn default_scope(&self, party: &str) -> String {
        let servers = self.resources_of(party);
        servers
            .iter()
            .find_map(|s| self.mcp_server_settings(s)?.challenge_scope.clone())
            .unwrap_or_default()
    }

    /// `relay-browser`: sends the browser on to another server's authorization endpoint, parameters
    /// kept.
    fn relay(&mut self, party: &str, parameters: &Parameters, event: usize) -> Option<Draft> {
        let (index, to, resource) = self.behaviours(party, event).into_iter().find_map(|i| {
            match &self.deviations[i].deviation.action {
                Action::RelayBrowser { to, resource } => Some((i, to.clone(), resource.clone())),
                _ => None,
            }
        })?;
        let resource = resource.and_then(|template| self.resolver().text(&template));
        let client_id = self.client_id_at(party, &to, parameters);
        let kept = parameters.0.iter().map(|(name, value)| {
            let value = match name.as_str() {
                "resource" => resource.clone().unwrap_or_else(|| value.clone()),
                "client_id" => client_id.clone(),
                _ => value.clone(),
            };
            Parameter {
                name: name.clone(),
                value,
                raw: false,
            }
        });
        let mut kept: Vec<Parameter> = kept.collect();
        if let (Some(resource), None) = (&resource, parameters.get("resource")) {
            kept.push(Parameter {
                name: "resource".to_owned(),
                value: resource.clone(),
                raw: false,
            });
        }
        let endpoint = self.address(&to, "authorization_endpoint");
        let mut draft = Draft::new(
            302,
            Content::Redirect {
                to: endpoint,
                parameters: kept,
            },
            format!("sends the browser on to `{to}`"),
        )
        .of_kind(Message::AuthorizationResponse, "");
        self.relayed_to
            .extend(draft.render().header("location").map(str::to_owned));
        draft.deviations.push(self.applied(index));
        Some(draft)
    }

    /// The client ID under which the attacker's relay works at the other server: the same, or one
    /// that the attacker registers there with the client's redirect URI.
    fn client_id_at(&mut self, party: &str, to: &str, parameters: &Parameters) -> String {
        let id = parameters.get("client_id").unwrap_or_default().to_owned();
        if self.client(to, &id).is_some() {
            return id;
        }
        self.register_as_attacker(
            party,
            to,
            parameters.get("redirect_uri").unwrap_or_default(),
        )
        .unwrap_or(id)
    }

    /// Indices of the behaviours that concern this authorization response.
    fn behaviours(&self, party: &str, event: usize) -> Vec<usize> {
        let is_behaviour = |i: &usize| {
            !matches!(
                self.deviations[*i].deviation.action,
                Action::Patch(_) | Action::Settings(_)
            )
        };
        let mut found: Vec<usize> = self
            .matching(party, Message::AuthorizationResponse, "", event)
            .into_iter()
            .filter(is_behaviour)
            .collect();
        // crossing concerns both responses, whichever of the two servers `at` names
        let crosses = |i: &usize| match &self.deviations[*i].deviation.action {
            Action::CrossResponses { between } => {
                between.iter().any(|p| p == party) && !found.contains(i)
            }
            _ => false,
        };
        let partners: Vec<usize> = (0..self.deviations.len()).filter(crosses).collect();
        found.extend(partners);
        found
    }

    fn applied(&mut self, index: usize) -> String {
        self.deviations[index].applied += 1;
        self.deviations[index].deviation.name.clone()
    }

    /// `extra-callback` and `cross-responses`: what the browser is to do besides.
    fn script(
        &mut self,
        party: &str,
        client: &Client,
        redirect_uri: &str,
        real: &[Parameter],
        event: usize,
    ) -> ResponseDelivery {
        let mut script = ResponseDelivery::default();
        for index in self.behaviours(party, event) {
            match self.deviations[index].deviation.action.clone() {
                Action::ExtraCallback {
                    moment,
                    set,
                    remove,
                    append,
                } => {
                    self.make_attackers_code(party, client, redirect_uri);
                    let parameters = self.forged(
                        real,
                        &Forgery {
                            set,
                            remove,
                            append,
                        },
                    );
                    let name = self.applied(index);
                    let mut event = oauth_fields(&Parameters(
                        parameters
                            .iter()
                            .map(|p| (p.name.clone(), p.value.clone()))
                            .collect(),
                    ));
                    event.extend(fields([("copy", serde_json::json!(true))]));
                    let event = self.record_answer(
                        Some(party),
                        EventKind::AuthorizationResponse,
                        event,
                        vec![name],
                        false,
                        None,
                    );
                    let content = Content::Redirect {
                        to: redirect_uri.to_owned(),
                        parameters,
                    };
                    let visit = Draft::new(302, content, "")
                        .render()
                        .header("location")
                        .unwrap_or_default()
                        .to_owned();
                    match moment {
                        Moment::After => script.after.push((event, visit)),
                        Moment::Before | Moment::Instead => script.before.push((event, visit)),
                    }
                    script.instead |= moment == Moment::Instead;
                }
                Action::CrossResponses { between } => script.cross = between,
                _ => {}
            }
        }
        script
    }

    /// A code that the attacker got for its own account, for the victim's client.
    fn make_attackers_code(&mut self, party: &str, client: &Client, redirect_uri: &str) {
        let code = format!("{party}-attackers-code-{}", self.random.hex());
        self.issue(party, "attackers_code", &code, Vec::new());
        let audience = self
            .grant_audience(party, None, ResourceIndicators::Ignored)
            .unwrap_or_default();
        let record = Code {
            client_id: client.id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            challenge: Some(super::super::observe::s256(&code)),
            requested_resource: None,
            audience,
            scope: self.default_scope(party),
            used: false,
            by: Actor::Attacker,
            attackers: true,
        };
        if let Some(server) = self.authorization_server_mut(party) {
            server.codes.insert(code, record);
        }
    }
}

/// Equal but for the case of scheme and host and a final slash, which resource identifiers may be
/// written with (position 10, 11).
fn same_resource(known: &str, requested: &str) -> bool {
    let canonical =
        |text: &str| url::Url::parse(text).map(|u| u.to_string().trim_end_matches('/').to_owned());
    known == requested
        || matches!((canonical(known), canonical(requested)), (Ok(a), Ok(b)) if a == b)
}
