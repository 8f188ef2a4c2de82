//! The authorization endpoint: it consents at once and sends the browser back, with `iss` (RFC
//! 9207) on success and on error.

use super::super::client_view::AudienceKind;
use super::super::draft::{Content, Draft, Parameter};
use super::super::http_request::{Parameters, ReceivedRequest};
use super::super::issued_grants::IssuedCode;
use super::super::pkce::s256_challenge;
use super::client::RegisteredClient;
use super::oauth_error::OAuthError;
use super::role::{
    AuthorizationCode, AuthorizationContext, AuthorizationServerRole, KnownResource, is_attacker,
};
use crate::scenario::model::{Consent, IssParameter, Message, Pkce, ResourceIndicators};
use crate::transcript::Actor;

impl AuthorizationServerRole {
    /// The answer of the authorization endpoint.
    pub(super) fn answer_authorization(
        &mut self,
        request: &ReceivedRequest<'_>,
        context: &mut AuthorizationContext<'_>,
    ) -> Draft {
        let parameters = &request.parameters;
        if !self.has_endpoint_query(parameters) {
            return Draft::page(400, "the query of the endpoint's URL is missing");
        }
        let client_id = parameters.get("client_id").unwrap_or_default();
        self.fetch_client_document(request.actor, client_id, context);
        let (client, redirect_uri) = match self.find_redirect(parameters) {
            Ok(found) => found,
            Err(problem) => return Draft::page(400, problem),
        };
        let outcome = self.authorize(request, &client, &redirect_uri, context);
        let mut answer: Vec<(&str, String)> = match &outcome {
            Ok(code) => vec![("code", code.clone())],
            Err((error, description)) => vec![
                ("error", (*error).to_owned()),
                ("error_description", (*description).to_owned()),
            ],
        };
        if let Some(state) = parameters.get("state") {
            answer.push(("state", state.to_owned()));
        }
        if self.settings.iss != IssParameter::Off {
            answer.push(("iss", self.addresses.issuer.clone()));
        }
        let answer = answer.into_iter().map(|(name, value)| Parameter {
            name: name.to_owned(),
            value,
            raw: false,
        });
        let content = Content::Redirect {
            to: redirect_uri,
            parameters: answer.collect(),
        };
        let note = outcome.map_or_else(|(_, description)| description, |_| "consent given at once");
        Draft::new(302, content, note).with_message(Message::AuthorizationResponse)
    }

    /// Whether the request has the query of the endpoint's URL (OAuth 2.1 section 3.1).
    fn has_endpoint_query(&self, parameters: &Parameters) -> bool {
        let query = self.settings.endpoint_query.as_deref().unwrap_or_default();
        let expected = Parameters::parse(query);
        expected.0.iter().all(|pair| parameters.0.contains(pair))
    }

    /// The client, and where the browser may be sent back to: a client with one registered redirect
    /// URI need not name it (OAuth 2.1 section 2.3.2).
    fn find_redirect(
        &self,
        parameters: &Parameters,
    ) -> Result<(RegisteredClient, String), &'static str> {
        let id = parameters.filled("client_id").ok_or("no client_id")?;
        let client = self.find_client(id).ok_or("unknown client")?;
        let registered = client.redirect_uris.as_deref();
        let ports = self.settings.loopback_ports;
        let redirect_uri = match (parameters.filled("redirect_uri"), registered) {
            (Some(uri), _) if client.allows_redirect_uri(uri, ports) => uri.to_owned(),
            (Some(_), _) => return Err("this redirect_uri is not registered"),
            (None, Some([only])) => only.clone(),
            (None, _) => return Err("no redirect_uri"),
        };
        Ok((client, redirect_uri))
    }

    /// Checks the request and makes a code.
    fn authorize(
        &mut self,
        request: &ReceivedRequest<'_>,
        client: &RegisteredClient,
        redirect_uri: &str,
        context: &mut AuthorizationContext<'_>,
    ) -> Result<String, OAuthError> {
        let parameters = &request.parameters;
        self.check_authorization_request(parameters)?;
        let requested = self.requested_resource(parameters, context.resources);
        let requested = requested.map(str::to_owned);
        let audience = self.token_audience(requested.as_deref(), context.resources)?;
        if self.settings.consent == Consent::Denied {
            return Err(("access_denied", "the user said no"));
        }
        let scope = self.consented_scope(parameters, context.resources);
        let code = format!("{}-code-{}", self.name, self.random.draw_hex());
        let code = self.lengthen(code);
        // a relayed browser brings the client's own request here: the client's view is its own
        // request, not the relay's
        let in_clients_view = requested.filter(|_| request.actor != Actor::Relayed);
        if !is_attacker(request.actor) {
            let resource = in_clients_view.as_deref();
            let may_see = context.view.audience(self.id, resource, AudienceKind::All);
            context
                .recorder
                .issue_secret(&self.name, "code", &code, may_see);
        }
        let record = AuthorizationCode {
            client_id: client.id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            challenge: parameters.filled("code_challenge").map(str::to_owned),
            requested_resource: in_clients_view,
            audience,
            scope,
            used: false,
            is_attackers: false,
            bound_to: parameters.filled("dpop_jkt").map(str::to_owned),
        };
        self.store_code(&code, record, request.actor, context);
        Ok(code)
    }

    fn check_authorization_request(&self, parameters: &Parameters) -> Result<(), OAuthError> {
        if parameters.forbidden_repetitions().next().is_some() {
            return Err(("invalid_request", "a parameter occurs twice"));
        }
        if parameters.get("response_type") != Some("code") {
            return Err(("unsupported_response_type", "only response_type=code"));
        }
        let state = parameters.get("state").unwrap_or_default();
        let limit = self.settings.state_limit.map(usize::try_from);
        if limit.is_some_and(|limit| limit.is_ok_and(|limit| state.len() > limit)) {
            return Err(("invalid_request", "state is too long"));
        }
        let uses_s256 = parameters.filled("code_challenge").is_some()
            && parameters.get("code_challenge_method") == Some("S256");
        if self.settings.pkce == Pkce::Required && !uses_s256 {
            return Err(("invalid_request", "PKCE with S256 is required"));
        }
        Ok(())
    }

    /// The requested scope, or the usual one, as far as the user consents to it.
    fn consented_scope(&self, parameters: &Parameters, resources: &[KnownResource]) -> String {
        let requested = parameters.filled("scope").map(str::to_owned);
        let scope = requested.unwrap_or_else(|| default_scope(resources));
        let granted = self.settings.granted_scopes.as_ref();
        let is_granted =
            |word: &&str| granted.is_none_or(|granted| granted.iter().any(|g| g == word));
        let words: Vec<&str> = scope.split(' ').filter(is_granted).collect();
        words.join(" ")
    }

    /// The resource that a token is asked for: of several values the first that this server knows
    /// (RFC 8707 section 2 allows several and lets the server choose).
    pub(super) fn requested_resource<'a>(
        &self,
        parameters: &'a Parameters,
        resources: &[KnownResource],
    ) -> Option<&'a str> {
        let mut values = parameters.all_filled("resource");
        let known = values.find(|value| resources.iter().any(|known| known.is_named(value)));
        known.or(parameters.filled("resource"))
    }

    /// The audience of a token (RFC 8707): the requested resource, if the server knows it.
    pub(super) fn token_audience(
        &self,
        requested: Option<&str>,
        resources: &[KnownResource],
    ) -> Result<String, OAuthError> {
        let indicators = self.settings.resource_indicators;
        let is_named = |known: &&KnownResource, requested: &str| match indicators {
            ResourceIndicators::Exact => known.resource == requested,
            _ => known.is_named(requested),
        };
        match requested.filter(|_| indicators != ResourceIndicators::Ignored) {
            None if indicators == ResourceIndicators::Required => {
                Err(("invalid_target", "resource is missing"))
            }
            None => Ok(self.default_audience(resources)),
            // a hostile server accepts any resource
            Some(requested) if self.hostile => Ok(requested.to_owned()),
            Some(requested) => {
                let known = resources.iter().find(|known| is_named(known, requested));
                known
                    .map(|known| known.resource.clone())
                    .ok_or(("invalid_target", "this resource is not known here"))
            }
        }
    }

    fn default_audience(&self, resources: &[KnownResource]) -> String {
        match resources.first() {
            Some(first) => first.resource.clone(),
            None => self.addresses.issuer.clone(),
        }
    }

    /// Makes a code that the attacker got for its own account, for the victim's client.
    pub(crate) fn issue_attackers_code(
        &mut self,
        client_id: &str,
        redirect_uri: &str,
        context: &mut AuthorizationContext<'_>,
    ) {
        let code = format!("{}-attackers-code-{}", self.name, self.random.draw_hex());
        context
            .recorder
            .issue_secret(&self.name, "attackers_code", &code, Vec::new());
        let record = AuthorizationCode {
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            challenge: Some(s256_challenge(&code)),
            requested_resource: None,
            audience: self.default_audience(context.resources),
            scope: default_scope(context.resources),
            used: false,
            is_attackers: true,
            bound_to: None,
        };
        self.store_code(&code, record, Actor::Attacker, context);
    }

    fn store_code(
        &mut self,
        code: &str,
        record: AuthorizationCode,
        requested_by: Actor,
        context: &mut AuthorizationContext<'_>,
    ) {
        let issued = IssuedCode {
            client_id: record.client_id.clone(),
            redirect_uri: record.redirect_uri.clone(),
            requested_resource: record.requested_resource.clone(),
            requested_by,
        };
        context.issued.codes.insert(code.to_owned(), issued);
        self.memory.codes.insert(code.to_owned(), record);
    }
}

/// The scope of a token when the client asks for none: the one that an MCP server's challenge
/// names.
pub(super) fn default_scope(resources: &[KnownResource]) -> String {
    let mut scopes = resources.iter().map(|known| &known.challenge_scope);
    scopes.find_map(Option::clone).unwrap_or_default()
}

impl KnownResource {
    /// Whether the `resource` parameter's value denotes it.
    pub(super) fn is_named(&self, requested: &str) -> bool {
        is_same_resource(&self.resource, requested) || is_same_resource(&self.url, requested)
    }
}

/// Equal but for the case of scheme and host and a final slash, which resource identifiers may be
/// written with (positions 10 and 11).
fn is_same_resource(known: &str, requested: &str) -> bool {
    let canonical =
        |text: &str| url::Url::parse(text).map(|u| u.to_string().trim_end_matches('/').to_owned());
    known == requested
        || matches!((canonical(known), canonical(requested)), (Ok(a), Ok(b)) if a == b)
}
