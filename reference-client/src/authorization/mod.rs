//! The authorization of one MCP server: which access token is current, and how a new one is
//! obtained from its authorization server.

pub(crate) mod authorize;
pub(crate) mod authorizer;
pub(crate) mod response;
