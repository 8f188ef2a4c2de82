//! The token endpoint: authorization_code and refresh_token grants, strict unless the party is
//! hostile.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value as Json, json};

use super::super::http::{Draft, HttpRequest, Parameters};
use super::super::keys::{Claims, HONEST, HOSTILE};
use super::super::observe::{fields, s256};
use super::super::state::State;
use super::{AccessToken, Client, Code, RefreshToken};
use crate::scenario::model::{
    EventKind, Grant, Message, Pkce, Refresh, ResourceIndicators, TokenFormat,
};
use crate::transcript::Actor;

/// Seconds until an access token expires by itself. Expiry in scenarios is declared by the world,
/// never waited for.
const LIFETIME: u64 = 3600;

/// OAuth error code and description.
type Refusal = (&'static str, &'static str);

/// What a token is made from.
struct Granted {
    client_id: String,
    audience: String,
    scope: String,
    requested_resource: Option<String>,
    grant: usize,
    /// Whether a refresh token belongs to it.
    refreshable: bool,
}

impl State {
    /// The answer of the token endpoint.
    pub(crate) fn answer_token(
        &mut self,
        party: &str,
        request: &HttpRequest,
        event: usize,
    ) -> Draft {
        if let Some(own) = self.own_answer(party, Message::TokenResponse, "", event) {
            return own;
        }
        let draft = match self.token(party, request) {
            Ok(document) => Draft::json(200, document, "tokens issued"),
            Err((error, description)) => {
                let status = if error == "invalid_client" { 401 } else { 400 };
                let draft = Draft::json(
                    status,
                    json!({"error": error, "error_description": description}),
                    description,
                );
                if status == 401 {
                    draft.with_header("WWW-Authenticate", "Basic realm=\"token endpoint\"")
                } else {
                    draft
                }
            }
        };
        self.deviate(party, event, draft.of_kind(Message::TokenResponse, ""))
    }

    fn token(&mut self, party: &str, request: &HttpRequest) -> Result<Json, Refusal> {
        if request.method != "POST"
            || request.content_type().as_deref() != Some("application/x-www-form-urlencoded")
        {
            return Err(("invalid_request", "a token request is a POST of a form"));
        }
        let parameters = request.form_parameters();
        if !parameters.duplicates().is_empty() {
            return Err(("invalid_request", "a parameter occurs twice"));
        }
        let client = match self.authenticate(party, request, &parameters) {
            Ok(client) => client,
            Err(_) if self.is_hostile(party) => Client {
                id: parameters.get("client_id").unwrap_or("anyone").to_owned(),
                kind: super::ClientKind::Unknown,
                redirect_uris: None,
                secret: None,
                keys: None,
                auth: None,
            },
            Err(problem) => return Err(("invalid_client", problem)),
        };
        let offered = |state: &Self, grant| {
            state
                .authorization_server_settings(party)
                .is_some_and(|s| s.grants.contains(&grant))
        };
        let granted = match parameters.get("grant_type") {
            Some("authorization_code") if offered(self, Grant::AuthorizationCode) => {
                self.redeem(party, &client, &parameters)?
            }
            Some("client_credentials") if offered(self, Grant::ClientCredentials) => {
                self.of_its_own(party, &client, &parameters)?
            }
            Some("refresh_token") if offered(self, Grant::RefreshToken) => {
                return self.refresh(party, request.actor, &client, &parameters);
            }
            _ => return Err(("unsupported_grant_type", "this grant is not offered")),
        };
        self.hand_out(party, request.actor, granted, None)
    }

    /// Redeems a code: single use, bound to client, redirect URI, challenge and resource.
    fn redeem(
        &mut self,
        party: &str,
        client: &Client,
        parameters: &Parameters,
    ) -> Result<Granted, Refusal> {
        let value = parameters
            .filled("code")
            .ok_or(("invalid_request", "no code"))?;
        let settings = self
            .authorization_server_settings(party)
            .ok_or(("server_error", "no such server"))?
            .clone();
        let known = self
            .authorization_server(party)
            .and_then(|s| s.codes.get(value))
            .cloned();
        let code = match known {
            Some(code) => code,
            // a hostile server is glad of any code
            None if self.is_hostile(party) => {
                let audience = self
                    .resources_of(party)
                    .first()
                    .map(|s| self.address(s, "resource"))
                    .unwrap_or_default();
                let (client_id, scope) = (client.id.clone(), String::new());
                Code {
                    client_id,
                    redirect_uri: parameters
                        .get("redirect_uri")
                        .unwrap_or_default()
                        .to_owned(),
                    challenge: parameters.get("code_verifier").map(s256),
                    requested_resource: parameters.filled("resource").map(str::to_owned),
                    audience,
                    scope,
                    used: false,
                    by: Actor::Client,
                    attackers: false,
                }
            }
            None => return Err(("invalid_grant", "this code was not issued here")),
        };
        if code.used {
            return Err(("invalid_grant", "this code was used before"));
        }
        if code.client_id != client.id {
            return Err(("invalid_grant", "this code belongs to another client"));
        }
        if parameters
            .filled("redirect_uri")
            .is_some_and(|uri| uri != code.redirect_uri)
        {
            return Err((
                "invalid_grant",
                "redirect_uri is not that of the authorization request",
            ));
        }
        if settings.pkce == Pkce::Required {
            let verifier = parameters
                .filled("code_verifier")
                .ok_or(("invalid_grant", "no code_verifier"))?;
            if code.challenge.as_deref() != Some(s256(verifier).as_str()) {
                return Err((
                    "invalid_grant",
                    "code_verifier does not match the challenge",
                ));
            }
        }
        let resource = parameters.filled("resource");
        if settings.resource_indicators == ResourceIndicators::Enforced
            && code.requested_resource.is_some()
            && resource.is_some_and(|r| Some(r) != code.requested_resource.as_deref())
        {
            return Err((
                "invalid_target",
                "resource is not that of the authorization request",
            ));
        }
        let server = self
            .authorization_server_mut(party)
            .ok_or(("server_error", "no such server"))?;
        if let Some(stored) = server.codes.get_mut(value) {
            stored.used = true;
        }
        server.grants += 1;
        let grant = server.grants;
        if code.attackers {
            let gain = fields([("what", json!("code-injected")), ("from", json!(party))]);
            self.record(None, EventKind::AttackerGain, gain);
        }
        let requested_resource = code
            .requested_resource
            .or_else(|| resource.map(str::to_owned));
        Ok(Granted {
            client_id: client.id.clone(),
            audience: code.audience,
            scope: code.scope,
            requested_resource,
            grant,
            refreshable: true,
        })
    }

    /// A client that acts for itself: a secret or a key has shown who it is (RFC 6749 section 4.4),
    /// and no refresh token comes of it.
    fn of_its_own(
        &mut self,
        party: &str,
        client: &Client,
        parameters: &Parameters,
    ) -> Result<Granted, Refusal> {
        if client.secret.is_none() && client.keys.is_none() {
            return Err((
                "unauthorized_client",
                "this grant is for confidential clients",
            ));
        }
        let settings = self
            .authorization_server_settings(party)
            .ok_or(("server_error", "no such server"))?
            .clone();
        let requested_resource = parameters.filled("resource").map(str::to_owned);
        let audience = self.grant_audience(
            party,
            requested_resource.as_deref(),
            settings.resource_indicators,
        )?;
        let scope = parameters
            .filled("scope")
            .map_or_else(|| self.default_scope(party), str::to_owned);
        let server = self
            .authorization_server_mut(party)
            .ok_or(("server_error", "no such server"))?;
        server.grants += 1;
        let grant = server.grants;
        Ok(Granted {
            client_id: client.id.clone(),
            audience,
            scope,
            requested_resource,
            grant,
            refreshable: false,
        })
    }

    /// Uses a refresh token; a second use of a replaced one ends the whole grant.
    fn refresh(
        &mut self,
        party: &str,
        actor: Actor,
        client: &Client,
        parameters: &Parameters,
    ) -> Result<Json, Refusal> {
        let value = parameters
            .filled("refresh_token")
            .ok_or(("invalid_request", "no refresh_token"))?
            .to_owned();
        let server = self
            .authorization_server_mut(party)
            .ok_or(("server_error", "no such server"))?;
        let token = server
            .refresh_tokens
            .get(&value)
            .cloned()
            .ok_or(("invalid_grant", "this refresh token was not issued here"))?;
        if token.replaced {
            let family = server
                .refresh_tokens
                .iter()
                .filter(|(_, t)| t.grant == token.grant)
                .map(|(v, _)| v.clone());
            let access = server
                .access_tokens
                .iter()
                .filter(|(_, t)| t.grant == token.grant)
                .map(|(v, _)| v.clone());
            let void: Vec<String> = family.chain(access).collect();
            server.void.extend(void);
            return Err((
                "invalid_grant",
                "this refresh token was used before: the grant is revoked",
            ));
        }
        if server.void.contains(&value) {
            return Err(("invalid_grant", "this refresh token is expired or revoked"));
        }
        if token.client_id != client.id {
            return Err((
                "invalid_grant",
                "this refresh token belongs to another client",
            ));
        }
        let resource = parameters.filled("resource");
        if token.requested_resource.is_some()
            && resource.is_some_and(|r| Some(r) != token.requested_resource.as_deref())
        {
            return Err(("invalid_target", "resource is not that of the grant"));
        }
        let asked = parameters.filled("scope").unwrap_or(&token.scope);
        if asked
            .split(' ')
            .any(|s| !token.scope.split(' ').any(|granted| granted == s))
        {
            return Err(("invalid_scope", "a refresh cannot widen the scope"));
        }
        let granted = Granted {
            client_id: client.id.clone(),
            audience: token.audience,
            scope: asked.to_owned(),
            requested_resource: token.requested_resource,
            grant: token.grant,
            refreshable: true,
        };
        self.hand_out(party, actor, granted, Some(&value))
    }

    /// Makes the tokens and the response that hands them out.
    fn hand_out(
        &mut self,
        party: &str,
        actor: Actor,
        granted: Granted,
        refreshed: Option<&str>,
    ) -> Result<Json, Refusal> {
        let settings = self
            .authorization_server_settings(party)
            .ok_or(("server_error", "no such server"))?
            .clone();
        let access_token = self.mint(party, settings.token_format, &granted)?;
        let refresh_token = match (settings.refresh, refreshed) {
            _ if !granted.refreshable => None,
            (Refresh::None, _) | (Refresh::Kept, Some(_)) => None,
            _ => Some(format!("{party}-refresh-{}", self.random.hex())),
        };
        let mut document =
            json!({"access_token": access_token, "token_type": "Bearer", "expires_in": LIFETIME});
        if let Some(members) = document.as_object_mut() {
            if !granted.scope.is_empty() {
                members.insert("scope".to_owned(), json!(granted.scope));
            }
            if let Some(token) = &refresh_token {
                members.insert("refresh_token".to_owned(), json!(token));
            }
        }
        if actor != Actor::Attacker {
            let audience = self.audience(party, granted.requested_resource.as_deref());
            self.issue(party, "access_token", &access_token, audience.clone());
            // a refresh token is between the client and its authorization server alone
            let servers = audience
                .into_iter()
                .filter(|p| self.authorization_server(p).is_some())
                .collect();
            if let Some(token) = &refresh_token {
                self.issue(party, "refresh_token", token, servers);
            }
        }
        let server = self
            .authorization_server_mut(party)
            .ok_or(("server_error", "no such server"))?;
        let access = AccessToken {
            audience: granted.audience.clone(),
            scope: granted.scope.clone(),
            grant: granted.grant,
        };
        server.access_tokens.insert(access_token, access);
        if let Some(old) = refreshed
            .filter(|_| refresh_token.is_some())
            .and_then(|v| server.refresh_tokens.get_mut(v))
        {
            old.replaced = true;
        }
        if let Some(token) = refresh_token {
            let record = RefreshToken {
                client_id: granted.client_id,
                requested_resource: granted.requested_resource,
                audience: granted.audience,
                scope: granted.scope,
                replaced: false,
                grant: granted.grant,
            };
            server.refresh_tokens.insert(token, record);
        }
        Ok(document)
    }

    fn mint(
        &mut self,
        party: &str,
        format: TokenFormat,
        granted: &Granted,
    ) -> Result<String, Refusal> {
        let unique = self.random.hex();
        match format {
            TokenFormat::Opaque => Ok(format!("{party}-token-{unique}")),
            // every character that RFC 9110 section 11.2 allows, padding last
            TokenFormat::Token68 => Ok(format!(
                "{unique}ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=="
            )),
            TokenFormat::Jwt => {
                let claims = Claims {
                    iss: self.address(party, "issuer"),
                    sub: "the-user".to_owned(),
                    aud: granted.audience.clone(),
                    exp: now() + LIFETIME,
                    iat: now(),
                    jti: unique,
                    client_id: granted.client_id.clone(),
                    scope: granted.scope.clone(),
                };
                let key = if self.is_hostile(party) {
                    HOSTILE
                } else {
                    HONEST
                };
                key.sign(&claims)
                    .map_err(|_| ("server_error", "cannot sign"))
            }
        }
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map(|d| d.as_secs())
        .unwrap_or_default()
}
