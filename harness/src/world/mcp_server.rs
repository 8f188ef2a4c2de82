//! An MCP server: an OAuth resource server over Streamable HTTP, as deep as authorization needs, in
//! both lifecycles.
//!
//! It serves clients of every revision: `initialize` up to 2025-11-25, per-request `_meta` from
//! 2026-07-28 on.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::http::{Content, Draft, HttpRequest};
use super::keys::{HONEST, HOSTILE, issuer_of};
use super::observe::{Fields, fields};
use super::state::State;
use crate::scenario::model::{
    Answers, Challenge, EventKind, McpServer, Message, PrmPlace, Revision, TokenFormat,
};
use crate::transcript::Actor;

/// The tool that every server has.
const TEST_TOOL: &str = "test-tool";
/// Revisions that open with `initialize`, newest first.
const LEGACY: &[Revision] = &[
    Revision::November2025,
    Revision::June2025,
    Revision::March2025,
];
/// JSON-RPC: method not found.
const METHOD_NOT_FOUND: i64 = -32601;
/// MCP 2026-07-28: unsupported protocol version.
const UNSUPPORTED_VERSION: i64 = -32022;

/// What an MCP server remembers.
#[derive(Debug, Default)]
pub(crate) struct McpServerState {
    /// Session ids that are alive.
    pub(crate) sessions: BTreeSet<String>,
    /// Tools that steps call, besides the one that every server has.
    pub(crate) tools: BTreeSet<String>,
}

/// A JSON-RPC message taken apart.
#[derive(Debug, Default)]
struct Rpc {
    id: Option<Json>,
    method: String,
    parameters: Json,
}

impl Rpc {
    fn of(request: &HttpRequest) -> Self {
        let body: Json = serde_json::from_str(&request.body).unwrap_or_default();
        Self {
            id: body.get("id").cloned(),
            method: body
                .get("method")
                .and_then(Json::as_str)
                .unwrap_or_default()
                .to_owned(),
            parameters: body.get("params").cloned().unwrap_or_default(),
        }
    }

    fn tool(&self) -> Option<&str> {
        self.parameters
            .get("name")
            .and_then(Json::as_str)
            .filter(|_| self.method == "tools/call")
    }

    /// The extensions that the client says it speaks: in each request's metadata, or in
    /// `initialize`.
    fn extensions(&self) -> Vec<&String> {
        let own = self
            .parameters
            .get("_meta")
            .and_then(|meta| meta.get("io.modelcontextprotocol/clientCapabilities"));
        let capabilities = own.or_else(|| {
            self.parameters
                .get("capabilities")
                .filter(|_| self.method == "initialize")
        });
        capabilities
            .and_then(|c| c.get("extensions"))
            .and_then(Json::as_object)
            .into_iter()
            .flat_map(|e| e.keys())
            .collect()
    }

    /// The version in the request's own metadata: what makes it a stateless one.
    fn stateless_version(&self) -> Option<&str> {
        self.parameters
            .get("_meta")?
            .get("io.modelcontextprotocol/protocolVersion")?
            .as_str()
    }
}

impl State {
    /// Fields of a request at the MCP endpoint beyond the common ones.
    pub(crate) fn mcp_fields(request: &HttpRequest) -> Fields {
        let rpc = Rpc::of(request);
        fields([
            (
                "rpc",
                if rpc.method.is_empty() {
                    Json::Null
                } else {
                    json!(rpc.method)
                },
            ),
            ("tool", json!(rpc.tool())),
            ("session_id", json!(request.header("mcp-session-id"))),
            ("extensions", json!(rpc.extensions())),
        ])
    }

    // ------------------------------------------------------------ protected resource metadata (RFC 9728)

    /// The answer at one of the metadata's places.
    pub(crate) fn answer_prm(
        &mut self,
        party: &str,
        location: &'static str,
        request: &HttpRequest,
        event: usize,
    ) -> Draft {
        if let Some(own) = self.own_answer(party, Message::Prm, location, event) {
            return own;
        }
        let served = self
            .mcp_server_settings(party)
            .is_some_and(|s| s.prm_at.iter().any(|p| place_word(p) == location));
        if !served {
            return Draft::not_found();
        }
        if request.method != "GET" {
            return Draft::page(405, "metadata is read with GET");
        }
        let draft = Draft::json(200, self.prm(party), "protected resource metadata")
            .of_kind(Message::Prm, location);
        let draft = self.deviate(party, event, draft);
        if let Content::Json(members) = &draft.content {
            let servers: Vec<String> = members
                .get("authorization_servers")
                .and_then(Json::as_array)
                .into_iter()
                .flatten()
                .filter_map(Json::as_str)
                .map(str::to_owned)
                .collect();
            let resource = members
                .get("resource")
                .and_then(Json::as_str)
                .map(str::to_owned);
            self.point(party, &servers);
            self.published_resources
                .entry(party.to_owned())
                .or_default()
                .extend(resource);
        }
        draft
    }

    fn prm(&self, party: &str) -> Json {
        let Some(settings) = self.mcp_server_settings(party) else {
            return Json::Null;
        };
        let issuers: Vec<String> = settings
            .authorization_servers
            .iter()
            .map(|s| self.address(s, "issuer"))
            .collect();
        let mut document = json!({
            "resource": self.address(party, "resource"),
            "authorization_servers": issuers,
            "bearer_methods_supported": ["header"],
        });
        if let (Some(scopes), Some(members)) =
            (&settings.scopes_supported, document.as_object_mut())
        {
            members.insert("scopes_supported".to_owned(), json!(scopes));
        }
        document
    }

    // ------------------------------------------------------------ the MCP endpoint

    /// The answer of the MCP endpoint.
    pub(crate) fn answer_mcp(&mut self, party: &str, request: &HttpRequest, event: usize) -> Draft {
        let Some(settings) = self.mcp_server_settings(party).cloned() else {
            return Draft::not_found();
        };
        let rpc = Rpc::of(request);
        let granted = match self.check_token(party, request) {
            Ok(scope) => scope,
            Err(problem) => return self.challenge(party, 401, problem, None, event),
        };
        let needed: Vec<String> = rpc
            .tool()
            .and_then(|tool| settings.tool_scopes.get(tool))
            .cloned()
            .unwrap_or_default();
        let has = |scope: &String| granted.split(' ').any(|g| g == scope);
        if !needed.iter().all(has) && !self.is_hostile(party) {
            return self.challenge(
                party,
                403,
                "insufficient_scope",
                Some(needed.join(" ")),
                event,
            );
        }
        let own = self.own_answer(party, Message::McpResponse, "", event);
        if let Some(own) = own {
            return own;
        }
        let draft = match request.method.as_str() {
            "POST" => self.answer_rpc(party, &settings, &rpc, request),
            "GET" if settings.session && settings.answers == Answers::Sse => {
                let events = ": this server has nothing to say on its own\n\n".to_owned();
                Draft::new(200, Content::OpenStream { events }, "an event stream")
            }
            "GET" => Draft::page(405, "no event stream here").with_header("Allow", "POST, DELETE"),
            "DELETE" => self.end_session(party, request),
            _ => Draft::page(405, "this method is not for an MCP endpoint"),
        };
        let draft = self.deviate(party, event, draft.of_kind(Message::McpResponse, ""));
        self.after_call(party, request, &rpc, &draft);
        draft
    }

    /// Records that a call was accepted, and a tool called. What an attacker does here is not the
    /// client's doing.
    fn after_call(&mut self, party: &str, request: &HttpRequest, rpc: &Rpc, draft: &Draft) {
        if request.actor == Actor::Attacker || !(200..300).contains(&draft.status) {
            return;
        }
        let (method, tool) = (
            if rpc.method.is_empty() {
                Json::Null
            } else {
                json!(rpc.method)
            },
            json!(rpc.tool()),
        );
        let accepted = fields([
            ("rpc", method),
            ("tool", tool.clone()),
            ("bearer", json!(request.bearer())),
        ]);
        self.record(Some(party), EventKind::CallAccepted, accepted);
        if rpc.tool().is_some_and(|t| self.has_tool(party, t)) {
            self.record(Some(party), EventKind::ToolCalled, fields([("tool", tool)]));
        }
    }

    /// Signature, issuer, audience, expiry and revocation of the token. Answers with its scope, or
    /// with the OAuth error code.
    fn check_token(&self, party: &str, request: &HttpRequest) -> Result<String, &'static str> {
        let Some(token) = request.bearer() else {
            return Err("");
        };
        if self.is_hostile(party) {
            return Ok(String::new());
        }
        let settings = self.mcp_server_settings(party).ok_or("invalid_token")?;
        let audience = self.address(party, "resource");
        for name in &settings.authorization_servers {
            let (Some(server), Some(known)) = (
                self.authorization_server(name),
                self.authorization_server_settings(name),
            ) else {
                continue;
            };
            if server.void.contains(token) {
                return Err("invalid_token");
            }
            if known.token_format == TokenFormat::Jwt {
                let issuer = self.address(name, "issuer");
                if issuer_of(token).as_deref() != Some(issuer.as_str()) {
                    continue;
                }
                let key = if self.is_hostile(name) {
                    HOSTILE
                } else {
                    HONEST
                };
                return key
                    .verify(token, &issuer, &audience)
                    .map(|claims| claims.scope)
                    .map_err(|_| "invalid_token");
            }
            // an opaque token is looked up at its issuer (RFC 7662)
            if let Some(known) = server
                .access_tokens
                .get(token)
                .filter(|t| t.audience == audience)
            {
                return Ok(known.scope.clone());
            }
        }
        Err("invalid_token")
    }

    /// A challenge as RFC 6750 section 3 and RFC 9728 section 5.1 have it.
    fn challenge(
        &mut self,
        party: &str,
        status: u16,
        error: &str,
        scope: Option<String>,
        event: usize,
    ) -> Draft {
        let Some(settings) = self.mcp_server_settings(party).cloned() else {
            return Draft::not_found();
        };
        if let Some(own) = self.own_answer(party, Message::Challenge, "", event) {
            return own;
        }
        let mut parameters = Vec::new();
        if !error.is_empty() {
            parameters.push(("error".to_owned(), error.to_owned()));
        }
        if let Some(scope) = scope.or(settings.challenge_scope) {
            parameters.push(("scope".to_owned(), scope));
        }
        let prm_url = self.address(party, "prm_url");
        if settings.challenge == Challenge::NamesPrm && !prm_url.is_empty() {
            parameters.push(("resource_metadata".to_owned(), prm_url));
        }
        let content = Content::Challenge {
            parameters,
            shown: settings.challenge != Challenge::NoHeader,
        };
        let note = match (status, error) {
            (403, _) => "the token's scope does not suffice",
            (_, "") => "no token",
            _ => "this token is not good here",
        };
        let draft = Draft::new(status, content, note).of_kind(Message::Challenge, "");
        self.deviate(party, event, draft)
    }

    // ------------------------------------------------------------ JSON-RPC

    fn answer_rpc(
        &mut self,
        party: &str,
        settings: &McpServer,
        rpc: &Rpc,
        request: &HttpRequest,
    ) -> Draft {
        if rpc.method.is_empty() {
            return rpc_error(400, rpc, -32600, "not a JSON-RPC request");
        }
        let modern = self.revision >= Revision::July2026;
        match rpc.stateless_version() {
            Some(version) if !modern || version != Revision::July2026.as_str() => {
                let supported: Vec<&str> = if modern {
                    std::iter::once(&Revision::July2026)
                        .chain(LEGACY)
                        .map(|r| r.as_str())
                        .collect()
                } else {
                    LEGACY.iter().map(|r| r.as_str()).collect()
                };
                let data = json!({"supported": supported, "requested": version});
                json_rpc(
                    400,
                    json!({"jsonrpc": "2.0", "id": rpc.id, "error": {"code": UNSUPPORTED_VERSION, "message": "Unsupported protocol version", "data": data}}),
                )
            }
            Some(_) => self.answer_stateless(party, settings, rpc),
            None => self.answer_in_session(party, settings, rpc, request),
        }
    }

    fn answer_stateless(&mut self, party: &str, settings: &McpServer, rpc: &Rpc) -> Draft {
        let caching = [
            ("resultType", json!("complete")),
            ("ttlMs", json!(0)),
            ("cacheScope", json!("private")),
        ];
        let with_caching = |mut result: Json| {
            if let Some(members) = result.as_object_mut() {
                members.extend(caching.iter().map(|(k, v)| ((*k).to_owned(), v.clone())));
            }
            result
        };
        match rpc.method.as_str() {
            "server/discover" => {
                let versions: Vec<&str> = std::iter::once(&Revision::July2026)
                    .chain(LEGACY)
                    .map(|r| r.as_str())
                    .collect();
                let info = json!({"io.modelcontextprotocol/serverInfo": {"name": party, "version": env!("CARGO_PKG_VERSION")}});
                let result = json!({"supportedVersions": versions, "capabilities": {"tools": {"listChanged": true}}, "_meta": info});
                answer(settings, rpc, with_caching(result))
            }
            "tools/list" => answer(
                settings,
                rpc,
                with_caching(json!({"tools": self.tools(party)})),
            ),
            "tools/call" => self.call_tool(party, settings, rpc, true),
            "subscriptions/listen" => {
                let meta = json!({"io.modelcontextprotocol/subscriptionId": rpc.id});
                let agreed = json!({"toolsListChanged": true});
                let parameters = json!({"_meta": meta, "notifications": agreed});
                let message = json!({"jsonrpc": "2.0", "method": "notifications/subscriptions/acknowledged", "params": parameters});
                let events = format!("event: message\ndata: {message}\n\n");
                Draft::new(200, Content::OpenStream { events }, "a subscription")
                    .with_header("X-Accel-Buffering", "no")
            }
            _ => rpc_error(404, rpc, METHOD_NOT_FOUND, "Method not found"),
        }
    }

    fn answer_in_session(
        &mut self,
        party: &str,
        settings: &McpServer,
        rpc: &Rpc,
        request: &HttpRequest,
    ) -> Draft {
        if rpc.method == "initialize" {
            let asked = rpc
                .parameters
                .get("protocolVersion")
                .and_then(Json::as_str)
                .unwrap_or_default();
            let newest = if self.revision >= Revision::July2026 {
                Revision::November2025
            } else {
                self.revision
            };
            let agreed = LEGACY
                .iter()
                .find(|r| r.as_str() == asked && **r <= newest)
                .map_or(newest, |r| *r);
            let result = json!({
                "protocolVersion": agreed,
                "capabilities": {"tools": {"listChanged": true}},
                "serverInfo": {"name": party, "version": env!("CARGO_PKG_VERSION")},
            });
            let draft = answer(settings, rpc, result);
            if !settings.session {
                return draft;
            }
            let session = format!("{party}-session-{}", self.random.hex());
            if request.actor != Actor::Attacker {
                let audience = self
                    .flow_parties(party)
                    .into_iter()
                    .filter(|p| self.mcp_server_settings(p).is_some())
                    .collect();
                self.issue(party, "session_id", &session, audience);
            }
            if let Some(server) = self.mcp_server_mut(party) {
                server.sessions.insert(session.clone());
            }
            return draft.with_header("Mcp-Session-Id", session);
        }
        if settings.session && request.actor != Actor::Attacker {
            let alive = |id: &str| {
                self.parties.get(party).is_some_and(|p| matches!(&p.work, super::state::Work::McpServer(m) if m.sessions.contains(id)))
            };
            match request.header("mcp-session-id") {
                None => return rpc_error(400, rpc, -32600, "Mcp-Session-Id is missing"),
                Some(id) if !alive(id) => return rpc_error(404, rpc, -32600, "no such session"),
                Some(_) => {}
            }
        }
        if rpc.id.is_none() {
            return Draft::new(202, Content::Empty, "noted");
        }
        match rpc.method.as_str() {
            "ping" => answer(settings, rpc, json!({})),
            "tools/list" => answer(settings, rpc, json!({"tools": self.tools(party)})),
            "tools/call" => self.call_tool(party, settings, rpc, false),
            _ => json_rpc(200, error_body(rpc, METHOD_NOT_FOUND, "Method not found")),
        }
    }

    fn call_tool(&self, party: &str, settings: &McpServer, rpc: &Rpc, stateless: bool) -> Draft {
        let Some(tool) = rpc.tool().filter(|t| self.has_tool(party, t)) else {
            return json_rpc(200, error_body(rpc, -32602, "Unknown tool"));
        };
        let mut result = json!({"content": [{"type": "text", "text": format!("{tool} at your service")}], "isError": false});
        if let (true, Some(members)) = (stateless, result.as_object_mut()) {
            members.insert("resultType".to_owned(), json!("complete"));
        }
        answer(settings, rpc, result)
    }

    fn tool_names(&self, party: &str) -> BTreeSet<String> {
        let mut names = BTreeSet::from([TEST_TOOL.to_owned()]);
        if let Some(super::state::PartyState {
            work: super::state::Work::McpServer(state),
            ..
        }) = self.party(party)
        {
            names.extend(state.tools.iter().cloned());
        }
        names.extend(
            self.mcp_server_settings(party)
                .into_iter()
                .flat_map(|s| s.tool_scopes.keys().cloned()),
        );
        names
    }

    fn has_tool(&self, party: &str, tool: &str) -> bool {
        self.tool_names(party).contains(tool)
    }

    fn tools(&self, party: &str) -> Vec<Json> {
        let tool = |name: String| json!({"name": name, "description": "Does nothing.", "inputSchema": {"type": "object", "properties": {}}});
        self.tool_names(party).into_iter().map(tool).collect()
    }

    fn end_session(&mut self, party: &str, request: &HttpRequest) -> Draft {
        let id = request
            .header("mcp-session-id")
            .unwrap_or_default()
            .to_owned();
        let ended = self
            .mcp_server_mut(party)
            .is_some_and(|s| s.sessions.remove(&id));
        if ended {
            Draft::new(200, Content::Empty, "session ended")
        } else {
            Draft::page(404, "no such session")
        }
    }
}

/// The word for a place of protected resource metadata.
pub(crate) fn place_word(place: &PrmPlace) -> &'static str {
    match place {
        PrmPlace::Path => "path",
        PrmPlace::Root => "root",
        PrmPlace::Named(_) => "named",
    }
}

/// A result, as one JSON object or as a stream of one event.
fn answer(settings: &McpServer, rpc: &Rpc, result: Json) -> Draft {
    let body = json!({"jsonrpc": "2.0", "id": rpc.id, "result": result});
    match settings.answers {
        Answers::Json => json_rpc(200, body),
        Answers::Sse => {
            let body = format!("event: message\ndata: {body}\n\n");
            Draft::new(
                200,
                Content::Raw {
                    content_type: "text/event-stream",
                    body,
                },
                "answered",
            )
        }
    }
}

fn json_rpc(status: u16, body: Json) -> Draft {
    Draft::json(
        status,
        body,
        if status == 200 {
            "answered"
        } else {
            "JSON-RPC error"
        },
    )
}

fn rpc_error(status: u16, rpc: &Rpc, code: i64, message: &str) -> Draft {
    json_rpc(status, error_body(rpc, code, message))
}

fn error_body(rpc: &Rpc, code: i64, message: &str) -> Json {
    json!({"jsonrpc": "2.0", "id": rpc.id, "error": {"code": code, "message": message}})
}
