//! JSON-RPC messages.

use serde_json::{Value as Json, json};

use super::super::draft::{Content, Draft};
use super::super::http_request::HttpRequest;
use crate::scenario::model::Answers;

/// JSON-RPC: the JSON sent is not a valid request object.
pub(super) const INVALID_REQUEST: i64 = -32600;
/// JSON-RPC: the method does not exist.
pub(super) const METHOD_NOT_FOUND: i64 = -32601;
/// JSON-RPC: invalid parameters.
pub(super) const INVALID_PARAMETERS: i64 = -32602;

/// A JSON-RPC message from a client.
#[derive(Debug, Default)]
pub(crate) struct RpcMessage {
    pub(super) id: Option<Json>,
    /// Empty: the message is not a JSON-RPC request.
    pub(super) method: String,
    pub(super) parameters: Json,
}

impl RpcMessage {
    pub(crate) fn read(request: &HttpRequest) -> Self {
        let body: Json = serde_json::from_str(&request.body).unwrap_or_default();
        let method = body.get("method").and_then(Json::as_str);
        Self {
            id: body.get("id").cloned(),
            method: method.unwrap_or_default().to_owned(),
            parameters: body.get("params").cloned().unwrap_or_default(),
        }
    }

    /// The method as an event field.
    pub(crate) fn method_field(&self) -> Json {
        if self.method.is_empty() {
            Json::Null
        } else {
            json!(self.method)
        }
    }

    /// The tool that is called.
    pub(crate) fn tool(&self) -> Option<&str> {
        if self.method != "tools/call" {
            return None;
        }
        self.parameters.get("name").and_then(Json::as_str)
    }

    /// The extensions that the client says it speaks: in each request's metadata, or in
    /// `initialize`.
    pub(crate) fn extensions(&self) -> Vec<&String> {
        let meta = self.parameters.get("_meta");
        let own = meta.and_then(|meta| meta.get("io.modelcontextprotocol/clientCapabilities"));
        let capabilities = own.or_else(|| {
            let at_initialize = self.parameters.get("capabilities");
            at_initialize.filter(|_| self.method == "initialize")
        });
        let extensions = capabilities.and_then(|c| c.get("extensions"));
        let members = extensions.and_then(Json::as_object).into_iter();
        members.flat_map(|members| members.keys()).collect()
    }

    /// The version in the request's own metadata, which makes it a stateless request.
    pub(super) fn stateless_version(&self) -> Option<&str> {
        self.parameters
            .get("_meta")?
            .get("io.modelcontextprotocol/protocolVersion")?
            .as_str()
    }

    /// A result, as one JSON object or as a stream of one event.
    pub(super) fn result(&self, answers: Answers, result: Json) -> Draft {
        let body = json!({"jsonrpc": "2.0", "id": self.id, "result": result});
        match answers {
            Answers::Json => Draft::json(200, body, "answered"),
            Answers::Sse => {
                let content = Content::Raw {
                    content_type: "text/event-stream",
                    body: format!("event: message\ndata: {body}\n\n"),
                };
                Draft::new(200, content, "answered")
            }
        }
    }

    /// An error with a message alone.
    pub(super) fn error(&self, status: u16, code: i64, message: &str) -> Draft {
        self.error_object(status, json!({"code": code, "message": message}))
    }

    /// An error.
    pub(super) fn error_object(&self, status: u16, error: Json) -> Draft {
        let body = json!({"jsonrpc": "2.0", "id": self.id, "error": error});
        let note = if status == 200 {
            "answered"
        } else {
            "JSON-RPC error"
        };
        Draft::json(status, body, note)
    }
}
