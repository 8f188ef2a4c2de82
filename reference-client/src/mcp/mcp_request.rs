//! The messages that the client sends to an MCP server.

use reqwest::Method;
use serde_json::{Value, json};

/// A message to the MCP endpoint.
pub(super) enum McpRequest {
    /// A JSON-RPC request.
    Call { method: &'static str, params: Value },
    /// A JSON-RPC notification.
    Notify { method: &'static str },
    /// `subscriptions/listen` of revision 2026-07-28. The client opens the stream and closes it
    /// again. Servers need not support it.
    Listen,
    /// The GET event stream of earlier revisions. Servers need not support it.
    OpenStream,
    /// The DELETE that ends a session. Servers need not support it.
    EndSession,
}

impl McpRequest {
    pub(super) fn call_tool(name: &str) -> Self {
        Self::Call {
            method: "tools/call",
            params: json!({ "name": name, "arguments": {} }),
        }
    }

    /// The operation and its tool. Step-up attempts are counted for each of them.
    pub(super) fn operation(&self) -> String {
        format!(
            "{} {}",
            self.rpc_method().unwrap_or_default(),
            self.tool().unwrap_or_default()
        )
    }

    pub(super) fn rpc_method(&self) -> Option<&'static str> {
        match self {
            Self::Call { method, .. } | Self::Notify { method } => Some(method),
            Self::Listen => Some("subscriptions/listen"),
            Self::OpenStream | Self::EndSession => None,
        }
    }

    pub(super) fn tool(&self) -> Option<&str> {
        match self {
            Self::Call {
                method: "tools/call",
                params,
            } => params.get("name")?.as_str(),
            _ => None,
        }
    }

    pub(super) fn http_method(&self) -> Method {
        match self {
            Self::OpenStream => Method::GET,
            Self::EndSession => Method::DELETE,
            Self::Call { .. } | Self::Notify { .. } | Self::Listen => Method::POST,
        }
    }
}
