//! MCP over Streamable HTTP: the conversation with one server.

mod agent;
mod defective_variant;
mod event_stream;
mod mcp_request;
mod mcp_response;
mod possession;
mod send_variant;
mod session;
mod token_report;
mod transport;

pub(crate) use session::McpSession;
