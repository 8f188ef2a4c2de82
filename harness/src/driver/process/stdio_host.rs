//! The other end of a client that offers the MCP server's tools on its own standard input and
//! output (a proxy for hosts that start local servers): the harness is such a host. It opens the
//! conversation as the revision has it, lists the tools and calls them.

use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

use crate::scenario::model::Revision;

/// The last revision that begins with `initialize`.
const LAST_HANDSHAKE: Revision = Revision::November2025;
/// The longest message that is read, in bytes.
const LONGEST_MESSAGE: u64 = 1024 * 1024;
/// What JSON-RPC says of a method that the other side does not have.
const METHOD_NOT_FOUND: i64 = -32601;

/// What the host wants.
#[derive(Debug, Clone)]
pub(super) struct Wishes {
    pub(super) revision: Revision,
    pub(super) tools: Vec<String>,
    /// All calls are under way at the same time.
    pub(super) at_once: bool,
}

/// Holds the conversation. `true`: every call had a result that is no error. What was read is left
/// in `heard`.
pub(super) async fn converse(
    input: impl AsyncWrite + Unpin,
    output: impl AsyncRead + Unpin,
    wishes: &Wishes,
    heard: &mut Vec<u8>,
    bound: usize,
) -> bool {
    let mut host = Host {
        input,
        output: BufReader::new(output),
        heard,
        bound,
        last: 0,
        envelope: None,
    };
    host.converse(wishes).await.unwrap_or(false)
}

struct Host<'a, I, O> {
    input: I,
    output: BufReader<O>,
    heard: &'a mut Vec<u8>,
    bound: usize,
    /// The last request's id.
    last: u64,
    /// What each request carries when there is no session: `_meta` of the parameters.
    envelope: Option<Json>,
}

impl<I: AsyncWrite + Unpin, O: AsyncRead + Unpin> Host<'_, I, O> {
    async fn converse(&mut self, wishes: &Wishes) -> std::io::Result<bool> {
        if !self.open(wishes.revision).await? {
            return Ok(false);
        }
        let list = self.ask("tools/list", json!({})).await?;
        let mut fine = self.results(&[list]).await?;
        let mut under_way = Vec::new();
        for tool in &wishes.tools {
            under_way.push(
                self.ask("tools/call", json!({ "name": tool, "arguments": {} }))
                    .await?,
            );
            if !wishes.at_once {
                fine &= self.results(&std::mem::take(&mut under_way)).await?;
            }
        }
        Ok(fine & self.results(&under_way).await?)
    }

    /// Without a session where the revision has none, and the client knows of that; else with
    /// `initialize`.
    async fn open(&mut self, revision: Revision) -> std::io::Result<bool> {
        let me = json!({ "name": "mcp-authspec", "version": env!("CARGO_PKG_VERSION") });
        if revision > LAST_HANDSHAKE {
            self.envelope = Some(json!({
                "io.modelcontextprotocol/protocolVersion": revision.as_str(),
                "io.modelcontextprotocol/clientInfo": me,
                "io.modelcontextprotocol/clientCapabilities": {},
            }));
            let discover = self.ask("server/discover", json!({})).await?;
            if self.results(&[discover]).await? {
                return Ok(true);
            }
            self.envelope = None;
        }
        let version = revision.min(LAST_HANDSHAKE);
        let hello =
            json!({ "protocolVersion": version.as_str(), "capabilities": {}, "clientInfo": me });
        let hello = self.ask("initialize", hello).await?;
        let fine = self.results(&[hello]).await?;
        self.say(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
            .await?;
        Ok(fine)
    }

    async fn ask(&mut self, method: &str, mut params: Json) -> std::io::Result<u64> {
        self.last += 1;
        if let Some(envelope) = &self.envelope {
            params["_meta"] = envelope.clone();
        }
        self.say(&json!({ "jsonrpc": "2.0", "id": self.last, "method": method, "params": params }))
            .await?;
        Ok(self.last)
    }

    async fn say(&mut self, message: &Json) -> std::io::Result<()> {
        self.input
            .write_all(format!("{message}\n").as_bytes())
            .await?;
        self.input.flush().await
    }

    /// Waits for the answers to these requests, and answers what the other side asks meanwhile.
    /// `false`: one is an error, or never comes.
    async fn results(&mut self, requests: &[u64]) -> std::io::Result<bool> {
        let mut missing: Vec<u64> = requests.to_vec();
        let mut fine = true;
        while !missing.is_empty() {
            let Some(message) = self.hear().await? else {
                return Ok(false);
            };
            let id = message.get("id");
            if let Some(method) = message.get("method").and_then(Json::as_str) {
                if let Some(id) = id {
                    self.say(&answer(id, method)).await?;
                }
            } else if let Some(index) = missing
                .iter()
                .position(|request| id == Some(&json!(request)))
            {
                missing.swap_remove(index);
                let failed = message
                    .pointer("/result/isError")
                    .and_then(Json::as_bool)
                    .unwrap_or(false);
                fine &= message.get("result").is_some() && !failed;
            }
        }
        Ok(fine)
    }

    /// The next message; what is none is passed over. `None`: the other side has closed, or does
    /// not keep to a line's bound.
    async fn hear(&mut self) -> std::io::Result<Option<Json>> {
        loop {
            let mut line = Vec::new();
            let read = (&mut self.output)
                .take(LONGEST_MESSAGE)
                .read_until(b'\n', &mut line)
                .await?;
            let room = self.bound.saturating_sub(self.heard.len()).min(line.len());
            self.heard.extend_from_slice(&line[..room]);
            if read == 0 || !line.ends_with(b"\n") {
                return Ok(None);
            }
            if let Ok(message @ Json::Object(_)) = serde_json::from_slice(&line) {
                return Ok(Some(message));
            }
        }
    }
}

/// A host that can do nothing but be there.
fn answer(id: &Json, method: &str) -> Json {
    match method {
        "ping" => json!({ "jsonrpc": "2.0", "id": id, "result": {} }),
        _ => {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": METHOD_NOT_FOUND, "message": "not offered" } })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Talks with a server that answers each line as `server` says; tells whether it went well, and
    /// what the host sent.
    async fn talk(revision: Revision, server: impl Fn(&Json) -> Vec<Json>) -> (bool, Vec<String>) {
        let (ours, theirs) = tokio::io::duplex(64 * 1024);
        let (output, input) = tokio::io::split(ours);
        let (from_host, mut to_host) = tokio::io::split(theirs);
        let wishes = Wishes {
            revision,
            tools: vec!["a".to_owned(), "b".to_owned()],
            at_once: true,
        };
        let mut heard = Vec::new();
        let mut sent = Vec::new();
        let talking = async { converse(input, output, &wishes, &mut heard, 1000).await };
        let serving = async {
            let mut lines = BufReader::new(from_host).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let message: Json = serde_json::from_str(&line).unwrap();
                sent.push(message["method"].as_str().unwrap_or("an answer").to_owned());
                for answer in server(&message) {
                    to_host
                        .write_all(format!("{answer}\n").as_bytes())
                        .await
                        .unwrap();
                }
            }
        };
        let fine = tokio::select! {
            fine = talking => fine,
            () = serving => false,
        };
        (fine, sent)
    }

    fn result(to: &Json) -> Vec<Json> {
        to.get("id")
            .map(|id| json!({ "jsonrpc": "2.0", "id": id, "result": {} }))
            .into_iter()
            .collect()
    }

    #[tokio::test]
    async fn a_handshake_where_the_revision_has_one() {
        let (fine, sent) = talk(Revision::June2025, result).await;
        assert!(fine);
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
    async fn no_session_where_both_know_of_that() {
        let (fine, sent) = talk(Revision::July2026, |m| {
            assert_eq!(
                m["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"],
                "2026-07-28"
            );
            result(m)
        })
        .await;
        assert!(fine);
        assert_eq!(
            sent,
            ["server/discover", "tools/list", "tools/call", "tools/call"]
        );
    }

    #[tokio::test]
    async fn an_older_client_is_greeted_as_it_knows_it() {
        let (fine, sent) = talk(Revision::July2026, |m| match m["method"].as_str() {
            Some("server/discover") => vec![json!({ "jsonrpc": "2.0", "id": m["id"], "error": { "code": -32601, "message": "?" } })],
            _ => result(m),
        })
        .await;
        assert!(fine);
        assert_eq!(sent[..2], ["server/discover", "initialize"]);
    }

    #[tokio::test]
    async fn errors_and_silence_are_no_success() {
        let failing = |m: &Json| match m["method"].as_str() {
            Some("tools/call") => {
                vec![json!({ "jsonrpc": "2.0", "id": m["id"], "result": { "isError": true } })]
            }
            _ => result(m),
        };
        assert!(!talk(Revision::June2025, failing).await.0);
        let mut heard = Vec::new();
        let wishes = Wishes {
            revision: Revision::June2025,
            tools: Vec::new(),
            at_once: false,
        };
        assert!(
            !converse(
                tokio::io::sink(),
                tokio::io::empty(),
                &wishes,
                &mut heard,
                10
            )
            .await
        );
    }

    #[tokio::test]
    async fn what_the_client_asks_is_answered() {
        let asking = |m: &Json| {
            let ping = json!({ "jsonrpc": "2.0", "id": "p", "method": "ping" });
            if m["method"] == "tools/list" {
                [vec![ping], result(m)].concat()
            } else {
                result(m)
            }
        };
        let (fine, sent) = talk(Revision::June2025, asking).await;
        assert!(fine && sent.contains(&"an answer".to_owned()), "{sent:?}");
    }
}
