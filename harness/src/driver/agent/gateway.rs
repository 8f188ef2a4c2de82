//! Tools through which an agent lets its model find and call other tools, so that it need not offer
//! all of them.

use serde_json::{Value as Json, json};

use super::conversation::{ModelConversation, NewCall, OfferedTool};
use super::tool_name::{find_name_in, stands_for};

/// A pair of tools: one finds tools, the other calls what was found.
struct Gateway {
    search: &'static str,
    call: &'static str,
    /// The arguments of the second tool for a tool that was found under this name.
    call_arguments: fn(&str) -> Json,
}

const GATEWAYS: [Gateway; 2] = [
    Gateway {
        search: "tool_search",
        call: "tool_call",
        call_arguments: |name| json!({ "name": name, "arguments": {} }),
    },
    Gateway {
        search: "search_tool_functions",
        call: "run_typescript",
        call_arguments: |name| {
            let function = if name.starts_with("tools.") {
                name.to_owned()
            } else {
                format!("tools.{name}")
            };
            json!({
                "code": format!("async function main() {{ return await {function}({{}}); }}"),
            })
        },
    },
];

/// The call that comes nearer to a tool that is not offered: a search for it, or a call of what the
/// search found. `None`: the agent has no such tools, or nothing was found.
pub(super) fn call_through_gateway(
    conversation: &ModelConversation,
    wanted: &str,
) -> Option<NewCall> {
    GATEWAYS.iter().find_map(|gateway| {
        let search = find_offered(conversation, gateway.search)?;
        let past = conversation
            .calls
            .iter()
            .rfind(|call| stands_for(&call.name, gateway.search));
        let Some(past) = past else {
            let arguments = json!({ "query": wanted });
            return Some(new_call(search, arguments, conversation));
        };
        let call = find_offered(conversation, gateway.call)?;
        let found = find_name_in(past.result.as_deref()?, wanted)?;
        let arguments = (gateway.call_arguments)(found);
        Some(new_call(call, arguments, conversation))
    })
}

fn find_offered<'a>(conversation: &'a ModelConversation, name: &str) -> Option<&'a OfferedTool> {
    conversation
        .offered
        .iter()
        .find(|tool| stands_for(&tool.name, name))
}

fn new_call(tool: &OfferedTool, arguments: Json, conversation: &ModelConversation) -> NewCall {
    NewCall {
        id: format!("call_{}", conversation.calls.len() + 1),
        name: tool.name.clone(),
        namespace: tool.namespace.clone(),
        arguments,
    }
}
