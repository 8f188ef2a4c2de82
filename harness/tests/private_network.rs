//! A private network ends with its run, and changes nothing outside of it.

#![cfg(target_os = "linux")]
// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_mcp-authspec");
const CASE: &str = "bcp/server-side-request-forgery-by-redirect/cloud-metadata";

fn run(words: &[&str], temporary: &std::path::Path) -> Output {
    Command::new(PROGRAM)
        .args(words)
        .env("TMPDIR", temporary)
        .output()
        .expect("the program starts")
}

/// The files of the system that a private network replaces, and the interfaces and routes.
fn system() -> Vec<String> {
    [
        "/etc/resolv.conf",
        "/etc/hosts",
        "/etc/nsswitch.conf",
        "/proc/self/mountinfo",
        "/proc/net/route",
        "/proc/net/fib_trie",
    ]
    .map(|path| std::fs::read_to_string(path).unwrap_or_default())
    .to_vec()
}

#[test]
fn nothing_of_the_machine_changes_and_nothing_is_left() {
    let temporary = tempfile::tempdir().unwrap();
    let before = system();
    let output = run(&["run", "--scenario", CASE], temporary.path());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(before, system());
    let left: Vec<_> = std::fs::read_dir(temporary.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_run_without_a_private_network_says_why() {
    let temporary = tempfile::tempdir().unwrap();
    let words = ["run", "--network", "loopback", "--scenario", CASE];
    let output = run(&words, temporary.path());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("needs private-network"), "{text}");
}
