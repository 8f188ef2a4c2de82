//! The interface of Google's Gemini models. Whether an answer is streamed is told by the path, and
//! calls have names but need no identifiers.

use serde_json::{Value as Json, json};

use super::super::conversation::{ModelAnswer, ModelConversation, NewCall, OfferedTool, PastCall};
use super::json_parts::{items, member};
use super::model_reply::ModelReply;
use super::server_sent_events::unnamed_events;

pub(super) fn read(path: &str, body: &Json) -> ModelConversation {
    let declarations = items(body, "tools").flat_map(|tool| {
        items(tool, "functionDeclarations").chain(items(tool, "function_declarations"))
    });
    let model = path.rsplit('/').next().unwrap_or_default();
    let mut conversation = ModelConversation {
        offered: declarations.map(read_tool).collect(),
        calls: Vec::new(),
        is_streamed: path.ends_with(":streamGenerateContent"),
        model: model.split(':').next().unwrap_or_default().to_owned(),
    };
    for part in items(body, "contents").flat_map(|content| items(content, "parts")) {
        let (call, result) = (&part["functionCall"], &part["functionResponse"]);
        if call.is_object() {
            conversation.calls.push(PastCall {
                id: String::new(),
                name: member(call, "name"),
                arguments: call["args"].to_string(),
                result: None,
            });
        } else if result.is_object() {
            conversation.add_result("", &member(result, "name"), result["response"].to_string());
        }
    }
    conversation
}

fn read_tool(declaration: &Json) -> OfferedTool {
    let schema = [
        &declaration["parametersJsonSchema"],
        &declaration["parameters"],
    ];
    let schema = schema.into_iter().find(|schema| schema.is_object());
    OfferedTool {
        name: member(declaration, "name"),
        namespace: None,
        description: member(declaration, "description"),
        schema: schema.cloned().unwrap_or_default(),
    }
}

pub(super) fn write(conversation: &ModelConversation, answer: &ModelAnswer) -> ModelReply {
    let parts: Vec<Json> = match answer {
        ModelAnswer::Say(text) => vec![json!({ "text": text })],
        ModelAnswer::Call(calls) => calls.iter().map(call_part).collect(),
    };
    let whole = json!({
        "candidates": [{
            "content": { "role": "model", "parts": parts },
            "finishReason": "STOP",
            "index": 0,
        }],
        "usageMetadata": {
            "promptTokenCount": 1, "candidatesTokenCount": 1, "totalTokenCount": 2,
        },
        "modelVersion": conversation.model,
    });
    if conversation.is_streamed {
        ModelReply::stream(unnamed_events([&whole]))
    } else {
        ModelReply::json(&whole)
    }
}

fn call_part(call: &NewCall) -> Json {
    json!({ "functionCall": { "id": call.id, "name": call.name, "args": call.arguments } })
}
