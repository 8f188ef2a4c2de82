//! The attacker's hand: a hostile party *uses* what it catches, at the honest servers, through
//! their front door.
//!
//! Its requests take the same way as anybody's and meet the same checks; what succeeds is recorded
//! as `attacker-gain`.

use serde_json::json;

use super::http::{HttpRequest, Parameters};
use super::observe::{basic_credentials, fields, form_decoded};
use super::state::State;
use crate::scenario::model::EventKind;
use crate::transcript::Actor;

impl State {
    /// Uses every secret of honest parties that this request brought to the hostile party `thief`.
    pub(crate) fn use_loot(&mut self, thief: &str, carried: &[String], request: &HttpRequest) {
        self.thief = Some(thief.to_owned());
        for tag in carried {
            let Some(secret) = self.secrets.iter().find(|s| &s.tag() == tag) else {
                continue;
            };
            let Some((owner, kind)) = secret.name.split_once('.') else {
                continue;
            };
            let (owner, kind, value) = (owner.to_owned(), kind.to_owned(), secret.value.clone());
            if self.is_hostile(&owner) {
                continue;
            }
            match kind.as_str() {
                "code" if self.first_try(tag, "redeem") => {
                    self.redeem_stolen(thief, &owner, &value, request)
                }
                "access_token" if self.first_try(tag, "replay") => self.replay(thief, &value),
                "refresh_token" if self.first_try(tag, "refresh") => {
                    self.refresh_stolen(thief, &owner, &value, request)
                }
                "client_secret" if self.first_try(tag, "impersonate") => {
                    self.impersonate(thief, &owner, &value, request)
                }
                _ => {}
            }
        }
    }

    fn first_try(&mut self, tag: &str, attempt: &'static str) -> bool {
        self.tried.insert((tag.to_owned(), attempt))
    }

    /// Registers a client of the attacker's own with the victim's redirect URI.
    pub(crate) fn register_as_attacker(
        &mut self,
        thief: &str,
        at: &str,
        redirect_uri: &str,
    ) -> Option<String> {
        self.thief = Some(thief.to_owned());
        let body = json!({"redirect_uris": [redirect_uri], "token_endpoint_auth_method": "none", "client_name": "A friendly client"});
        let target = path_of(&self.address(at, "registration_endpoint"))?;
        let request = HttpRequest {
            method: "POST".to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string(),
            ..HttpRequest::get(Actor::Attacker, &target)
        };
        let answer = self.handle_at(at, &request);
        let document: serde_json::Value = serde_json::from_str(&answer.body).ok()?;
        document.get("client_id")?.as_str().map(str::to_owned)
    }

    /// A stolen code: redeemed with whatever came along with it, then the token is used.
    fn redeem_stolen(&mut self, thief: &str, owner: &str, code: &str, request: &HttpRequest) {
        let Some(record) = self.code_anywhere(code).cloned() else {
            return;
        };
        let sent = request.form_parameters();
        let mut form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", code.to_owned()),
            ("redirect_uri", record.redirect_uri),
            ("client_id", record.client_id),
        ];
        form.extend(
            sent.filled("code_verifier")
                .map(|v| ("code_verifier", v.to_owned())),
        );
        form.extend(record.requested_resource.map(|r| ("resource", r)));
        form.extend(stolen_secret(request, &sent).map(|s| ("client_secret", s)));
        if let Some(token) = self.ask_for_token(owner, &form) {
            self.gain(thief, "code-redeemed", owner);
            self.replay(thief, &token);
        }
    }

    fn refresh_stolen(&mut self, thief: &str, owner: &str, token: &str, request: &HttpRequest) {
        let Some(record) = self.refresh_anywhere(token).cloned() else {
            return;
        };
        let mut form = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", token.to_owned()),
            ("client_id", record.client_id),
        ];
        form.extend(
            stolen_secret(request, &request.form_parameters()).map(|s| ("client_secret", s)),
        );
        if let Some(token) = self.ask_for_token(owner, &form) {
            self.gain(thief, "token-refreshed", owner);
            self.replay(thief, &token);
        }
    }

    /// Signs in as the client: an honest server that knows the credentials complains about the
    /// code, not about the client.
    fn impersonate(&mut self, thief: &str, owner: &str, secret: &str, request: &HttpRequest) {
        let sent = request.form_parameters();
        let id = sent
            .filled("client_id")
            .map(str::to_owned)
            .or_else(|| basic_credentials(request).map(|(id, _)| form_decoded(&id)));
        let Some(id) = id else { return };
        let form = [
            ("grant_type", "authorization_code".to_owned()),
            ("code", "a code that the attacker made up".to_owned()),
            ("client_id", id),
            ("client_secret", secret.to_owned()),
        ];
        if self
            .post_form(owner, &form)
            .is_some_and(|answer| answer.body.contains("invalid_grant"))
        {
            self.gain(thief, "client-impersonated", owner);
        }
    }

    /// Uses an access token at every honest MCP server.
    fn replay(&mut self, thief: &str, token: &str) {
        let servers: Vec<String> = self
            .parties
            .values()
            .filter(|p| !p.party.hostile)
            .map(|p| p.party.name.clone())
            .collect();
        for server in servers
            .into_iter()
            .filter(|s| self.mcp_server_settings(s).is_some())
            .collect::<Vec<_>>()
        {
            let Some(target) = path_of(&self.address(&server, "url")) else {
                continue;
            };
            let request = HttpRequest {
                method: "POST".to_owned(),
                headers: vec![
                    ("content-type".to_owned(), "application/json".to_owned()),
                    (
                        "accept".to_owned(),
                        "application/json, text/event-stream".to_owned(),
                    ),
                    ("authorization".to_owned(), format!("Bearer {token}")),
                ],
                body: self.list_tools(),
                ..HttpRequest::get(Actor::Attacker, &target)
            };
            let answer = self.handle_at(&server, &request);
            if answer.status == 200 && answer.body.contains("\"tools\"") {
                self.gain(thief, "token-replayed", &server);
            }
        }
    }

    fn list_tools(&self) -> String {
        let mut message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}});
        if self.revision >= crate::scenario::model::Revision::July2026 {
            let meta = json!({"io.modelcontextprotocol/protocolVersion": self.revision, "io.modelcontextprotocol/clientCapabilities": {}});
            message["params"] = json!({"_meta": meta});
        }
        message.to_string()
    }

    fn ask_for_token(&mut self, owner: &str, form: &[(&str, String)]) -> Option<String> {
        let answer = self.post_form(owner, form)?;
        let document: serde_json::Value = serde_json::from_str(&answer.body).ok()?;
        document.get("access_token")?.as_str().map(str::to_owned)
    }

    fn post_form(
        &mut self,
        owner: &str,
        form: &[(&str, String)],
    ) -> Option<super::http::HttpAnswer> {
        let target = path_of(&self.address(owner, "token_endpoint"))?;
        let request = HttpRequest {
            method: "POST".to_owned(),
            headers: vec![(
                "content-type".to_owned(),
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(form)
                .finish(),
            ..HttpRequest::get(Actor::Attacker, &target)
        };
        Some(self.handle_at(owner, &request))
    }

    fn gain(&mut self, thief: &str, what: &str, from: &str) {
        self.record(
            Some(thief),
            EventKind::AttackerGain,
            fields([("what", json!(what)), ("from", json!(from))]),
        );
    }
}

fn stolen_secret(request: &HttpRequest, sent: &Parameters) -> Option<String> {
    sent.filled("client_secret")
        .map(str::to_owned)
        .or_else(|| basic_credentials(request).map(|(_, secret)| form_decoded(&secret)))
}

/// Path and query of an address.
fn path_of(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    Some(
        url.query()
            .map_or_else(|| url.path().to_owned(), |q| format!("{}?{q}", url.path())),
    )
}
