//! MCP over Streamable HTTP: one request, one answer, as JSON or as an event stream. Knows tokens,
//! but not where they come from.

use crate::defect::Defect;
use crate::discovery::challenge::{self, Challenge};
use crate::error::ClientError;
use crate::json_document;
use crate::revision::ProtocolRevision;
use crate::run_context::RunContext;
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::Url;

const WHAT: &str = "MCP server";
const LARGEST_EVENT: usize = 1 << 20;
const META: &str = "io.modelcontextprotocol";

/// Something to send to the MCP endpoint.
pub(crate) enum McpRequest {
    /// A JSON-RPC request.
    Call { method: &'static str, params: Value },
    /// A JSON-RPC notification.
    Notify { method: &'static str },
    /// `subscriptions/listen` of 2026-07-28: a stream that is opened and let go. Servers need not
    /// know it.
    Listen,
    /// The GET event stream of earlier revisions. Servers need not offer it.
    OpenStream,
    /// The DELETE that ends a session. Servers need not allow it.
    EndSession,
}

impl McpRequest {
    pub(crate) fn call_tool(name: &str) -> Self {
        Self::Call {
            method: "tools/call",
            params: json!({ "name": name, "arguments": {} }),
        }
    }

    /// What attempts are counted by: the same operation on the same tool.
    pub(crate) fn operation(&self) -> String {
        format!(
            "{} {}",
            self.rpc_method().unwrap_or_default(),
            self.tool().unwrap_or_default()
        )
    }

    fn rpc_method(&self) -> Option<&'static str> {
        match self {
            Self::Call { method, .. } | Self::Notify { method } => Some(method),
            Self::Listen => Some("subscriptions/listen"),
            Self::OpenStream | Self::EndSession => None,
        }
    }

    fn tool(&self) -> Option<&str> {
        match self {
            Self::Call {
                method: "tools/call",
                params,
            } => params.get("name")?.as_str(),
            _ => None,
        }
    }

    fn http_method(&self) -> Method {
        match self {
            Self::OpenStream => Method::GET,
            Self::EndSession => Method::DELETE,
            Self::Call { .. } | Self::Notify { .. } | Self::Listen => Method::POST,
        }
    }
}

/// What came back.
pub(crate) enum McpReply {
    /// The result of a call; null where none was asked for.
    Result(Value),
    /// 401, with its TokenPlacement challenge.
    Unauthorized(Option<Challenge>),
    /// 403, with its TokenPlacement challenge.
    Forbidden(Option<Challenge>),
}

pub(crate) struct Transport {
    run: Arc<RunContext>,
    url: Url,
    next_id: AtomicU64,
    session: Mutex<NegotiatedSession>,
}

/// What `initialize` agreed on.
#[derive(Default)]
struct NegotiatedSession {
    id: Option<String>,
    version: Option<ProtocolRevision>,
}

impl Transport {
    pub(crate) fn new(run: Arc<RunContext>, url: Url) -> Self {
        Self {
            run,
            url,
            next_id: AtomicU64::new(1),
            session: Mutex::default(),
        }
    }

    pub(crate) fn has_session(&self) -> bool {
        self.session().id.is_some()
    }

    /// The revision that the server answered `initialize` with; from now on it stands in the
    /// header.
    pub(crate) fn agree_on(&self, version: ProtocolRevision) {
        self.session().version = Some(version);
    }

    /// Sends a request once. Redirects are not followed: nothing says that their target may see the
    /// token.
    pub(crate) async fn send(
        &self,
        request: &McpRequest,
        token: Option<&str>,
    ) -> Result<McpReply, ClientError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let response = self.exchange(request, token, id).await?;
        let status = response.status().as_u16();
        if matches!(status, 401 | 403) {
            let lines = response
                .headers()
                .get_all("www-authenticate")
                .iter()
                .filter_map(|line| line.to_str().ok());
            let challenge = challenge::bearer(lines, self.run.defects());
            return Ok(if status == 401 {
                McpReply::Unauthorized(challenge)
            } else {
                McpReply::Forbidden(challenge)
            });
        }
        let success = response.status().is_success();
        match request {
            // Dropping the answer closes the stream. That a server has none is no error.
            McpRequest::Listen | McpRequest::OpenStream | McpRequest::EndSession => {
                Ok(McpReply::Result(Value::Null))
            }
            McpRequest::Notify { .. } if success => Ok(McpReply::Result(Value::Null)),
            McpRequest::Call { method, .. } if success => {
                if *method == "initialize" {
                    self.remember_session(response.headers());
                }
                result(response, id).await.map(McpReply::Result)
            }
            _ => match json_document::JsonDocument::read(response, WHAT).await {
                Ok(body) if body.members.contains_key("error") => {
                    Err(rpc_error(&body.members.into()))
                }
                _ => Err(ClientError::Status(WHAT, status)),
            },
        }
    }

    /// A conforming client sends a request in one way; a defective one may try another way first.
    async fn exchange(
        &self,
        request: &McpRequest,
        token: Option<&str>,
        id: u64,
    ) -> Result<Response, ClientError> {
        if let Some(wrong) = self.wrong_way(request, token) {
            let response = self
                .build(request, token, id, &wrong)
                .send()
                .await
                .map_err(|_| ClientError::Unreachable(WHAT))?;
            if !response.status().is_client_error() {
                return Ok(response);
            }
        }
        let mut response = self
            .build(request, token, id, &SendVariant::right())
            .send()
            .await
            .map_err(|_| ClientError::Unreachable(WHAT))?;
        while self.run.has(Defect::MCP_REDIRECT_FOLLOWED)
            && matches!(response.status().as_u16(), 307 | 308)
        {
            let Some(target) = response
                .headers()
                .get("location")
                .and_then(|value| value.to_str().ok())
            else {
                break;
            };
            let Ok(target) = response.url().join(target) else {
                break;
            };
            let way = SendVariant {
                to: Some(target),
                ..SendVariant::right()
            };
            response = self
                .build(request, token, id, &way)
                .send()
                .await
                .map_err(|_| ClientError::Unreachable(WHAT))?;
        }
        Ok(response)
    }

    fn wrong_way(&self, request: &McpRequest, token: Option<&str>) -> Option<SendVariant> {
        let without = SendVariant {
            bearer: TokenPlacement::Nowhere,
            ..SendVariant::right()
        };
        let has_token = token.is_some();
        match request {
            _ if has_token && self.run.has(Defect::TOKEN_IN_CUSTOM_HEADER) => Some(SendVariant {
                bearer: TokenPlacement::OwnHeader,
                ..SendVariant::right()
            }),
            _ if has_token && self.run.has(Defect::BEARER_ONLY_AFTER_CHALLENGE) => Some(without),
            McpRequest::OpenStream if self.run.has(Defect::BEARER_NOT_ON_GET) => Some(without),
            McpRequest::EndSession if self.run.has(Defect::BEARER_NOT_ON_DELETE) => Some(without),
            McpRequest::Listen if self.run.has(Defect::BEARER_NOT_ON_LISTEN) => Some(without),
            _ if has_token && self.run.has(Defect::NO_VERSION_WITH_TOKEN) => Some(SendVariant {
                version: false,
                ..SendVariant::right()
            }),
            _ if !self.has_session() && self.run.has(Defect::SESSION_ID_TO_OTHER_SERVER) => {
                let session = self.run.defect_state().latest_session.clone()?;
                Some(SendVariant {
                    foreign_session: Some(session),
                    ..SendVariant::right()
                })
            }
            _ => None,
        }
    }

    fn build(
        &self,
        request: &McpRequest,
        token: Option<&str>,
        id: u64,
        way: &SendVariant,
    ) -> RequestBuilder {
        let mut url = way.to.clone().unwrap_or_else(|| self.url.clone());
        if let Some(token) = token.filter(|_| self.run.has(Defect::TOKEN_IN_QUERY)) {
            url.query_pairs_mut().append_pair("access_token", token);
        }
        let mut builder = self.run.http.request(request.http_method(), url);
        builder = match (token, way.bearer) {
            (Some(token), TokenPlacement::Header)
                if self.run.has(Defect::BEARER_PERCENT_ENCODED) =>
            {
                let escaped: String =
                    url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
                builder.bearer_auth(escaped)
            }
            (Some(token), TokenPlacement::Header) => builder.bearer_auth(token),
            (Some(token), TokenPlacement::OwnHeader) => builder.header("X-Access-Token", token),
            (_, TokenPlacement::Nowhere) | (None, _) => builder,
        };
        builder = builder.headers(self.protocol_headers(request, way));
        match self.body(request, id) {
            Some(mut body) if token.is_some() && self.run.has(Defect::TOKEN_IN_BODY) => {
                body["params"]["_meta"]["access_token"] = json!(token);
                builder
                    .header("Accept", "application/json, text/event-stream")
                    .json(&body)
            }
            Some(body) => builder
                .header("Accept", "application/json, text/event-stream")
                .json(&body),
            None => builder.header("Accept", "text/event-stream"),
        }
    }

    fn protocol_headers(&self, request: &McpRequest, way: &SendVariant) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut set = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        let session = self.session();
        if let Some(id) = session.id.as_ref().or(way.foreign_session.as_ref()) {
            set("mcp-session-id", id);
        }
        if self.run.config.revision.has_sessions() {
            // Before `initialize` was answered nothing is agreed on.
            if let Some(version) = session
                .version
                .filter(|version| *version >= ProtocolRevision::June2025 && way.version)
            {
                set("mcp-protocol-version", version.as_str());
            }
            return headers;
        }
        if way.version {
            set("mcp-protocol-version", self.run.config.revision.as_str());
        }
        if let Some(method) = request.rpc_method() {
            set("mcp-method", method);
        }
        if let Some(tool) = request.tool() {
            set("mcp-name", &header_text(tool));
        }
        headers
    }

    fn body(&self, request: &McpRequest, id: u64) -> Option<Value> {
        let (method, mut params) = match request {
            McpRequest::Call { method, params } => (*method, params.clone()),
            McpRequest::Notify { method } => {
                return Some(json!({ "jsonrpc": "2.0", "method": method }));
            }
            McpRequest::Listen => (
                "subscriptions/listen",
                json!({ "notifications": { "toolsListChanged": true } }),
            ),
            McpRequest::OpenStream | McpRequest::EndSession => return None,
        };
        if !self.run.config.revision.has_sessions()
            && let Some(params) = params.as_object_mut()
        {
            params.insert("_meta".to_owned(), self.meta());
        }
        Some(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
    }

    fn capabilities(&self) -> Value {
        match self.run.config.acts_for_itself && !self.run.has(Defect::EXTENSION_UNDECLARED) {
            true => {
                json!({ "extensions": { "io.modelcontextprotocol/oauth-client-credentials": {} } })
            }
            false => json!({}),
        }
    }

    /// What every request of the stateless revision says about its sender.
    fn meta(&self) -> Value {
        json!({
            format!("{META}/protocolVersion"): self.run.config.revision.as_str(),
            format!("{META}/clientInfo"): client_info(),
            format!("{META}/clientCapabilities"): self.capabilities(),
        })
    }

    fn remember_session(&self, headers: &HeaderMap) {
        let id = headers
            .get("mcp-session-id")
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        if let Some(id) = &id {
            if self.run.has(Defect::SESSION_ID_LOGGED) {
                self.run.platform.print_error(&format!("session: {id}"));
            }
            self.run.defect_state().latest_session = Some(id.clone());
        }
        if self.run.config.revision.has_sessions() {
            self.session().id = id;
        }
    }

    fn session(&self) -> MutexGuard<'_, NegotiatedSession> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How a request is sent. There is one right way.
struct SendVariant {
    bearer: TokenPlacement,
    version: bool,
    foreign_session: Option<String>,
    to: Option<Url>,
}

#[derive(Clone, Copy)]
enum TokenPlacement {
    Header,
    OwnHeader,
    Nowhere,
}

impl SendVariant {
    fn right() -> Self {
        Self {
            bearer: TokenPlacement::Header,
            version: true,
            foreign_session: None,
            to: None,
        }
    }
}

/// Who this client is.
pub(crate) fn client_info() -> Value {
    json!({ "name": "reference-client", "version": env!("CARGO_PKG_VERSION") })
}

/// The answer to this request, out of a JSON body or an event stream.
async fn result(response: Response, id: u64) -> Result<Value, ClientError> {
    let content_type = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let message = if content_type
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("text/event-stream")
    {
        answer_in_stream(response, id).await?
    } else {
        let body = json_document::body(response, WHAT).await?;
        serde_json::from_slice::<Value>(&body)
            .ok()
            .filter(|message| answers(message, id))
            .ok_or(ClientError::Malformed(WHAT))?
    };
    match message.get("result") {
        Some(result) if result.is_object() => Ok(result.clone()),
        _ => Err(rpc_error(&message)),
    }
}

async fn answer_in_stream(mut response: Response, id: u64) -> Result<Value, ClientError> {
    let mut events = EventStreamParser::default();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|_| ClientError::Unreachable(WHAT))?
    {
        for data in events.feed(&chunk) {
            // Notifications, and requests of the server, go unanswered: this client offers nothing.
            if let Some(message) = serde_json::from_str::<Value>(&data)
                .ok()
                .filter(|message| answers(message, id))
            {
                return Ok(message);
            }
        }
        if events.size() > LARGEST_EVENT {
            return Err(ClientError::Malformed(WHAT));
        }
    }
    Err(ClientError::Unreachable(WHAT))
}

fn answers(message: &Value, id: u64) -> bool {
    message.get("id").and_then(Value::as_u64) == Some(id)
        && (message.get("result").is_some() || message.get("error").is_some())
}

fn rpc_error(message: &Value) -> ClientError {
    match message
        .get("error")
        .and_then(|error| error.get("code"))
        .and_then(Value::as_i64)
    {
        Some(code) => ClientError::Rpc(code),
        None => ClientError::Malformed(WHAT),
    }
}

/// Text that is no plain visible ASCII travels in base64.
fn header_text(text: &str) -> String {
    let plain = text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) && text.trim() == text;
    if plain && !(text.starts_with("=?base64?") && text.ends_with("?=")) {
        return text.to_owned();
    }
    format!("=?base64?{}?=", STANDARD.encode(text))
}

/// Collects the data of server-sent events out of chunks that may break anywhere.
#[derive(Default)]
struct EventStreamParser {
    line: Vec<u8>,
    data: Vec<String>,
    after_return: bool,
}

impl EventStreamParser {
    fn feed(&mut self, chunk: &[u8]) -> Vec<String> {
        let mut events = Vec::new();
        for byte in chunk {
            let second_of_pair =
                std::mem::replace(&mut self.after_return, *byte == b'\r') && *byte == b'\n';
            match byte {
                b'\n' if second_of_pair => {}
                b'\r' | b'\n' => events.extend(self.end_line()),
                other => self.line.push(*other),
            }
        }
        events
    }

    /// The event that an empty line completes.
    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        let line = String::from_utf8_lossy(&line);
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            return (!data.is_empty()).then(|| data.join("\n"));
        }
        if let Some(data) = line.strip_prefix("data:") {
            self.data
                .push(data.strip_prefix(' ').unwrap_or(data).to_owned());
        }
        None
    }

    fn size(&self) -> usize {
        self.line.len() + self.data.iter().map(String::len).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_in_pieces() {
        let stream =
            b": hello\r\n\r\nevent: message\ndata: {\"a\":\ndata:1}\n\r\rid: 7\ndata: x\r\n\r\n";
        for size in 1..stream.len() {
            let mut events = EventStreamParser::default();
            let found: Vec<String> = stream
                .chunks(size)
                .flat_map(|chunk| events.feed(chunk))
                .collect();
            assert_eq!(found, ["{\"a\":\n1}", "x"], "{size}");
        }
    }

    #[test]
    fn odd_names_travel_in_base64() {
        assert_eq!(header_text("test-tool"), "test-tool");
        assert_eq!(
            header_text("Hello, 世界"),
            "=?base64?SGVsbG8sIOS4lueVjA==?="
        );
        assert_eq!(header_text(" padded "), "=?base64?IHBhZGRlZCA=?=");
    }
}
