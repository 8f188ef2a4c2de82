//! Clients with `adapter = "stdio"`: proxies that offer the MCP server's tools on their standard
//! input and output.
//!
//! This program is also the proxy: `stdio proxy BEHAVIOUR REVISION URL`. It connects to the MCP
//! server with the bundled client.
// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod proxy;

use std::path::Path;
use std::process::{Command, ExitCode, Output, Stdio};

use libtest_mimic::{Arguments, Trial, run};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_mcp-authspec");

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, behaviour, revision, url] = arguments.as_slice()
        && first == "proxy"
    {
        return proxy::be(behaviour, revision, url);
    }
    let trials: [(&str, fn()); 8] = [
        ("a_proxy_with_sessions_receives_initialize", || {
            the_conversation("honest", "2025-11-25")
        }),
        ("a_proxy_without_sessions_receives_discover", || {
            the_conversation("honest", "2026-07-28")
        }),
        ("a_proxy_that_rejects_discover_receives_initialize", || {
            the_conversation("older", "2026-07-28")
        }),
        ("lines_that_are_not_messages_are_ignored", || {
            the_conversation("chatters", "2025-11-25")
        }),
        // a client that fails before it sends anything could not be run at all
        ("a_proxy_that_exits_early_has_failed", || {
            ends("closes-early", "completed", "failure", 3)
        }),
        ("a_proxy_that_dies_has_crashed", || {
            ends("dies", "crashed", "crash", 3)
        }),
        ("a_proxy_that_never_answers_is_quiet", || {
            ends("never-answers", "quiet", "quiet", 1)
        }),
        // the verdicts depend on what the servers received
        ("a_failed_tool_call_makes_the_outcome_a_failure", || {
            ends("fails", "completed", "failure", 0)
        }),
    ];
    let trials = trials.into_iter().map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    run(&Arguments::from_args(), trials.collect()).exit_code()
}

/// Runs a scenario on a proxy with `--keep`.
fn drive(behaviour: &str, revision: &str, scenario: &str, keep: &Path) -> Output {
    // a proxy that never answers is recognized by its silence
    let grace = if behaviour == "never-answers" {
        "0.2"
    } else {
        "60"
    };
    let own = std::env::current_exe().unwrap();
    Command::new(PROGRAM)
        .args([
            "run",
            "--adapter",
            "stdio",
            "--spec",
            revision,
            "--scenario",
            scenario,
            "--format",
            "json",
            "--grace",
            grace,
            "--keep",
        ])
        .arg(keep)
        .arg("--")
        .arg(own)
        .args(["proxy", behaviour, "{revision}", "{url}"])
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Checks that the run passes, and which messages the proxy received; it prints them on standard
/// error.
fn the_conversation(behaviour: &str, revision: &str) {
    let keep = tempfile::tempdir().unwrap();
    let output = drive(behaviour, revision, "scope/two-tools", keep.path());
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["cases"][0]["status"], "completed");
    let kept = |stream: &str| {
        std::fs::read_to_string(
            keep.path()
                .join(revision)
                .join("scope-two-tools")
                .join(stream),
        )
        .unwrap()
    };
    insta::assert_snapshot!(
        format!("{behaviour}-{revision}"),
        format!("{}\n{}", kept("stderr.1"), kept("stdout.1"))
    );
}

/// Checks the status of the case, the outcome of the proxy, and the exit code of the run.
fn ends(behaviour: &str, status: &str, outcome: &str, exit: i32) {
    let keep = tempfile::tempdir().unwrap();
    let output = drive(behaviour, "2025-11-25", "plain/flow", keep.path());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (report["cases"][0]["status"].as_str(), output.status.code()),
        (Some(status), Some(exit)),
        "{}",
        text(&output.stderr)
    );
    let kept = std::fs::read(keep.path().join("2025-11-25/plain-flow/transcript.json")).unwrap();
    let transcript: Value = serde_json::from_slice(&kept).unwrap();
    let mut outcomes = transcript["events"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|event| event["outcome"].as_str());
    assert_eq!(outcomes.next_back(), Some(outcome), "{behaviour}");
}
