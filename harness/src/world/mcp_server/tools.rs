//! The tools of an MCP server. They do nothing.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::super::draft::Draft;
use super::role::McpServerRole;
use super::rpc::{INVALID_PARAMETERS, RpcMessage};

/// The tool that every server has.
const TEST_TOOL: &str = "test-tool";

impl McpServerRole {
    fn tool_names(&self) -> BTreeSet<&str> {
        let called = self.tools.iter().map(String::as_str);
        let scoped = self.settings.tool_scopes.keys().map(String::as_str);
        std::iter::once(TEST_TOOL)
            .chain(called)
            .chain(scoped)
            .collect()
    }

    pub(super) fn has_tool(&self, tool: &str) -> bool {
        self.tool_names().contains(tool)
    }

    /// The result of `tools/list`.
    pub(super) fn list_tools(&self) -> Json {
        let describe = |name: &str| {
            json!({
                "name": name,
                "description": self.add_tool_text("Does nothing."),
                "inputSchema": {"type": "object", "properties": {}},
            })
        };
        let tools: Vec<Json> = self.tool_names().into_iter().map(describe).collect();
        json!({"tools": tools})
    }

    fn add_tool_text(&self, usual: &str) -> String {
        match &self.tool_text {
            Some(text) => format!("{usual} {text}"),
            None => usual.to_owned(),
        }
    }

    /// The answer to `tools/call`.
    pub(super) fn call_tool(&self, message: &RpcMessage, is_stateless: bool) -> Draft {
        let Some(tool) = message.tool().filter(|tool| self.has_tool(tool)) else {
            return message.error(200, INVALID_PARAMETERS, "Unknown tool");
        };
        let text = self.add_tool_text(&format!("{tool} at your service"));
        let mut result = json!({"content": [{"type": "text", "text": text}], "isError": false});
        if is_stateless {
            result["resultType"] = json!("complete");
        }
        message.result(self.settings.answers, result)
    }
}
