//! A proxy: it speaks MCP on standard input and output, and connects to the MCP server with the
//! bundled client.

use std::io::{BufRead, Write};
use std::process::{Command, ExitCode, Stdio};

use serde_json::{Value, json};

use super::PROGRAM;

/// Serves until its input ends.
pub fn be(behaviour: &str, revision: &str, url: &str) -> ExitCode {
    let mut output = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let message: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let method = message["method"].as_str().unwrap_or_default();
        let tool = message["params"]["name"].as_str().unwrap_or_default();
        eprintln!("{}", [method, tool].join(" ").trim_end());
        if behaviour == "chatters" {
            // the last of them is JSON, and no message
            write!(
                output,
                "Listening on port 3000\n\n{{\"level\": info}}\n[1, 2]\n"
            )
            .unwrap();
        }
        let Some(id) = message.get("id") else {
            continue;
        };
        let known_to_be_older = behaviour == "older" && method == "server/discover";
        let answer = match (behaviour, method) {
            ("never-answers", _) => continue,
            ("closes-early", "tools/list") => return ExitCode::SUCCESS,
            ("dies", "tools/list") => die(),
            _ if known_to_be_older => {
                json!({ "error": { "code": -32601, "message": "Method not found" } })
            }
            (_, "tools/call") => {
                let is_error = !call(tool, revision, url) || behaviour == "fails";
                json!({ "result": { "content": [], "isError": is_error } })
            }
            (_, "tools/list") => json!({ "result": { "tools": [] } }),
            (_, _) => json!({ "result": {} }),
        };
        let mut answer = answer;
        answer["jsonrpc"] = "2.0".into();
        answer["id"] = id.clone();
        writeln!(output, "{answer}").unwrap();
    }
    ExitCode::SUCCESS
}

/// Lists the tools and calls one, and authorizes first if the server demands it. The next call uses
/// what this one stored in the home folder.
fn call(tool: &str, revision: &str, url: &str) -> bool {
    let context = json!({ "name": "auth/metadata-default", "authspec": { "call": [tool] } });
    let mut client = Command::new(PROGRAM);
    client
        .args(["reference-client", url])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    client
        .env("MCP_CONFORMANCE_CONTEXT", context.to_string())
        .env("MCP_CONFORMANCE_PROTOCOL_VERSION", revision);
    client.status().unwrap().success()
}

fn die() -> ! {
    let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGKILL);
    unreachable!("nobody survives SIGKILL")
}
