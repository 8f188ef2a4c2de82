//! Decides what the scripted model answers. The decision depends on the conversation alone: a
//! request that an agent repeats gets the same answer again.

use serde_json::{Map, Value as Json, json};

use super::conversation::{ModelAnswer, ModelConversation, NewCall, PastCall};
use super::gateway::call_through_gateway;
use super::tool_name::{find_tool, mentions, stands_for};

/// What the model says when every tool was answered.
const DONE: &str = "Done.";
/// What the model says when it cannot call a tool.
const NO_TOOL: &str = "The tool is not available.";

/// The tools that the model asks for.
#[derive(Debug, Clone, Default)]
pub(super) struct ModelScript {
    /// Names of tools of the MCP server, in order. A name that occurs twice is called twice.
    pub(super) tools: Vec<String>,
    /// Whether the model asks for all of them in one answer.
    pub(super) at_once: bool,
}

impl ModelScript {
    /// The model's next answer in a conversation. A conversation without tools is one on the side,
    /// such as one about a title, and gets a text.
    pub(super) fn next_answer(&self, conversation: &ModelConversation) -> ModelAnswer {
        if conversation.offered.is_empty() {
            return ModelAnswer::Say(DONE);
        }
        let due: Vec<&str> = self.tools_due(&conversation.calls).collect();
        if due.is_empty() {
            return ModelAnswer::Say(DONE);
        }
        let direct: Vec<NewCall> = due
            .iter()
            .enumerate()
            .map_while(|(index, wanted)| call_directly(conversation, wanted, index))
            .take(if self.at_once { usize::MAX } else { 1 })
            .collect();
        if !direct.is_empty() {
            return ModelAnswer::Call(direct);
        }
        match call_through_gateway(conversation, due[0]) {
            Some(call) => ModelAnswer::Call(vec![call]),
            None => ModelAnswer::Say(NO_TOOL),
        }
    }

    /// The tools that have not been answered yet, in order.
    fn tools_due(&self, calls: &[PastCall]) -> impl Iterator<Item = &str> {
        let mut answered: Vec<&PastCall> =
            calls.iter().filter(|call| call.result.is_some()).collect();
        self.tools.iter().map(String::as_str).filter(move |wanted| {
            let call = answered.iter().position(|call| reaches(call, wanted));
            call.map(|index| answered.remove(index)).is_none()
        })
    }

    /// Whether an offered tool stands for one that the model is to call.
    pub(super) fn wants(&self, name: &str) -> bool {
        self.tools.iter().any(|tool| stands_for(name, tool))
    }

    /// The tool of the MCP server that a call is about.
    pub(super) fn tool_of(&self, call: &NewCall) -> Option<&str> {
        let past = PastCall {
            name: call.name.clone(),
            arguments: call.arguments.to_string(),
            ..PastCall::default()
        };
        self.tools
            .iter()
            .map(String::as_str)
            .find(|tool| reaches(&past, tool))
    }
}

/// Whether a call is one of the tool, directly or through a tool that calls others.
fn reaches(call: &PastCall, wanted: &str) -> bool {
    let is_search = call.name.to_ascii_lowercase().contains("search");
    stands_for(&call.name, wanted) || !is_search && mentions(&call.arguments, wanted)
}

fn call_directly(conversation: &ModelConversation, wanted: &str, index: usize) -> Option<NewCall> {
    let tool = find_tool(&conversation.offered, wanted)?;
    Some(NewCall {
        id: format!("call_{}", conversation.calls.len() + 1 + index),
        name: tool.name.clone(),
        namespace: tool.namespace.clone(),
        arguments: fill_required(&tool.schema),
    })
}

/// Arguments that a schema requires. The server's own tools need none, but an agent may add some.
fn fill_required(schema: &Json) -> Json {
    let required = schema.get("required").and_then(Json::as_array);
    let filled: Map<String, Json> = required
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .map(|name| (name.to_owned(), fill(&schema["properties"][name])))
        .collect();
    Json::Object(filled)
}

fn fill(schema: &Json) -> Json {
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match schema["type"]
        .as_str()
        .map(str::to_ascii_lowercase)
        .as_deref()
    {
        Some("boolean") => json!(false),
        Some("number" | "integer") => json!(0),
        Some("object") => fill_required(schema),
        Some("array") => json!([]),
        _ => json!("test"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::conversation::OfferedTool;
    use super::*;

    fn offering(names: &[&str]) -> ModelConversation {
        let offered = names.iter().map(|name| OfferedTool {
            name: (*name).to_owned(),
            ..OfferedTool::default()
        });
        ModelConversation {
            offered: offered.collect(),
            ..ModelConversation::default()
        }
    }

    fn script(tools: &[&str], at_once: bool) -> ModelScript {
        ModelScript {
            tools: tools.iter().map(|tool| (*tool).to_owned()).collect(),
            at_once,
        }
    }

    /// Lets an agent do what the model asks for until it ends. Returns the names of the calls, a
    /// line for each answer.
    fn converse(script: &ModelScript, mut conversation: ModelConversation, result: &str) -> String {
        let mut lines = Vec::new();
        for _ in 0..9 {
            match script.next_answer(&conversation) {
                ModelAnswer::Say(text) => {
                    lines.push(text.to_owned());
                    break;
                }
                ModelAnswer::Call(calls) => {
                    let names: Vec<String> = calls
                        .iter()
                        .map(|call| format!("{}{}", call.name, call.arguments))
                        .collect();
                    lines.push(names.join(", "));
                    conversation
                        .calls
                        .extend(calls.into_iter().map(|call| PastCall {
                            id: call.id,
                            name: call.name,
                            arguments: call.arguments.to_string(),
                            result: Some(result.to_owned()),
                        }));
                }
            }
        }
        lines.join("\n")
    }

    #[test]
    fn the_tools_are_called_in_order_and_as_often_as_they_are_wanted() {
        let conversation = || offering(&["read", "cut_tool-a", "cut_tool-b"]);
        assert_eq!(
            converse(
                &script(&["tool-a", "tool-b", "tool-a"], false),
                conversation(),
                "x"
            ),
            "cut_tool-a{}\ncut_tool-b{}\ncut_tool-a{}\nDone."
        );
        assert_eq!(
            converse(&script(&["tool-a", "tool-a"], true), conversation(), "x"),
            "cut_tool-a{}, cut_tool-a{}\nDone."
        );
    }

    #[test]
    fn a_request_that_is_repeated_gets_the_same_answer() {
        let conversation = offering(&["test-tool"]);
        let script = script(&["test-tool"], false);
        assert_eq!(
            script.next_answer(&conversation),
            script.next_answer(&conversation)
        );
    }

    #[test]
    fn tools_behind_gateways_are_found() {
        let script = script(&["test-tool"], false);
        assert_eq!(
            converse(
                &script,
                offering(&["tool_search", "tool_call"]),
                "- mcp__c__test-tool"
            ),
            "tool_search{\"query\":\"test-tool\"}\n\
             tool_call{\"name\":\"mcp__c__test-tool\",\"arguments\":{}}\nDone."
        );
        assert_eq!(
            converse(
                &script,
                offering(&["search_tool_functions", "run_typescript"]),
                "tools.mcp_c.test_tool({})"
            ),
            "search_tool_functions{\"query\":\"test-tool\"}\n\
             run_typescript{\"code\":\"async function main() { return await \
             tools.mcp_c.test_tool({}); }\"}\nDone."
        );
        assert_eq!(
            converse(&script, offering(&["tool_search", "tool_call"]), "nothing"),
            "tool_search{\"query\":\"test-tool\"}\nThe tool is not available."
        );
    }

    #[test]
    fn without_the_tool_the_model_ends_the_turn() {
        let script = script(&["test-tool"], false);
        assert_eq!(converse(&script, offering(&["bash"]), ""), NO_TOOL);
        assert_eq!(converse(&script, offering(&[]), ""), DONE);
    }

    #[test]
    fn arguments_that_an_agent_requires_are_filled_in() {
        let schema = json!({
            "type": "object",
            "properties": { "risk": { "enum": ["LOW"] }, "summary": { "type": "string" } },
            "required": ["risk", "summary"],
        });
        assert_eq!(
            fill_required(&schema),
            json!({ "risk": "LOW", "summary": "test" })
        );
    }
}
