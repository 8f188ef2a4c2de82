//! The Responses interface of OpenAI.

use serde_json::{Value as Json, json};

use super::super::conversation::{ModelAnswer, ModelConversation, NewCall, OfferedTool, PastCall};
use super::json_parts::{items, member, text_of};
use super::model_reply::ModelReply;
use super::server_sent_events::typed_events;

pub(super) fn read(body: &Json) -> ModelConversation {
    let mut conversation = ModelConversation {
        offered: items(body, "tools").flat_map(read_tools).collect(),
        calls: Vec::new(),
        is_streamed: body["stream"] == json!(true),
        model: member(body, "model"),
    };
    for item in items(body, "input") {
        let id = member(item, "call_id");
        match item["type"].as_str() {
            Some("function_call") => conversation.calls.push(PastCall {
                id,
                name: member(item, "name"),
                arguments: text_of(&item["arguments"]),
                result: None,
            }),
            Some("function_call_output") => {
                conversation.add_result(&id, "", text_of(&item["output"]));
            }
            _ => {}
        }
    }
    conversation
}

/// A function, or the functions of a namespace.
fn read_tools(tool: &Json) -> Vec<OfferedTool> {
    let read_function = |function: &Json, namespace: Option<String>| OfferedTool {
        name: member(function, "name"),
        namespace,
        description: member(function, "description"),
        schema: function["parameters"].clone(),
    };
    match tool["type"].as_str() {
        Some("function") => vec![read_function(tool, None)],
        Some("namespace") => items(tool, "tools")
            .map(|function| read_function(function, Some(member(tool, "name"))))
            .collect(),
        _ => Vec::new(),
    }
}

pub(super) fn write(conversation: &ModelConversation, answer: &ModelAnswer) -> ModelReply {
    let output: Vec<Json> = match answer {
        ModelAnswer::Say(text) => vec![message_item(&text_part(text))],
        ModelAnswer::Call(calls) => calls.iter().map(call_item).collect(),
    };
    let response = |status: &str, output: &[Json]| {
        json!({
            "id": "resp_1",
            "object": "response",
            "created_at": 0,
            "status": status,
            "error": null,
            "incomplete_details": null,
            "instructions": null,
            "metadata": {},
            "model": conversation.model,
            "output": output,
            "parallel_tool_calls": true,
            "tool_choice": "auto",
            "tools": [],
            "usage": {
                "input_tokens": 1,
                "input_tokens_details": { "cached_tokens": 0 },
                "output_tokens": 1,
                "output_tokens_details": { "reasoning_tokens": 0 },
                "total_tokens": 2,
            },
        })
    };
    let whole = response("completed", &output);
    if !conversation.is_streamed {
        return ModelReply::json(&whole);
    }
    let mut events = vec![json!({
        "type": "response.created", "response": response("in_progress", &[]),
    })];
    for (index, item) in output.iter().enumerate() {
        events.extend(item_events(index, item));
    }
    events.push(json!({ "type": "response.completed", "response": whole }));
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = json!(number);
    }
    ModelReply::stream(typed_events(&events))
}

/// The events that stream one item of the output.
fn item_events(index: usize, item: &Json) -> Vec<Json> {
    let event = |kind: &str, more: Json| {
        let mut event = json!({ "type": kind, "output_index": index, "item_id": item["id"] });
        for (name, value) in more.as_object().into_iter().flatten() {
            event[name] = value.clone();
        }
        event
    };
    let mut begun = item.clone();
    begun["status"] = json!("in_progress");
    let parts = if item["type"] == json!("message") {
        begun["content"] = json!([]);
        let part = &item["content"][0];
        let text = &part["text"];
        let empty = text_part("");
        vec![
            event(
                "response.content_part.added",
                json!({ "content_index": 0, "part": empty }),
            ),
            event(
                "response.output_text.delta",
                json!({ "content_index": 0, "delta": text }),
            ),
            event(
                "response.output_text.done",
                json!({ "content_index": 0, "text": text }),
            ),
            event(
                "response.content_part.done",
                json!({ "content_index": 0, "part": part }),
            ),
        ]
    } else {
        begun["arguments"] = json!("");
        let arguments = &item["arguments"];
        vec![
            event(
                "response.function_call_arguments.delta",
                json!({ "delta": arguments }),
            ),
            event(
                "response.function_call_arguments.done",
                json!({ "arguments": arguments }),
            ),
        ]
    };
    let added = event("response.output_item.added", json!({ "item": begun }));
    let done = event("response.output_item.done", json!({ "item": item }));
    [vec![added], parts, vec![done]].concat()
}

fn text_part(text: &str) -> Json {
    json!({ "type": "output_text", "text": text, "annotations": [], "logprobs": [] })
}

fn message_item(part: &Json) -> Json {
    json!({
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [part],
    })
}

fn call_item(call: &NewCall) -> Json {
    let mut item = json!({
        "type": "function_call",
        "id": format!("fc_{}", call.id),
        "call_id": call.id,
        "name": call.name,
        "arguments": call.arguments.to_string(),
        "status": "completed",
    });
    if let Some(namespace) = &call.namespace {
        item["namespace"] = json!(namespace);
    }
    item
}
