//! The Messages interface of Anthropic.

use serde_json::{Value as Json, json};

use super::super::conversation::{ModelAnswer, ModelConversation, NewCall, OfferedTool, PastCall};
use super::json_parts::{items, member, text_of};
use super::model_reply::ModelReply;
use super::server_sent_events::typed_events;

pub(super) fn read(body: &Json) -> ModelConversation {
    let mut conversation = ModelConversation {
        offered: items(body, "tools").map(read_tool).collect(),
        calls: Vec::new(),
        is_streamed: body["stream"] == json!(true),
        model: member(body, "model"),
    };
    for block in items(body, "messages").flat_map(|message| items(message, "content")) {
        match block["type"].as_str() {
            Some("tool_use") => conversation.calls.push(PastCall {
                id: member(block, "id"),
                name: member(block, "name"),
                arguments: block["input"].to_string(),
                result: None,
            }),
            Some("tool_result") => {
                let id = member(block, "tool_use_id");
                conversation.add_result(&id, "", text_of(&block["content"]));
            }
            _ => {}
        }
    }
    conversation
}

fn read_tool(tool: &Json) -> OfferedTool {
    OfferedTool {
        name: member(tool, "name"),
        namespace: None,
        description: member(tool, "description"),
        schema: tool["input_schema"].clone(),
    }
}

pub(super) fn write(conversation: &ModelConversation, answer: &ModelAnswer) -> ModelReply {
    let (content, reason) = match answer {
        ModelAnswer::Say(text) => {
            let block = json!({ "type": "text", "text": text });
            (vec![block], "end_turn")
        }
        ModelAnswer::Call(calls) => (calls.iter().map(call_block).collect(), "tool_use"),
    };
    let message = |content: &[Json], reason: Option<&str>| {
        json!({
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": conversation.model,
            "content": content,
            "stop_reason": reason,
            "stop_sequence": null,
            "usage": { "input_tokens": 1, "output_tokens": 1 },
        })
    };
    if !conversation.is_streamed {
        return ModelReply::json(&message(&content, Some(reason)));
    }
    let mut events = vec![json!({ "type": "message_start", "message": message(&[], None) })];
    for (index, block) in content.iter().enumerate() {
        events.extend(block_events(index, block));
    }
    events.push(json!({
        "type": "message_delta",
        "delta": { "stop_reason": reason, "stop_sequence": null },
        "usage": { "output_tokens": 1 },
    }));
    events.push(json!({ "type": "message_stop" }));
    ModelReply::stream(typed_events(&events))
}

/// The events that stream one block of the content.
fn block_events(index: usize, block: &Json) -> [Json; 3] {
    let mut begun = block.clone();
    let delta = if block["type"] == json!("text") {
        begun["text"] = json!("");
        json!({ "type": "text_delta", "text": block["text"] })
    } else {
        begun["input"] = json!({});
        json!({ "type": "input_json_delta", "partial_json": block["input"].to_string() })
    };
    [
        json!({ "type": "content_block_start", "index": index, "content_block": begun }),
        json!({ "type": "content_block_delta", "index": index, "delta": delta }),
        json!({ "type": "content_block_stop", "index": index }),
    ]
}

fn call_block(call: &NewCall) -> Json {
    json!({
        "type": "tool_use",
        "id": format!("toolu_{}", call.id),
        "name": call.name,
        "input": call.arguments,
    })
}
