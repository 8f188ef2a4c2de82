//! Fields of requests at the MCP endpoint.

use serde_json::json;

use super::super::http_request::HttpRequest;
use super::super::mcp_server::rpc::RpcMessage;
use super::dpop::proof_fields;
use super::fields::fields;
use crate::scenario::model::EventField;
use crate::transcript::EventFields;

/// Fields of a request at the MCP endpoint `url` beyond those of every request.
pub(crate) fn mcp_fields(request: &HttpRequest, url: &str) -> EventFields {
    let message = RpcMessage::read(request);
    fields([
        (EventField::Rpc, message.method_field()),
        (EventField::Tool, json!(message.tool())),
        (
            EventField::SessionId,
            json!(request.header("mcp-session-id")),
        ),
        (EventField::Extensions, json!(message.extensions())),
        (EventField::Dpop, proof_fields(request, url, None)),
    ])
}
