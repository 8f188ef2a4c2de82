//! A private network ends with its run, and changes nothing outside of it.

#![cfg(target_os = "linux")]
// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
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

/// A client that takes what it can get: connections to every address, processes that outlive it,
/// and other namespaces. It never ends by itself.
const UNRULY: &str = r#"
import ctypes, os, socket, sys, time
connections = []
for number in range(10_000):
    connection = socket.socket()
    connection.setblocking(False)
    connection.connect_ex((f"44.77.{number % 256}.1", 443))
    connections.append(connection) if number < 500 else connection.close()
libc = ctypes.CDLL(None)
own = os.stat("/proc/self/ns/net").st_ino
for process in filter(str.isdigit, os.listdir("/proc")):
    for kind in "user", "net":
        try:
            with open(f"/proc/{process}/ns/{kind}") as namespace:
                libc.setns(namespace.fileno(), 0)
        except OSError:
            pass
if os.stat("/proc/self/ns/net").st_ino != own:
    open(__file__ + ".left", "w").close()
for _ in range(20):
    if os.fork() == 0:
        os.setsid()
        break
libc.unshare(0x40000000)
while True:
    time.sleep(60)
"#;

#[test]
fn an_unruly_client_is_ended_like_any_other() {
    let temporary = tempfile::tempdir().unwrap();
    let script = temporary.path().join("unruly.py");
    std::fs::write(&script, UNRULY).unwrap();
    let homes = tempfile::tempdir().unwrap();
    let script = script.to_str().unwrap();
    let options = ["run", "--scenario", CASE, "--timeout", "2", "--probe=false"];
    let client = ["--kind", "native", "--", "python3", script];
    let before = system();
    let output = run(&[&options[..], &client[..]].concat(), homes.path());
    // it asked for nothing, so nothing about it is known: that is no success and no harness error
    assert!(matches!(output.status.code(), Some(1 | 3)), "{output:?}");
    assert_eq!(before, system());
    assert!(!runs_anywhere(script));
    let left = Path::new(script).with_extension("py.left").exists();
    assert!(!left, "the client has reached the network of the machine");
}

/// Whether a process has this word in its command line.
fn runs_anywhere(word: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let mut command_lines = processes
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).into_owned());
    command_lines.any(|line| line.contains(word))
}

/// A user who may make no network namespace, as on machines that forbid it.
fn run_without_namespaces(words: &[&str], temporary: &Path) -> Option<Output> {
    let script = "echo 0 > /proc/sys/user/max_net_namespaces && exec \"$@\"";
    let output = Command::new("unshare")
        .args(["--user", "--map-root-user", "sh", "-c", script, "sh"])
        .arg(PROGRAM)
        .args(words)
        .env("TMPDIR", temporary)
        .output()
        .ok()?;
    // without this limit, or without the program `unshare`, this machine cannot be made so
    let started = !output.stdout.is_empty() || output.status.code() == Some(2);
    started.then_some(output)
}

#[test]
fn a_machine_that_forbids_namespaces_says_so_and_passes() {
    let temporary = tempfile::tempdir().unwrap();
    let cases = ["--scenario", CASE, "--scenario", "plain/flow"];
    let words = [&["run"][..], &cases[..]].concat();
    let Some(output) = run_without_namespaces(&words, temporary.path()) else {
        return;
    };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let reason = "needs private-network: the system allows this user no network namespace";
    assert!(text.contains(reason), "{text}");
    let words = [&["run", "--network", "private"][..], &cases[..]].concat();
    let output = run_without_namespaces(&words, temporary.path()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let help = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(help.contains("help: allow user namespaces"), "{help}");
}
