//! MCP over Streamable HTTP: sends one request and reads its response.

use crate::defect::Defect;
use crate::discovery::Challenge;
use crate::error::ClientError;
use crate::json_document::JsonDocument;
use crate::mcp::mcp_request::McpRequest;
use crate::mcp::mcp_response::{McpResponse, WHAT, read_error, read_result};
use crate::mcp::send_variant::{SendVariant, TokenPlacement};
use crate::revision::ProtocolRevision;
use crate::run_context::RunContext;
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::Url;

/// The prefix of the members in `_meta`.
const META_PREFIX: &str = "io.modelcontextprotocol";

/// How many redirects of one request the client follows.
const MOST_REDIRECTS: usize = 3;

/// Sends requests to one MCP server. The caller provides the token.
pub(super) struct McpTransport {
    pub(super) run: Arc<RunContext>,
    pub(super) url: Url,
    next_id: AtomicU64,
    /// Whether a challenge has asked for a bearer token. Only defective clients use it.
    pub(super) is_asked_for_bearer: AtomicBool,
    session: Mutex<NegotiatedSession>,
}

/// What was agreed with `initialize`.
#[derive(Default)]
struct NegotiatedSession {
    id: Option<String>,
    version: Option<ProtocolRevision>,
}

impl McpTransport {
    pub(super) fn new(run: Arc<RunContext>, url: Url) -> Self {
        Self {
            run,
            url,
            next_id: AtomicU64::new(1),
            is_asked_for_bearer: AtomicBool::new(false),
            session: Mutex::default(),
        }
    }

    pub(super) fn has_session(&self) -> bool {
        self.session().id.is_some()
    }

    /// Records the revision from the response to `initialize`. All later requests name it.
    pub(super) fn set_version(&self, version: ProtocolRevision) {
        self.session().version = Some(version);
    }

    /// Sends a request once. Redirects are followed within the server's origin.
    pub(super) async fn send(
        &self,
        request: &McpRequest,
        token: Option<&str>,
    ) -> Result<McpResponse, ClientError> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let response = self.exchange(request, token, id).await?;
        let status = response.status();
        if matches!(status.as_u16(), 401 | 403) {
            let challenge = self.read_challenge(&response);
            if challenge.as_ref().is_some_and(Challenge::asks_for_bearer) {
                self.is_asked_for_bearer.store(true, Ordering::Relaxed);
            }
            let is_page = has_content_type(&response, "text/html");
            if is_page && self.run.has(Defect::CHALLENGE_HTML_REFUSED) {
                return Err(ClientError::Malformed(WHAT));
            }
            let uses_body = self.run.has(Defect::UNAUTHORIZED_BODY_USED);
            if uses_body
                && let Ok(document) = JsonDocument::read(response, WHAT).await
                && document.members.contains_key("jsonrpc")
            {
                return Err(ClientError::Status(WHAT, status.as_u16()));
            }
            return Ok(if status == 401 {
                McpResponse::Unauthorized(challenge)
            } else {
                McpResponse::Forbidden(challenge)
            });
        }
        match request {
            // Dropping the response closes the stream. A server may refuse to open one.
            McpRequest::Listen | McpRequest::OpenStream | McpRequest::EndSession => {
                Ok(McpResponse::Result(Value::Null))
            }
            McpRequest::Notify { .. } if status.is_success() => {
                Ok(McpResponse::Result(Value::Null))
            }
            McpRequest::Call { method, .. } if status.is_success() => {
                if *method == "initialize" {
                    self.remember_session(response.headers());
                }
                read_result(response, id).await.map(McpResponse::Result)
            }
            McpRequest::Call { .. } | McpRequest::Notify { .. } => Err(read_error(response).await),
        }
    }

    /// Sends a request in the conforming way. A defective client may try another way first.
    async fn exchange(
        &self,
        request: &McpRequest,
        token: Option<&str>,
        id: u64,
    ) -> Result<Response, ClientError> {
        if let Some(variant) = self.defective_variant(request, token) {
            let response = self.send_variant(request, token, id, &variant).await?;
            if !response.status().is_client_error() {
                return Ok(response);
            }
        }
        let mut variant = SendVariant::conforming();
        let mut response = self.send_variant(request, token, id, &variant).await?;
        if response.status() == 401
            && self.wants_nonce(&response)
            && !self.run.has(Defect::DPOP_RESOURCE_NONCE_IGNORED)
        {
            response = self.send_variant(request, token, id, &variant).await?;
        }
        for _ in 0..MOST_REDIRECTS {
            let Some(target) = self.find_redirect_target(&response) else {
                break;
            };
            variant.url = Some(target);
            response = self.send_variant(request, token, id, &variant).await?;
        }
        Ok(response)
    }

    /// Where a response sends the request, if the client follows. Another origin must not get the
    /// token.
    fn find_redirect_target(&self, response: &Response) -> Option<Url> {
        if !matches!(response.status().as_u16(), 307 | 308) {
            return None;
        }
        let location = response.headers().get("location")?.to_str().ok()?;
        let target = response.url().join(location).ok()?;
        let is_own = target.origin() == self.url.origin();
        (is_own || self.run.has(Defect::MCP_REDIRECT_FOLLOWED)).then_some(target)
    }

    async fn send_variant(
        &self,
        request: &McpRequest,
        token: Option<&str>,
        id: u64,
        variant: &SendVariant,
    ) -> Result<Response, ClientError> {
        let request = self.build_request(request, token, id, variant)?;
        let response = request.send().await;
        let response = response.map_err(|_| ClientError::Unreachable(WHAT))?;
        let is_success = response.status().is_success();
        let is_ignored = self.run.has(Defect::DPOP_RESOURCE_NONCE_IGNORED)
            || is_success && self.run.has(Defect::DPOP_NONCE_OF_ERRORS_ONLY);
        if !is_ignored {
            let (dpop, headers) = (&self.run.dpop, response.headers());
            dpop.note_nonce(&self.url, headers, self.run.defects());
        }
        Ok(response)
    }

    fn build_request(
        &self,
        request: &McpRequest,
        token: Option<&str>,
        id: u64,
        variant: &SendVariant,
    ) -> Result<RequestBuilder, ClientError> {
        let mut url = variant.url.clone().unwrap_or_else(|| self.url.clone());
        if let Some(token) = token
            && self.run.has(Defect::TOKEN_IN_QUERY)
        {
            url.query_pairs_mut().append_pair("access_token", token);
        }
        let mut builder = self.run.http.request(request.http_method(), url.clone());
        if let Some(token) = token {
            let proof = self.prove(request, &url, token, variant)?;
            builder = match proof {
                Some(proof) => builder
                    .header("Authorization", format!("DPoP {token}"))
                    .header("DPoP", proof),
                None => self.add_token(builder, token, variant.token_placement),
            };
        }
        builder = builder.headers(self.protocol_headers(request, variant));
        let Some(mut body) = self.build_body(request, id) else {
            return Ok(builder.header("Accept", "text/event-stream"));
        };
        if let Some(token) = token
            && self.run.has(Defect::TOKEN_IN_BODY)
        {
            body["params"]["_meta"]["access_token"] = json!(token);
        }
        Ok(builder
            .header("Accept", "application/json, text/event-stream")
            .json(&body))
    }

    fn add_token(
        &self,
        builder: RequestBuilder,
        token: &str,
        placement: TokenPlacement,
    ) -> RequestBuilder {
        match placement {
            TokenPlacement::AuthorizationHeader if self.run.has(Defect::BEARER_PERCENT_ENCODED) => {
                let bytes = url::form_urlencoded::byte_serialize(token.as_bytes());
                builder.bearer_auth(bytes.collect::<String>())
            }
            TokenPlacement::AuthorizationHeader | TokenPlacement::BearerDespiteBinding => {
                builder.bearer_auth(token)
            }
            TokenPlacement::OwnHeader => builder.header("X-Access-Token", token),
            TokenPlacement::Omitted => builder,
        }
    }

    fn protocol_headers(&self, request: &McpRequest, variant: &SendVariant) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut set = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        let session = self.session();
        if let Some(id) = session.id.as_ref().or(variant.foreign_session.as_ref()) {
            set("mcp-session-id", id);
        }
        let revision = self.run.config.revision;
        if revision.has_sessions() {
            // There is no agreed version before the response to `initialize`.
            if let Some(version) = session.version
                && version >= ProtocolRevision::June2025
                && variant.has_version_header
            {
                set("mcp-protocol-version", version.as_str());
            }
            return headers;
        }
        if variant.has_version_header {
            set("mcp-protocol-version", revision.as_str());
        }
        if let Some(method) = request.rpc_method() {
            set("mcp-method", method);
        }
        if let Some(tool) = request.tool() {
            set("mcp-name", &encode_header_text(tool));
        }
        headers
    }

    /// The JSON-RPC message of a request, if it has one.
    fn build_body(&self, request: &McpRequest, id: u64) -> Option<Value> {
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
            params.insert("_meta".to_owned(), self.build_meta());
        }
        Some(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
    }

    /// The `_meta` member that every request of a revision without sessions has.
    fn build_meta(&self) -> Value {
        json!({
            format!("{META_PREFIX}/protocolVersion"): self.run.config.revision.as_str(),
            format!("{META_PREFIX}/clientInfo"): client_info(),
            format!("{META_PREFIX}/clientCapabilities"): self.capabilities(),
        })
    }

    fn capabilities(&self) -> Value {
        match self.run.config.sign_in.extension() {
            Some(extension) if !self.run.has(Defect::EXTENSION_UNDECLARED) => {
                json!({ "extensions": { (extension): {} } })
            }
            _ => json!({}),
        }
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

/// The name and version of this client.
pub(super) fn client_info() -> Value {
    json!({ "name": "reference-client", "version": env!("CARGO_PKG_VERSION") })
}

fn has_content_type(response: &Response, media_type: &str) -> bool {
    let content_type = response.headers().get("content-type");
    let content_type = content_type.and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.starts_with(media_type))
}

/// Encodes text for a header. Anything but plain visible ASCII is sent as base64.
fn encode_header_text(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) && text.trim() == text;
    let looks_encoded = text.starts_with("=?base64?") && text.ends_with("?=");
    if is_plain && !looks_encoded {
        return text.to_owned();
    }
    format!("=?base64?{}?=", STANDARD.encode(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_sent_unchanged() {
        assert_eq!(encode_header_text("test-tool"), "test-tool");
        assert_eq!(
            encode_header_text("Hello, 世界"),
            "=?base64?SGVsbG8sIOS4lueVjA==?="
        );
        assert_eq!(encode_header_text(" padded "), "=?base64?IHBhZGRlZCA=?=");
    }
}
