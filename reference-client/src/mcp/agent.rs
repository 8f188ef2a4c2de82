//! What an agent does after it has connected: it tells its model which tools there are, and calls
//! those that the model asks for.

use crate::config::ModelAddress;
use crate::defect::Defect;
use crate::error::ClientError;
use crate::json_document;
use crate::mcp::session::McpSession;
use serde_json::{Value, json};

/// What errors call the model's provider.
const PROVIDER: &str = "model's provider";
/// How often the model is asked in one conversation.
const MOST_TURNS: usize = 40;
/// What the names of the server's tools begin with in the conversation with the model.
const PREFIX: &str = "mcp__server__";

impl McpSession {
    /// Holds the conversation with the model until it asks for no more tools. The failure of a call
    /// is told to the model, and is the outcome.
    pub(super) async fn follow_model(
        &self,
        model: &ModelAddress,
        tools: &Value,
    ) -> Result<(), ClientError> {
        let offered = describe_tools(tools);
        let mut messages = vec![
            json!({ "role": "system", "content": self.instructions().await }),
            json!({ "role": "user", "content": "Call the tool." }),
        ];
        let mut failure = None;
        for _ in 0..MOST_TURNS {
            let message = self.ask(model, &messages, &offered).await?;
            let calls = message["tool_calls"].as_array().cloned();
            messages.push(message);
            let Some(calls) = calls.filter(|calls| !calls.is_empty()) else {
                break;
            };
            for call in calls {
                let name = call["function"]["name"].as_str().unwrap_or_default();
                let tool = name.strip_prefix(PREFIX).unwrap_or(name);
                let content = match self.call_for_result(tool).await {
                    Ok(result) => {
                        self.follow_text_defectively(&result).await;
                        result["content"].to_string()
                    }
                    Err(error) => {
                        let text = format!("error: {error}");
                        failure = failure.or(Some(error));
                        text
                    }
                };
                messages.push(json!({
                    "role": "tool", "tool_call_id": call["id"], "content": content,
                }));
            }
        }
        failure.map_or(Ok(()), Err)
    }

    /// What the model is told at the beginning.
    async fn instructions(&self) -> String {
        let mut text = "You call the tools of an MCP server.".to_owned();
        if self.run.has(Defect::AGENT_TELLS_MODEL_TOKEN) {
            let token = self.authorizer.current_token().await.unwrap_or_default();
            text.push_str(&format!(" The user is signed in with the token {token}."));
        }
        text
    }

    /// The model's next message.
    async fn ask(
        &self,
        model: &ModelAddress,
        messages: &[Value],
        tools: &[Value],
    ) -> Result<Value, ClientError> {
        let url = format!("{}/chat/completions", model.url.trim_end_matches('/'));
        let body = json!({ "model": "mock", "messages": messages, "tools": tools });
        let response = self
            .run
            .unauthenticated_http
            .post(url)
            .bearer_auth(&model.key)
            .json(&body)
            .send()
            .await
            .map_err(|_| ClientError::Unreachable(PROVIDER))?;
        let status = response.status();
        if !status.is_success() {
            return Err(ClientError::Status(PROVIDER, status.as_u16()));
        }
        let body = json_document::read_body(response, PROVIDER).await?;
        let answer: Value =
            serde_json::from_slice(&body).map_err(|_| ClientError::Malformed(PROVIDER))?;
        let message = &answer["choices"][0]["message"];
        if message.is_object() {
            Ok(message.clone())
        } else {
            Err(ClientError::Malformed(PROVIDER))
        }
    }

    /// What a defective agent does with a link in what a server says.
    async fn follow_text_defectively(&self, result: &Value) {
        let (fetches, opens) = (
            self.run.has(Defect::AGENT_FETCHES_LINKS),
            self.run.has(Defect::AGENT_OPENS_LINKS),
        );
        if !fetches && !opens {
            return;
        }
        let text = result.to_string();
        let links = text
            .split(|c: char| c.is_whitespace() || "\"\\<>()".contains(c))
            .filter(|word| word.starts_with("http"));
        for link in links {
            if fetches {
                // what comes back is of no interest here
                let _ = self.run.unauthenticated_http.get(link).send().await;
            } else {
                drop(self.run.platform.open_url(link));
            }
        }
    }
}

/// The server's tools as the model's provider wants them described.
fn describe_tools(list: &Value) -> Vec<Value> {
    let tools = list["tools"].as_array().into_iter().flatten();
    tools
        .map(|tool| {
            let name = tool["name"].as_str().unwrap_or_default();
            json!({
                "type": "function",
                "function": {
                    "name": format!("{PREFIX}{name}"),
                    "description": tool["description"],
                    "parameters": tool["inputSchema"],
                },
            })
        })
        .collect()
}
