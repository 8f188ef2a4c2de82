//! Fields of requests at the MCP endpoint.

use serde_json::json;

use super::super::http_request::HttpRequest;
use super::super::mcp_server::rpc::RpcMessage;
use super::fields::fields;
use crate::scenario::model::EventField;
use crate::transcript::EventFields;

/// Fields of a request at the MCP endpoint beyond those of every request.
pub(crate) fn mcp_fields(request: &HttpRequest) -> EventFields {
    let message = RpcMessage::read(request);
    fields([
        (EventField::Rpc, message.method_field()),
        (EventField::Tool, json!(message.tool())),
        (
            EventField::SessionId,
            json!(request.header("mcp-session-id")),
        ),
        (EventField::Extensions, json!(message.extensions())),
    ])
}
