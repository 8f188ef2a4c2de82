//! Runs that a signal or an error ends early.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::common::{command, run, text};

#[test]
fn an_interrupted_run_reports_what_had_finished() {
    // one client at a time; it never ends by itself
    let client = "echo started >&2; read -r forever";
    let mut child = command(&[
        "run",
        "--jobs",
        "1",
        "--scenario",
        "iss/*",
        "--",
        "sh",
        "-c",
        client,
    ])
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    while !has_children(child.id()) {
        std::thread::yield_now();
    }
    let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .collect();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(
        lines.iter().any(|line| line.contains("interrupted")),
        "{lines:#?}"
    );
}

/// A second signal is often a copy of the first: npm and `timeout` pass on what the terminal has
/// already sent.
#[test]
fn a_second_signal_does_not_lose_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let [started, told_to_end, report] =
        ["started", "told-to-end", "report.json"].map(|name| folder.path().join(name));
    // a client that notes that it was told to end, and does not end
    let client = format!(
        "trap ': > {}' TERM; : > {}; sleep 1000 & wait; sleep 1000",
        told_to_end.display(),
        started.display()
    );
    let reports = format!("json={}", report.display());
    let mut child = command(&[
        "run",
        "--probe=false",
        "--jobs",
        "1",
        "--scenario",
        "iss/*",
        "--report",
        &reports,
        "--",
        "sh",
        "-c",
        &client,
    ])
    .stdout(Stdio::piped())
    .spawn()
    .unwrap();
    let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    for sign in [&started, &told_to_end] {
        while !sign.exists() && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        // the program may have ended already
        let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT);
    }
    let lines: Vec<String> = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap)
        .collect();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(
        lines.iter().any(|line| line.contains("interrupted")),
        "{lines:#?}"
    );
    let written: serde_json::Value =
        serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert_eq!(written["interrupted"], true);
}

#[test]
fn a_client_that_is_being_probed_ends_with_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let started = folder.path().join("started");
    let client = format!(
        "trap '' TERM; echo $$ > {0}.new; mv {0}.new {0}; while :; do sleep 1000; done",
        started.display()
    );
    let mut child = command(&["run", "--scenario", "iss/*", "--", "sh", "-c", &client])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    while !started.exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let pid = nix::unistd::Pid::from_raw(child.id().try_into().unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let client = std::fs::read_to_string(started).unwrap();
    assert!(
        !std::path::Path::new("/proc").join(client.trim()).exists(),
        "the client is left running"
    );
}

#[test]
fn an_event_stream_that_cannot_be_written_ends_the_run_but_not_the_report() {
    let output = run(&["run", "--scenario", "iss/*", "--events", "/dev/full"]);
    let (report, error) = (text(&output.stdout), text(&output.stderr));
    assert!(report.contains("The run was interrupted."), "{report}");
    assert!(error.contains("/dev/full"), "{error}");
    assert!(
        !matches!(output.status.code(), Some(0 | 1)),
        "{:?}",
        output.status
    );
}

fn has_children(pid: u32) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    threads.flatten().any(|thread| {
        std::fs::read_to_string(thread.path().join("children"))
            .is_ok_and(|children| !children.trim().is_empty())
    })
}
