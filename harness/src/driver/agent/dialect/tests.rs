use serde_json::{Value as Json, json};

use super::super::conversation::{ModelAnswer, ModelConversation, NewCall};
use super::{Dialect, ModelReply, answer_about_models};

fn call(namespace: Option<&str>) -> ModelAnswer {
    ModelAnswer::Call(vec![NewCall {
        id: "call_1".to_owned(),
        name: "cut_test-tool".to_owned(),
        namespace: namespace.map(str::to_owned),
        arguments: json!({}),
    }])
}

/// The path, a request after a tool call, and the same request before it.
fn requests(dialect: Dialect) -> (&'static str, Json, Json) {
    let schema = json!({ "type": "object", "properties": {} });
    match dialect {
        Dialect::OpenaiChat => {
            let function =
                json!({ "name": "cut_test-tool", "description": "d", "parameters": schema });
            let ask = json!({ "role": "user", "content": "go" });
            let called = json!({ "role": "assistant", "content": null, "tool_calls": [
                { "id": "call_1", "type": "function",
                  "function": { "name": "cut_test-tool", "arguments": "{}" } },
            ] });
            let result = json!({ "role": "tool", "tool_call_id": "call_1",
                "content": [{ "type": "text", "text": "well" }] });
            let request = |messages: &[&Json]| {
                json!({ "model": "m", "stream": true, "messages": messages,
                    "tools": [{ "type": "function", "function": function }] })
            };
            let after = request(&[&ask, &called, &result]);
            ("/k/v1/chat/completions", after, request(&[&ask]))
        }
        Dialect::OpenaiResponses => {
            let function = json!({ "type": "function", "name": "test-tool", "description": "d",
                "parameters": schema });
            let tools = json!([
                { "type": "web_search" },
                { "type": "namespace", "name": "mcp__cut__", "tools": [function] },
            ]);
            let ask = json!({ "type": "message", "role": "user", "content": [] });
            let called = json!({ "type": "function_call", "call_id": "call_1",
                "namespace": "mcp__cut__", "name": "test-tool", "arguments": "{}" });
            let result =
                json!({ "type": "function_call_output", "call_id": "call_1", "output": "well" });
            let model = json!("m");
            let request = |input: &[&Json]| {
                let (input, tools) = (json!(input), &tools);
                json!({ "model": model, "stream": true, "input": input, "tools": tools })
            };
            (
                "/k/responses",
                request(&[&ask, &called, &result]),
                request(&[&ask]),
            )
        }
        Dialect::Anthropic => {
            let tools =
                json!([{ "name": "cut_test-tool", "description": "d", "input_schema": schema }]);
            let ask = json!({ "role": "user", "content": "go" });
            let called = json!({ "role": "assistant", "content": [
                { "type": "tool_use", "id": "call_1", "name": "cut_test-tool", "input": {} },
            ] });
            let result = json!({ "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": "call_1",
                  "content": [{ "type": "text", "text": "well" }] },
            ] });
            let model = json!("m");
            let request = |messages: &[&Json]| {
                let (messages, tools) = (json!(messages), &tools);
                json!({ "model": model, "stream": true, "messages": messages, "tools": tools })
            };
            let after = request(&[&ask, &called, &result]);
            ("/k/v1/messages", after, request(&[&ask]))
        }
        Dialect::Gemini => {
            let tools = json!([{ "functionDeclarations": [
                { "name": "cut_test-tool", "description": "d", "parametersJsonSchema": schema },
            ] }]);
            let ask = json!({ "role": "user", "parts": [{ "text": "go" }] });
            let called = json!({ "role": "model", "parts": [
                { "functionCall": { "name": "cut_test-tool", "args": {} } },
            ] });
            let result = json!({ "role": "user", "parts": [
                { "functionResponse": { "name": "cut_test-tool",
                    "response": { "output": "well" } } },
            ] });
            let request = |contents: &[&Json]| json!({ "contents": contents, "tools": tools });
            let path = "/k/v1beta/models/m:streamGenerateContent";
            (path, request(&[&ask, &called, &result]), request(&[&ask]))
        }
    }
}

const ALL: [Dialect; 4] = [
    Dialect::OpenaiChat,
    Dialect::OpenaiResponses,
    Dialect::Anthropic,
    Dialect::Gemini,
];

#[test]
fn each_dialect_reads_tools_calls_and_results() {
    for dialect in ALL {
        let (path, after, before) = requests(dialect);
        assert_eq!(Dialect::of_path(path), Some(dialect));
        let conversation = dialect.read(path, &before);
        assert_eq!(
            (conversation.calls.len(), conversation.offered.len()),
            (0, 1),
            "{path}"
        );
        assert_eq!(conversation.model, "m");
        let conversation = dialect.read(path, &after);
        assert!(conversation.is_streamed, "{path}");
        let tool = &conversation.offered[0];
        assert!(
            tool.name.ends_with("test-tool") && tool.description == "d",
            "{path}"
        );
        assert_eq!(tool.schema["type"], "object", "{path}");
        let [call] = conversation.calls.as_slice() else {
            panic!("{path}: {:?}", conversation.calls);
        };
        assert!(call.name.ends_with("test-tool"), "{path}");
        assert_eq!(call.arguments, "{}", "{path}");
        assert!(call.result.as_ref().unwrap().contains("well"), "{path}");
    }
}

/// What is written can be read again as the past of a conversation.
#[test]
fn each_dialect_writes_texts_and_calls() {
    let mut written = Vec::new();
    for dialect in ALL {
        for is_streamed in [false, true] {
            let conversation = ModelConversation {
                is_streamed,
                model: "m".to_owned(),
                ..ModelConversation::default()
            };
            for answer in [ModelAnswer::Say("Done."), call(Some("mcp__cut__"))] {
                let ModelReply { content_type, body } = dialect.write(&conversation, &answer);
                written.push(format!("{dialect:?} {content_type}\n{body}"));
            }
        }
    }
    insta::assert_snapshot!(written.join("\n"));
}

#[test]
fn questions_about_models_are_no_conversation() {
    for path in [
        "/k/v1/models",
        "/k/v1/messages/count_tokens",
        "/k/v1beta/models/m:countTokens",
    ] {
        assert!(
            Dialect::of_path(path).is_none() && answer_about_models(path).is_some(),
            "{path}"
        );
    }
    assert!(answer_about_models("/k/v1/files").is_none());
}

#[test]
fn odd_requests_are_read_as_empty_conversations() {
    for dialect in ALL {
        for body in [
            json!(null),
            json!([]),
            json!({ "messages": 3, "tools": {}, "input": "x" }),
        ] {
            let conversation = dialect.read("/x:generateContent", &body);
            assert!(conversation.offered.is_empty() && conversation.calls.is_empty());
        }
    }
}
