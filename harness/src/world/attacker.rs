//! The attacker: a hostile party *uses* what it catches, at the honest servers, through their front
//! door.
//!
//! Its requests take the same way as anybody's and meet the same checks; what succeeds is recorded
//! as `attacker-gain`.

use serde_json::{Value as Json, json};

use super::http_answer::HttpAnswer;
use super::http_request::{HttpRequest, Parameters, ReceivedRequest, decode_form_value};
use super::observe::fields::fields;
use super::party_id::PartyId;
use super::recorder::NewEvent;
use super::sender::Arrival;
use super::world_state::WorldState;
use crate::scenario::model::{EventField, EventKind, Revision};
use crate::transcript::{Haystack, Secret};

/// A secret of an honest party, caught by a hostile one.
struct Loot<'a> {
    thief: PartyId,
    /// The authorization server that issued the secret.
    owner: PartyId,
    value: String,
    /// The request that brought the secret.
    request: &'a ReceivedRequest<'a>,
}

impl WorldState {
    /// Uses every secret of honest parties that this request brought to the hostile party `thief`.
    pub(super) fn use_loot(&mut self, thief: PartyId, request: &ReceivedRequest<'_>) {
        for secret in self.find_carried(request) {
            let Some((owner, kind)) = secret.name.split_once('.') else {
                continue;
            };
            let Some(owner) = self.parties.find(owner) else {
                continue;
            };
            let use_secret = match kind {
                "code" => Self::redeem_stolen_code,
                "access_token" => Self::replay_stolen_token,
                "refresh_token" => Self::use_stolen_refresh_token,
                "client_secret" => Self::impersonate_client,
                "workload_jwt" | "workload_file_jwt" => Self::redeem_stolen_assertion,
                _ => continue,
            };
            if !self.parties.is_hostile(owner) && self.attacker.note_attempt(&secret) {
                let loot = Loot {
                    thief,
                    owner,
                    value: secret.value,
                    request,
                };
                use_secret(self, &loot);
            }
        }
    }

    fn find_carried(&self, request: &ReceivedRequest<'_>) -> Vec<Secret> {
        let http = request.http;
        let header_values = http.headers.iter().map(|(_, value)| value.as_str());
        let texts = header_values.chain([http.target.as_str(), http.body.as_str()]);
        let haystack = Haystack::new(texts);
        let secrets = self.recorder.secrets().iter();
        let carried = secrets.filter(|secret| haystack.contains(&secret.value));
        carried.cloned().collect()
    }

    /// Registers a client of the attacker's own with the victim's redirect URI. Returns its ID.
    pub(super) fn register_as_attacker(
        &mut self,
        thief: PartyId,
        at: PartyId,
        redirect_uri: &str,
    ) -> Option<String> {
        let body = json!({
            "redirect_uris": [redirect_uri],
            "token_endpoint_auth_method": "none",
            "client_name": "A friendly client",
        });
        let path = self
            .parties
            .authorization_server(at)?
            .paths
            .registration
            .clone();
        let request = HttpRequest {
            method: "POST".to_owned(),
            headers: vec![header("content-type", "application/json")],
            body: body.to_string(),
            ..HttpRequest::get(Arrival::Attacker(thief), &path)
        };
        let answer = self.send_as_attacker(at, &request);
        read_member(&answer, "client_id")
    }

    /// Redeems a stolen code with whatever came along with it, then uses the token.
    fn redeem_stolen_code(&mut self, loot: &Loot<'_>) {
        let Some(issued) = self.issued.codes.get(&loot.value).cloned() else {
            return;
        };
        let sent = loot.request.http.form_parameters();
        let mut form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", loot.value.clone()),
            ("redirect_uri", issued.redirect_uri),
            ("client_id", issued.client_id),
        ];
        let verifier = sent.filled("code_verifier").map(str::to_owned);
        form.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        form.extend(issued.requested_resource.map(|r| ("resource", r)));
        form.extend(stolen_secret(loot.request, &sent).map(|s| ("client_secret", s)));
        if let Some(token) = self.request_token(loot, &form) {
            self.record_gain(loot.thief, "code-redeemed", loot.owner);
            self.replay_token(loot.thief, &token);
        }
    }

    fn use_stolen_refresh_token(&mut self, loot: &Loot<'_>) {
        let Some(issued) = self.issued.refresh_tokens.get(&loot.value).cloned() else {
            return;
        };
        let mut form = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", loot.value.clone()),
            ("client_id", issued.client_id),
        ];
        let sent = loot.request.http.form_parameters();
        form.extend(stolen_secret(loot.request, &sent).map(|s| ("client_secret", s)));
        if let Some(token) = self.request_token(loot, &form) {
            self.record_gain(loot.thief, "token-refreshed", loot.owner);
            self.replay_token(loot.thief, &token);
        }
    }

    /// Presents a stolen JWT to the server that it was made for, then uses the token.
    fn redeem_stolen_assertion(&mut self, loot: &Loot<'_>) {
        let grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer".to_owned();
        let form = [
            ("grant_type", grant_type),
            ("assertion", loot.value.clone()),
        ];
        if let Some(token) = self.request_token(loot, &form) {
            self.record_gain(loot.thief, "assertion-redeemed", loot.owner);
            self.replay_token(loot.thief, &token);
        }
    }

    fn replay_stolen_token(&mut self, loot: &Loot<'_>) {
        self.replay_token(loot.thief, &loot.value);
    }

    /// Signs in as the client: an honest server that accepts the credentials complains about the
    /// code, not about the client.
    fn impersonate_client(&mut self, loot: &Loot<'_>) {
        let sent = loot.request.http.form_parameters();
        let id = sent.filled("client_id").map(str::to_owned).or_else(|| {
            let (id, _) = loot.request.http.basic_credentials()?;
            Some(decode_form_value(&id))
        });
        let Some(id) = id else { return };
        let form = [
            ("grant_type", "authorization_code".to_owned()),
            ("code", "a code that the attacker made up".to_owned()),
            ("client_id", id),
            ("client_secret", loot.value.clone()),
        ];
        let answer = self.post_form(loot, &form);
        if answer.is_some_and(|answer| answer.body.contains("invalid_grant")) {
            self.record_gain(loot.thief, "client-impersonated", loot.owner);
        }
    }

    /// Uses an access token at every honest MCP server.
    fn replay_token(&mut self, thief: PartyId, token: &str) {
        for id in self.parties.ids() {
            if self.parties.is_hostile(id) {
                continue;
            }
            let Some(server) = self.parties.mcp_server(id) else {
                continue;
            };
            let Some(target) = path_and_query(&server.addresses.url) else {
                continue;
            };
            let request = HttpRequest {
                method: "POST".to_owned(),
                headers: vec![
                    header("content-type", "application/json"),
                    header("accept", "application/json, text/event-stream"),
                    header("authorization", &format!("Bearer {token}")),
                ],
                body: self.tools_request(),
                ..HttpRequest::get(Arrival::Attacker(thief), &target)
            };
            let answer = self.send_as_attacker(id, &request);
            if answer.status == 200 && answer.body.contains("\"tools\"") {
                self.record_gain(thief, "token-replayed", id);
            }
        }
    }

    fn tools_request(&self) -> String {
        let mut message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}});
        if self.revision >= Revision::July2026 {
            message["params"] = json!({"_meta": {
                "io.modelcontextprotocol/protocolVersion": self.revision,
                "io.modelcontextprotocol/clientCapabilities": {},
            }});
        }
        message.to_string()
    }

    fn request_token(&mut self, loot: &Loot<'_>, form: &[(&str, String)]) -> Option<String> {
        let answer = self.post_form(loot, form)?;
        read_member(&answer, "access_token")
    }

    /// Sends a form to the token endpoint of the server that issued the secret.
    fn post_form(&mut self, loot: &Loot<'_>, form: &[(&str, String)]) -> Option<HttpAnswer> {
        let path = self
            .parties
            .authorization_server(loot.owner)?
            .paths
            .token
            .clone();
        let request = HttpRequest {
            method: "POST".to_owned(),
            headers: vec![header("content-type", "application/x-www-form-urlencoded")],
            body: url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(form)
                .finish(),
            ..HttpRequest::get(Arrival::Attacker(loot.thief), &path)
        };
        Some(self.send_as_attacker(loot.owner, &request))
    }

    fn send_as_attacker(&mut self, to: PartyId, request: &HttpRequest) -> HttpAnswer {
        let site = self.parties.site_of(to);
        self.handle(site, request).answer
    }

    fn record_gain(&mut self, thief: PartyId, what: &str, from: PartyId) {
        let gain = fields([
            (EventField::What, json!(what)),
            (EventField::From, json!(self.parties.name(from))),
        ]);
        let thief = Some(self.parties.name(thief));
        self.record_event(NewEvent::new(thief, EventKind::AttackerGain, gain));
    }
}

fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// A member of a JSON answer that is a string.
fn read_member(answer: &HttpAnswer, name: &str) -> Option<String> {
    let document: Json = serde_json::from_str(&answer.body).ok()?;
    document.get(name)?.as_str().map(str::to_owned)
}

/// The client secret that came along with a stolen code or token.
fn stolen_secret(request: &ReceivedRequest<'_>, sent: &Parameters) -> Option<String> {
    let posted = sent.filled("client_secret").map(str::to_owned);
    posted.or_else(|| {
        let (_, secret) = request.http.basic_credentials()?;
        Some(decode_form_value(&secret))
    })
}

/// Path and query of an address.
fn path_and_query(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    Some(match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    })
}
