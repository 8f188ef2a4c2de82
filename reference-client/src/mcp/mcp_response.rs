//! Reads the responses of an MCP server.

use crate::discovery::Challenge;
use crate::error::ClientError;
use crate::json_document::{self, JsonDocument};
use crate::mcp::event_stream::EventStreamParser;
use reqwest::Response;
use serde_json::Value;

/// What errors call the other party.
pub(super) const WHAT: &str = "MCP server";

/// The largest event that the client reads, in bytes.
const LARGEST_EVENT: usize = 1 << 20;

/// The response to a request.
pub(super) enum McpResponse {
    /// The result of a call; null for other requests.
    Result(Value),
    /// Status 401, with the Bearer challenge.
    Unauthorized(Option<Challenge>),
    /// Status 403, with the Bearer challenge.
    Forbidden(Option<Challenge>),
}

/// Reads the result of the call with this ID, from a JSON body or an event stream.
pub(super) async fn read_result(response: Response, id: u64) -> Result<Value, ClientError> {
    let content_type = response
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .trim_start()
        .to_ascii_lowercase();
    let message = if content_type.starts_with("text/event-stream") {
        read_message_from_stream(response, id).await?
    } else {
        let body = json_document::read_body(response, WHAT).await?;
        parse_message(&body, id).ok_or(ClientError::Malformed(WHAT))?
    };
    match message.get("result") {
        Some(result) if result.is_object() => Ok(result.clone()),
        _ => Err(rpc_error(&message)),
    }
}

/// Reads the error in a response that is not successful.
pub(super) async fn read_error(response: Response) -> ClientError {
    let status = response.status().as_u16();
    match JsonDocument::read(response, WHAT).await {
        Ok(document) if document.members.contains_key("error") => {
            rpc_error(&document.members.into())
        }
        _ => ClientError::Status(WHAT, status),
    }
}

async fn read_message_from_stream(mut response: Response, id: u64) -> Result<Value, ClientError> {
    let mut events = EventStreamParser::default();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|_| ClientError::Unreachable(WHAT))?
    {
        for data in events.read_chunk(&chunk) {
            // Notifications and requests of the server are ignored.
            if let Some(message) = parse_message(data.as_bytes(), id) {
                return Ok(message);
            }
        }
        if events.size() > LARGEST_EVENT {
            return Err(ClientError::Malformed(WHAT));
        }
    }
    Err(ClientError::Unreachable(WHAT))
}

/// Parses a message, if it is the response to the request with this ID.
fn parse_message(json: &[u8], id: u64) -> Option<Value> {
    let message: Value = serde_json::from_slice(json).ok()?;
    let has_id = message.get("id").and_then(Value::as_u64) == Some(id);
    let is_response = message.get("result").is_some() || message.get("error").is_some();
    (has_id && is_response).then_some(message)
}

fn rpc_error(message: &Value) -> ClientError {
    let code = message.get("error").and_then(|error| error.get("code"));
    match code.and_then(Value::as_i64) {
        Some(code) => ClientError::Rpc(code),
        None => ClientError::Malformed(WHAT),
    }
}
