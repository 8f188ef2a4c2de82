//! What the machine lacks is never blamed on the client.

// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[allow(dead_code)] // each test uses some of it
mod common;

use std::process::{Command, Output};

use common::{PROGRAM, text};

/// Runs the program with at most so many file descriptors, a limit that it cannot raise.
fn run_with_descriptors(limit: u32, arguments: &[&str]) -> Output {
    Command::new("sh")
        .args([
            "-c",
            &format!(r#"ulimit -n {limit}; exec "$0" "$@""#),
            PROGRAM,
        ])
        .arg("run")
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn few_file_descriptors_make_the_run_slower_and_no_client_fail() {
    let arguments = ["--jobs", "32", "--scenario", "prm/*"];
    let output = run_with_descriptors(48, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let notes = text(&output.stderr);
    assert!(
        notes.contains("1 instead of 32 clients run at the same time"),
        "{notes}"
    );
}

#[test]
fn too_few_file_descriptors_are_an_error_with_a_remedy() {
    let output = run_with_descriptors(24, &["--scenario", "plain/flow"]);
    assert_eq!(output.status.code(), Some(2));
    let error = text(&output.stderr);
    assert!(error.contains("too few file descriptors"), "{error}");
    assert!(error.contains("help: raise the limit"), "{error}");
}

#[test]
fn a_folder_for_temporary_files_that_does_not_exist_is_an_error_with_a_remedy() {
    let client = [PROGRAM, "reference-client"];
    let output = common::command(&["run", "--scenario", "plain/flow", "--"])
        .args(client)
        .env("TMPDIR", "/nonexistent/folder")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    let error = text(&output.stderr);
    assert!(
        error.contains("cannot make a temporary folder in /nonexistent/folder"),
        "{error}"
    );
    assert!(error.contains("help: set TMPDIR"), "{error}");
}
