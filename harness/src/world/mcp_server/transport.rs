//! The MCP endpoint: Streamable HTTP, stateless and with sessions.

use serde_json::{Value as Json, json};

use super::super::client_view::{AudienceKind, ClientView};
use super::super::draft::{Content, Draft};
use super::super::http_request::{HttpRequest, ReceivedRequest};
use super::super::observe::fields::fields;
use super::super::recorder::Recorder;
use super::role::McpServerRole;
use super::rpc::{INVALID_REQUEST, METHOD_NOT_FOUND, RpcMessage};
use crate::scenario::model::{Answers, EventField, EventKind, Message, Revision};
use crate::transcript::Actor;

/// Revisions that open with `initialize`, newest first.
const REVISIONS_WITH_INITIALIZE: &[Revision] = &[
    Revision::November2025,
    Revision::June2025,
    Revision::March2025,
];
/// MCP 2026-07-28: the protocol version is not supported.
const UNSUPPORTED_VERSION: i64 = -32022;
/// The header of a session's id.
const SESSION_HEADER: &str = "mcp-session-id";

impl McpServerRole {
    /// The answer to a request that the MCP endpoint lets in.
    pub(super) fn answer_call(
        &mut self,
        request: &ReceivedRequest<'_>,
        recorder: &mut Recorder,
        view: &ClientView,
    ) -> Draft {
        let message = RpcMessage::read(request.http);
        let has_stream = self.settings.session && self.settings.answers == Answers::Sse;
        let draft = match request.http.method.as_str() {
            "POST" => self.answer_message(&message, request, recorder, view),
            "GET" if has_stream => {
                let events = ": this server has nothing to say on its own\n\n".to_owned();
                Draft::new(200, Content::OpenStream { events }, "an event stream")
            }
            "GET" => Draft::page(405, "no event stream here").with_header("Allow", "POST, DELETE"),
            "DELETE" => self.end_session(request.http),
            _ => Draft::page(405, "this method is not for an MCP endpoint"),
        };
        let draft = self.with_consequences(draft, &message, request);
        draft.with_message(Message::McpResponse)
    }

    /// Adds the events of an accepted call and of a called tool. A call of the attacker's is not
    /// the client's doing.
    fn with_consequences(
        &self,
        mut draft: Draft,
        message: &RpcMessage,
        request: &ReceivedRequest<'_>,
    ) -> Draft {
        if request.actor == Actor::Attacker || !(200..300).contains(&draft.status) {
            return draft;
        }
        let accepted = fields([
            (EventField::Rpc, message.method_field()),
            (EventField::Tool, json!(message.tool())),
            (EventField::Bearer, json!(request.http.bearer())),
        ]);
        // a request without a token is not accepted because of one
        if request
            .http
            .bearer()
            .or(request.http.dpop_token())
            .is_some()
        {
            draft.consequences.push((EventKind::CallAccepted, accepted));
        }
        if message.tool().is_some_and(|tool| self.has_tool(tool)) {
            let called = fields([(EventField::Tool, json!(message.tool()))]);
            draft.consequences.push((EventKind::ToolCalled, called));
        }
        draft
    }

    fn answer_message(
        &mut self,
        message: &RpcMessage,
        request: &ReceivedRequest<'_>,
        recorder: &mut Recorder,
        view: &ClientView,
    ) -> Draft {
        if message.method.is_empty() {
            return message.error(400, INVALID_REQUEST, "not a JSON-RPC request");
        }
        match message.stateless_version() {
            Some(version) if self.is_stateless() && version == Revision::July2026.as_str() => {
                self.answer_stateless(message)
            }
            Some(version) => message.error_object(
                400,
                json!({
                    "code": UNSUPPORTED_VERSION,
                    "message": "Unsupported protocol version",
                    "data": {"supported": self.supported_versions(), "requested": version},
                }),
            ),
            None => self.answer_in_session(message, request, recorder, view),
        }
    }

    /// Whether the server knows the stateless lifecycle.
    fn is_stateless(&self) -> bool {
        self.revision >= Revision::July2026
    }

    fn supported_versions(&self) -> Vec<&'static str> {
        let stateless = self.is_stateless().then_some(Revision::July2026);
        let with_initialize = REVISIONS_WITH_INITIALIZE.iter().copied();
        let all = stateless.into_iter().chain(with_initialize);
        all.map(Revision::as_str).collect()
    }

    fn server_info(&self) -> Json {
        json!({"name": self.name, "version": env!("CARGO_PKG_VERSION")})
    }

    fn answer_stateless(&mut self, message: &RpcMessage) -> Draft {
        let answers = self.settings.answers;
        match message.method.as_str() {
            "server/discover" => {
                let result = json!({
                    "supportedVersions": self.supported_versions(),
                    "capabilities": {"tools": {"listChanged": true}},
                    "_meta": {"io.modelcontextprotocol/serverInfo": self.server_info()},
                });
                message.result(answers, with_caching(result))
            }
            "tools/list" => message.result(answers, with_caching(self.list_tools())),
            "tools/call" => self.call_tool(message, true),
            "subscriptions/listen" => open_subscription(message),
            _ => message.error(404, METHOD_NOT_FOUND, "Method not found"),
        }
    }

    fn answer_in_session(
        &mut self,
        message: &RpcMessage,
        request: &ReceivedRequest<'_>,
        recorder: &mut Recorder,
        view: &ClientView,
    ) -> Draft {
        if message.method == "initialize" {
            return self.initialize(message, request.actor, recorder, view);
        }
        if self.settings.session && request.actor != Actor::Attacker {
            match request.http.header(SESSION_HEADER) {
                None => return message.error(400, INVALID_REQUEST, "Mcp-Session-Id is missing"),
                Some(id) if !self.sessions.contains(id) => {
                    return message.error(404, INVALID_REQUEST, "no such session");
                }
                Some(_) => {}
            }
        }
        if message.id.is_none() {
            return Draft::new(202, Content::Empty, "noted");
        }
        let answers = self.settings.answers;
        match message.method.as_str() {
            "ping" => message.result(answers, json!({})),
            "tools/list" => message.result(answers, self.list_tools()),
            "tools/call" => self.call_tool(message, false),
            _ => message.error(200, METHOD_NOT_FOUND, "Method not found"),
        }
    }

    fn initialize(
        &mut self,
        message: &RpcMessage,
        actor: Actor,
        recorder: &mut Recorder,
        view: &ClientView,
    ) -> Draft {
        let requested = message.parameters.get("protocolVersion");
        let requested = requested.and_then(Json::as_str).unwrap_or_default();
        let newest = self.revision.min(Revision::November2025);
        let is_agreed = |r: &&Revision| r.as_str() == requested && **r <= newest;
        let agreed = REVISIONS_WITH_INITIALIZE.iter().find(is_agreed);
        let result = json!({
            "protocolVersion": agreed.copied().unwrap_or(newest),
            "capabilities": {"tools": {"listChanged": true}},
            "serverInfo": self.server_info(),
        });
        let draft = message.result(self.settings.answers, result);
        if !self.settings.session {
            return draft;
        }
        let session = format!("{}-session-{}", self.name, self.random.draw_hex());
        if actor != Actor::Attacker {
            let audience = view.flow_audience(self.id, AudienceKind::McpServers);
            recorder.issue_secret(&self.name, "session_id", &session, audience);
        }
        self.sessions.insert(session.clone());
        draft.with_header("Mcp-Session-Id", session)
    }

    fn end_session(&mut self, request: &HttpRequest) -> Draft {
        let id = request.header(SESSION_HEADER).unwrap_or_default();
        if self.sessions.remove(id) {
            Draft::new(200, Content::Empty, "session ended")
        } else {
            Draft::page(404, "no such session")
        }
    }
}

/// Adds the members that results have from 2026-07-28 on.
fn with_caching(mut result: Json) -> Json {
    result["resultType"] = json!("complete");
    result["ttlMs"] = json!(0);
    result["cacheScope"] = json!("private");
    result
}

fn open_subscription(message: &RpcMessage) -> Draft {
    let acknowledged = json!({
        "jsonrpc": "2.0",
        "method": "notifications/subscriptions/acknowledged",
        "params": {
            "_meta": {"io.modelcontextprotocol/subscriptionId": message.id},
            "notifications": {"toolsListChanged": true},
        },
    });
    let events = format!("event: message\ndata: {acknowledged}\n\n");
    Draft::new(200, Content::OpenStream { events }, "a subscription")
        .with_header("X-Accel-Buffering", "no")
}
