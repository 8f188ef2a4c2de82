//! A host for clients that offer the MCP server's tools on their own standard input and output, as
//! a proxy for local hosts does. The host opens the conversation as the revision defines it, lists
//! the tools and calls them.

use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use super::captured_output::CapturedOutput;
use crate::scenario::model::Revision;

/// The last revision whose conversations begin with `initialize`.
const LAST_WITH_INITIALIZE: Revision = Revision::November2025;
/// The longest message that is read, in bytes.
const MAX_MESSAGE_LENGTH: u64 = 1024 * 1024;
/// The JSON-RPC error code for a method that the other side does not have.
const METHOD_NOT_FOUND: i64 = -32601;

/// What the host does.
#[derive(Debug, Clone)]
pub(super) struct HostPlan {
    pub(super) revision: Revision,
    pub(super) tools: Vec<String>,
    /// Whether all calls are made at the same time.
    pub(super) at_once: bool,
}

/// Holds the conversation with a client. Returns whether every call had a result that is not an
/// error. What the client writes is added to `captured`.
pub(super) async fn host_client(
    input: impl AsyncWrite + Unpin,
    output: impl AsyncRead + Unpin,
    plan: &HostPlan,
    captured: &mut CapturedOutput,
) -> bool {
    let mut host = StdioHost {
        input,
        output: BufReader::new(output),
        captured,
        last_id: 0,
        meta: None,
    };
    host.follow(plan).await.unwrap_or(false)
}

struct StdioHost<'a, I, O> {
    input: I,
    output: BufReader<O>,
    captured: &'a mut CapturedOutput,
    /// The id of the last request.
    last_id: u64,
    /// The `_meta` parameter of each request, where there is no session.
    meta: Option<Json>,
}

impl<I: AsyncWrite + Unpin, O: AsyncRead + Unpin> StdioHost<'_, I, O> {
    async fn follow(&mut self, plan: &HostPlan) -> std::io::Result<bool> {
        if !self.open(plan.revision).await? {
            return Ok(false);
        }
        let list = self.send_request("tools/list", json!({})).await?;
        let mut succeeded = self.await_results(&[list]).await?;
        let mut calls = Vec::new();
        for tool in &plan.tools {
            let params = json!({ "name": tool, "arguments": {} });
            calls.push(self.send_request("tools/call", params).await?);
            if !plan.at_once {
                succeeded &= self.await_results(&std::mem::take(&mut calls)).await?;
            }
        }
        Ok(succeeded & self.await_results(&calls).await?)
    }

    /// Opens the conversation: without a session where the revision has none and the client knows
    /// of that, and with `initialize` otherwise.
    async fn open(&mut self, revision: Revision) -> std::io::Result<bool> {
        let client_info = json!({ "name": "mcp-authspec", "version": env!("CARGO_PKG_VERSION") });
        if revision > LAST_WITH_INITIALIZE {
            self.meta = Some(json!({
                "io.modelcontextprotocol/protocolVersion": revision.as_str(),
                "io.modelcontextprotocol/clientInfo": client_info,
                "io.modelcontextprotocol/clientCapabilities": {},
            }));
            let discover = self.send_request("server/discover", json!({})).await?;
            if self.await_results(&[discover]).await? {
                return Ok(true);
            }
            self.meta = None;
        }
        let params = json!({
            "protocolVersion": revision.min(LAST_WITH_INITIALIZE).as_str(),
            "capabilities": {},
            "clientInfo": client_info,
        });
        let initialize = self.send_request("initialize", params).await?;
        let succeeded = self.await_results(&[initialize]).await?;
        self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
            .await?;
        Ok(succeeded)
    }

    /// Sends a request and returns its id.
    async fn send_request(&mut self, method: &str, mut params: Json) -> std::io::Result<u64> {
        self.last_id += 1;
        let id = self.last_id;
        if let Some(meta) = &self.meta {
            params["_meta"] = meta.clone();
        }
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
            .await?;
        Ok(id)
    }

    async fn send(&mut self, message: &Json) -> std::io::Result<()> {
        let line = format!("{message}\n");
        self.input.write_all(line.as_bytes()).await?;
        self.input.flush().await
    }

    /// Waits for the responses to these requests, and responds to the client's own requests
    /// meanwhile. Returns `false` if a response is an error or never comes.
    async fn await_results(&mut self, requests: &[u64]) -> std::io::Result<bool> {
        let mut missing: Vec<u64> = requests.to_vec();
        let mut succeeded = true;
        while !missing.is_empty() {
            let Some(message) = self.read_message().await? else {
                return Ok(false);
            };
            let id = message.get("id");
            let is_response_to = |request: &u64| id == Some(&json!(request));
            if let Some(method) = message.get("method").and_then(Json::as_str) {
                if let Some(id) = id {
                    self.send(&response_to_client(id, method)).await?;
                }
            } else if let Some(index) = missing.iter().position(is_response_to) {
                missing.swap_remove(index);
                let is_error = message.pointer("/result/isError") == Some(&Json::Bool(true));
                succeeded &= message.get("result").is_some() && !is_error;
            }
        }
        Ok(succeeded)
    }

    /// The next message. Lines that are not messages are skipped. `None`: the client has closed its
    /// output, or a line is too long.
    async fn read_message(&mut self) -> std::io::Result<Option<Json>> {
        loop {
            let mut line = Vec::new();
            let count = (&mut self.output)
                .take(MAX_MESSAGE_LENGTH)
                .read_until(b'\n', &mut line)
                .await?;
            self.captured.add(&line);
            if count == 0 || !line.ends_with(b"\n") {
                return Ok(None);
            }
            if let Ok(message @ Json::Object(_)) = serde_json::from_slice(&line) {
                return Ok(Some(message));
            }
        }
    }
}

/// The response of a host that offers nothing to the client.
fn response_to_client(id: &Json, method: &str) -> Json {
    match method {
        "ping" => json!({ "jsonrpc": "2.0", "id": id, "result": {} }),
        _ => {
            let error = json!({ "code": METHOD_NOT_FOUND, "message": "not offered" });
            json!({ "jsonrpc": "2.0", "id": id, "error": error })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Holds a conversation with a client that responds to each line as `client` says. Returns
    /// whether it succeeded, and the methods that the host sent.
    async fn converse(
        revision: Revision,
        client: impl Fn(&Json) -> Vec<Json>,
    ) -> (bool, Vec<String>) {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (output, input) = tokio::io::split(ours);
        let (from_host, mut to_host) = tokio::io::split(theirs);
        let plan = HostPlan {
            revision,
            tools: vec!["a".to_owned(), "b".to_owned()],
            at_once: true,
        };
        let mut captured = CapturedOutput::default();
        let mut sent = Vec::new();
        let hosting = async { host_client(input, output, &plan, &mut captured).await };
        let responding = async {
            let mut lines = BufReader::new(from_host).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let message: Json = serde_json::from_str(&line).unwrap();
                sent.push(
                    message["method"]
                        .as_str()
                        .unwrap_or("a response")
                        .to_owned(),
                );
                for response in client(&message) {
                    to_host
                        .write_all(format!("{response}\n").as_bytes())
                        .await
                        .unwrap();
                }
            }
        };
        let succeeded = tokio::select! {
            succeeded = hosting => succeeded,
            () = responding => false,
        };
        (succeeded, sent)
    }

    fn result(to: &Json) -> Vec<Json> {
        to.get("id")
            .map(|id| json!({ "jsonrpc": "2.0", "id": id, "result": {} }))
            .into_iter()
            .collect()
    }

    #[tokio::test]
    async fn the_conversation_begins_with_initialize_where_the_revision_says_so() {
        let (succeeded, sent) = converse(Revision::June2025, result).await;
        assert!(succeeded);
        assert_eq!(
            sent,
            [
                "initialize",
                "notifications/initialized",
                "tools/list",
                "tools/call",
                "tools/call"
            ]
        );
    }

    #[tokio::test]
    async fn there_is_no_session_where_the_revision_has_none() {
        let (succeeded, sent) = converse(Revision::July2026, |m| {
            assert_eq!(
                m["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"],
                "2026-07-28"
            );
            result(m)
        })
        .await;
        assert!(succeeded);
        assert_eq!(
            sent,
            ["server/discover", "tools/list", "tools/call", "tools/call"]
        );
    }

    #[tokio::test]
    async fn a_client_that_knows_no_discovery_gets_initialize() {
        let (succeeded, sent) = converse(Revision::July2026, |m| match m["method"].as_str() {
            Some("server/discover") => {
                let error = json!({ "code": -32601, "message": "?" });
                vec![json!({ "jsonrpc": "2.0", "id": m["id"], "error": error })]
            }
            _ => result(m),
        })
        .await;
        assert!(succeeded);
        assert_eq!(sent[..2], ["server/discover", "initialize"]);
    }

    #[tokio::test]
    async fn errors_and_closed_outputs_are_failures() {
        let failing = |m: &Json| match m["method"].as_str() {
            Some("tools/call") => {
                vec![json!({ "jsonrpc": "2.0", "id": m["id"], "result": { "isError": true } })]
            }
            _ => result(m),
        };
        assert!(!converse(Revision::June2025, failing).await.0);
        let plan = HostPlan {
            revision: Revision::June2025,
            tools: Vec::new(),
            at_once: false,
        };
        let (input, output) = (tokio::io::sink(), tokio::io::empty());
        assert!(!host_client(input, output, &plan, &mut CapturedOutput::default()).await);
    }

    #[tokio::test]
    async fn requests_of_the_client_get_a_response() {
        let asking = |m: &Json| {
            let ping = json!({ "jsonrpc": "2.0", "id": "p", "method": "ping" });
            if m["method"] == "tools/list" {
                [vec![ping], result(m)].concat()
            } else {
                result(m)
            }
        };
        let (succeeded, sent) = converse(Revision::June2025, asking).await;
        assert!(
            succeeded && sent.contains(&"a response".to_owned()),
            "{sent:?}"
        );
    }
}
