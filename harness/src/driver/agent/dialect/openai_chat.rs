//! The Chat Completions interface of OpenAI, which most other providers offer as well.

use serde_json::{Value as Json, json};

use super::super::conversation::{ModelAnswer, ModelConversation, NewCall, OfferedTool, PastCall};
use super::json_parts::{items, member, text_of};
use super::model_reply::ModelReply;
use super::server_sent_events::unnamed_events;

pub(super) fn read(body: &Json) -> ModelConversation {
    let offered = items(body, "tools").map(|tool| &tool["function"]);
    let mut conversation = ModelConversation {
        offered: offered.map(read_tool).collect(),
        calls: Vec::new(),
        is_streamed: body["stream"] == json!(true),
        model: member(body, "model"),
    };
    for message in items(body, "messages") {
        let calls = items(message, "tool_calls").map(|call| PastCall {
            id: member(call, "id"),
            name: member(&call["function"], "name"),
            arguments: text_of(&call["function"]["arguments"]),
            result: None,
        });
        conversation.calls.extend(calls);
        if message["role"] == json!("tool") {
            let id = member(message, "tool_call_id");
            conversation.add_result(&id, &member(message, "name"), text_of(&message["content"]));
        }
    }
    conversation
}

fn read_tool(function: &Json) -> OfferedTool {
    OfferedTool {
        name: member(function, "name"),
        namespace: None,
        description: member(function, "description"),
        schema: function["parameters"].clone(),
    }
}

pub(super) fn write(conversation: &ModelConversation, answer: &ModelAnswer) -> ModelReply {
    let (mut message, reason) = match answer {
        ModelAnswer::Say(text) => (json!({ "content": text }), "stop"),
        ModelAnswer::Call(calls) => {
            let calls: Vec<Json> = calls.iter().enumerate().map(write_call).collect();
            let message = json!({ "content": null, "tool_calls": calls });
            (message, "tool_calls")
        }
    };
    message["role"] = json!("assistant");
    let usage = json!({ "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 });
    let answer = |object: &str, choice: Json| {
        json!({
            "id": "chatcmpl-1",
            "object": object,
            "created": 0,
            "model": conversation.model,
            "choices": [choice],
        })
    };
    if !conversation.is_streamed {
        let choice = json!({ "index": 0, "message": message, "finish_reason": reason });
        let mut whole = answer("chat.completion", choice);
        whole["usage"] = usage;
        return ModelReply::json(&whole);
    }
    let chunk = |delta: Json, reason: Option<&str>| {
        let choice = json!({ "index": 0, "delta": delta, "finish_reason": reason });
        answer("chat.completion.chunk", choice)
    };
    let first = chunk(message, None);
    let mut last = chunk(json!({}), Some(reason));
    last["usage"] = usage;
    let events = unnamed_events([&first, &last]);
    ModelReply::stream(format!("{events}data: [DONE]\n\n"))
}

fn write_call((index, call): (usize, &NewCall)) -> Json {
    json!({
        "index": index,
        "id": call.id,
        "type": "function",
        "function": { "name": call.name, "arguments": call.arguments.to_string() },
    })
}
