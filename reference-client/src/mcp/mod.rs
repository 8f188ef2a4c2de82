//! MCP over Streamable HTTP.

pub(crate) mod session;
pub(crate) mod transport;
