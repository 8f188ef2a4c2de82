//! How a run is controlled while it goes on: retries, the first failure, clients that cannot be
//! run, progress output, and what is kept of the client.

// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::path::Path;
use std::process::Output;

use common::{PROGRAM, text};
use serde_json::Value;

fn run(arguments: &[&str]) -> Output {
    common::run(&[&["run"], arguments].concat())
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A command that fails at its first start and is the bundled client from then on.
fn fails_at_first(folder: &Path) -> String {
    let once = folder.join("once");
    format!(
        r#"sh -c 'mkdir "$0" 2>/dev/null && exit 1; exec "$@"' {} {PROGRAM} reference-client"#,
        once.display()
    )
}

#[test]
fn a_case_that_fails_and_then_passes_is_flaky() {
    let folder = tempfile::tempdir().unwrap();
    let client = fails_at_first(folder.path());
    let arguments = [
        "--probe=false",
        "--jobs",
        "1",
        "--scenario",
        "plain/flow",
        "--retries",
        "1",
        "--format",
        "json",
        "--command",
        &client,
    ];
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    assert_eq!(report(&output)["flaky"][0]["case"], "plain/flow");

    let folder = tempfile::tempdir().unwrap();
    let client = fails_at_first(folder.path());
    let strict = [
        "--strict",
        "--probe=false",
        "--jobs",
        "1",
        "--scenario",
        "plain/flow",
        "--retries",
        "1",
        "--command",
        &client,
    ];
    let output = run(&strict);
    assert_eq!(
        output.status.code(),
        Some(1),
        "flakiness fails a strict run"
    );
    assert!(
        text(&output.stdout).contains("Flaky: failed, and passed when run again\n  plain/flow: "),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn without_retries_no_case_is_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let client = fails_at_first(folder.path());
    let output = run(&[
        "--probe=false",
        "--jobs",
        "1",
        "--scenario",
        "plain/flow",
        "--scenario",
        "iss/two-values*",
        "--command",
        &client,
    ]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn fail_fast_ends_the_run_at_the_first_failure() {
    let output = run(&[
        "--fail-fast",
        "--jobs",
        "1",
        "--scenario",
        "iss/*",
        "--defect",
        "no-iss-check",
        "--format",
        "json",
    ]);
    assert_eq!(output.status.code(), Some(1));
    let report = report(&output);
    assert!(
        report["not_run"][0]["reason"]["cause"] == "ended-by-failure",
        "{report}"
    );
}

#[test]
fn a_known_failure_does_not_end_a_run_and_is_not_retried() {
    let folder = tempfile::tempdir().unwrap();
    let known = folder.path().join("known.toml");
    let broken = [
        "--fail-fast",
        "--retries",
        "1",
        "--jobs",
        "1",
        "--progress",
        "plain",
        "--seed",
        "s",
        "--defect",
        "no-iss-check",
    ];
    let arguments = [
        &broken[..],
        &[
            "--scenario",
            "iss/two-values*",
            "--baseline",
            known.to_str().unwrap(),
        ],
    ]
    .concat();

    std::fs::write(
        &known,
        "[known]\n\"iss/two-values/right-then-wrong\" = \"issue 12\"\n",
    )
    .unwrap();
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!("one-failure-known", text(&output.stderr));

    std::fs::write(&known, "[known]\n\"iss/two-values\" = \"issue 12\"\n").unwrap();
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    insta::assert_snapshot!("all-failures-known", text(&output.stderr));
}

#[test]
fn a_known_crash_does_not_end_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let known = folder.path().join("known.toml");
    std::fs::write(
        &known,
        "[known]\n\"plain/flow\" = \"issue 12\"\n\"iss/two-values\" = \"issue 12\"\n",
    )
    .unwrap();
    let crashing = format!("'{PROGRAM}' reference-client \"$0\"; kill -9 $$");
    let arguments = [
        "--fail-fast",
        "--retries",
        "1",
        "--scenario",
        "plain/flow",
        "--scenario",
        "iss/two-values*",
        "--format",
        "json",
    ];
    let arguments = [
        &arguments[..],
        &[
            "--baseline",
            known.to_str().unwrap(),
            "--",
            "sh",
            "-c",
            &crashing,
        ],
    ]
    .concat();
    let report = report(&run(&arguments));
    let statuses: Vec<&Value> = report["cases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|case| &case["status"])
        .collect();
    assert_eq!(statuses, ["crashed"; 3], "{report}");
}

#[test]
fn a_control_run_is_not_retried_if_its_cases_are_known_to_fail() {
    let folder = tempfile::tempdir().unwrap();
    let known = folder.path().join("known.toml");
    std::fs::write(
        &known,
        "[known]\n\"iss/two-values/wrong-then-right\" = \"issue 12\"\n",
    )
    .unwrap();
    let arguments = [
        "--retries",
        "1",
        "--jobs",
        "1",
        "--progress",
        "plain",
        "--scenario",
        "iss/two-values/wrong-then-right",
    ];
    let progress = |more: &[&str]| {
        text(&run(&[&arguments[..], more, &["--", "sh", "-c", "exit 1"]].concat()).stderr)
    };
    assert!(progress(&[]).contains("again:  iss/two-values/wrong-then-right (control)\n"));
    assert!(!progress(&["--baseline", known.to_str().unwrap()]).contains("again:"));
}

#[test]
fn an_unscored_failure_does_not_end_a_run_and_is_not_retried() {
    let arguments = [
        "--fail-fast",
        "--retries",
        "1",
        "--progress",
        "plain",
        "--spec",
        "2026-07-28",
        "--defect",
        "no-iss-check",
    ];
    let scenario = ["--scenario", "iss/advertised-and-wrong/success"];
    let progress = |more: &[&str]| text(&run(&[&arguments[..], &scenario, more].concat()).stderr);
    assert!(progress(&[]).contains("again:  iss/advertised-and-wrong/success\n"));
    let progress = progress(&["--requirements", "2025-11-25"]);
    assert!(
        !progress.contains("again:") && !progress.contains("failed:"),
        "{progress}"
    );
}

#[test]
fn a_run_ends_early_if_the_client_sends_nothing() {
    let output = run(&[
        "--scenario",
        "iss/*",
        "--",
        "sh",
        "-c",
        "echo cannot find module; exit 1",
    ]);
    assert_eq!(output.status.code(), Some(3));
    let report = text(&output.stdout);
    assert!(
        report.contains("The last lines of its output:\n  cannot find module\n"),
        "{report}"
    );
    assert!(
        report.contains("the client had sent nothing in any of the first 10 runs"),
        "{report}"
    );
}

#[test]
fn progress_lines_name_finished_and_failed_cases() {
    let arguments = [
        "--progress",
        "plain",
        "--jobs",
        "1",
        "--scenario",
        "iss/two-values*",
        "--defect",
        "no-iss-check",
    ];
    let output = run(&[&arguments[..], &["--seed", "s"]].concat());
    insta::assert_snapshot!(text(&output.stderr));
}

#[test]
fn a_client_runs_in_a_sandbox_that_can_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    let keep = folder.path().join("kept");
    let script = "pwd; echo \"$OWN $SECRET_OF_THE_USER\"; echo content >\"$HOME/file\"";
    let arguments = [
        "--scenario",
        "plain/flow",
        "--cwd",
        "sandbox",
        "--env",
        "OWN=value",
        "--keep",
        keep.to_str().unwrap(),
    ];
    run(&[&arguments[..], &["--", "sh", "-c", script]].concat());
    let kept = keep.join("2026-07-28/plain-flow");
    let output = std::fs::read_to_string(kept.join("stdout.1")).unwrap();
    let (directory, rest) = output.split_once('\n').unwrap();
    assert!(directory.ends_with("/work"), "{directory}");
    assert_eq!(
        rest, "value \n",
        "the user's own variables are passed on only with --pass-env"
    );
    assert!(!Path::new(directory).exists());
    assert_eq!(
        std::fs::read_to_string(kept.join("home/file")).unwrap(),
        "content\n"
    );
    let transcript: Value =
        serde_json::from_slice(&std::fs::read(kept.join("transcript.json")).unwrap()).unwrap();
    assert_eq!(transcript["header"]["case"], "plain/flow");

    let passed = [
        "--scenario",
        "plain/flow",
        "--pass-env",
        "SECRET_*",
        "--keep",
        keep.to_str().unwrap(),
        "--",
        "sh",
        "-c",
        script,
    ];
    run(&passed);
    let output = std::fs::read_to_string(keep.join("2026-07-28/plain-flow-2/stdout.1")).unwrap();
    assert!(output.ends_with("\n x\n"), "{output}");
}

#[test]
fn runs_of_a_client_with_a_fixed_callback_port_take_place_one_by_one() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let client = format!("{PROGRAM} reference-client --callback-port {port}");
    let output = run(&[
        "--probe=false",
        "--jobs",
        "4",
        "--scenario",
        "plain/flow",
        "--scenario",
        "token/type*",
        "--command",
        &client,
    ]);
    let (report, notes) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{report}");
    let said = format!("always listens for its callback on port {port}");
    assert_eq!(notes.matches(&said).count(), 1, "{notes}");
    let report = report.replace("\n  ", " ");
    assert!(report.contains(&said), "{report}");
}
