//! The test target, run as `cargo test` runs it.

use std::process::{Command, Output};

use super::CLIENT;
use super::clients::BASELINE;

/// The test target of this client.
fn target(client: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--test-threads", "1", "--color", "never"])
        .args(arguments)
        .env(CLIENT, client)
        .env_remove("RUST_BACKTRACE");
    command
}

fn run(client: &str, arguments: &[&str]) -> Output {
    target(client, arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The target's output, without the time and the number of tests that were not selected, which
/// grows with the suite.
fn stable_output(output: &Output) -> String {
    let text = text(&output.stdout);
    let lines = text
        .lines()
        .map(|line| match line.split_once(" measured; ") {
            Some((stable, _)) => format!("{stable} measured"),
            None => line.trim_end().to_owned(),
        });
    lines.collect::<Vec<_>>().join("\n")
}

fn assert_passes(output: &Output) {
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        stable_output(output),
        text(&output.stderr)
    );
}

fn failure_output(output: &Output) -> String {
    assert_eq!(
        output.status.code(),
        Some(101),
        "{}{}",
        stable_output(output),
        text(&output.stderr)
    );
    stable_output(output)
}

pub fn a_conforming_client_passes() {
    let output = run("conforming", &["two-values"]);
    assert_passes(&output);
    insta::assert_snapshot!("conforming", stable_output(&output));
}

pub fn a_client_without_a_listener_receives_the_callback() {
    assert_passes(&run(
        "without-a-listener",
        &["--exact", "2026-07-28::plain/flow"],
    ));
}

pub fn a_failure_looks_like_that_of_the_report() {
    let output = failure_output(&run("no-iss-check", &["iss/two-values/right-then-wrong"]));
    insta::assert_snapshot!("failure", output);

    let scenario = [
        "run",
        "--scenario",
        "iss/two-values/right-then-wrong",
        "--seed",
        "libtest",
        "--defect",
        "no-iss-check",
    ];
    let program = Command::new(env!("CARGO_BIN_EXE_mcp-authspec"))
        .args(scenario)
        .output()
        .unwrap();
    let report = text(&program.stdout);
    let finding = report
        .split_once("\n\n✗ ")
        .unwrap()
        .1
        .split("  rerun:")
        .next()
        .unwrap();
    assert!(output.contains(finding), "{finding}");
}

pub fn monitors_have_a_test() {
    let output = failure_output(&run("plain-pkce", &["--exact", "2026-07-28::watched"]));
    assert!(output.contains("✗ MUST pkce-s256"), "{output}");
    assert!(
        output.contains("rerun:    cargo test --test libtest -- --exact '2026-07-28::watched'"),
        "{output}"
    );
}

pub fn an_error_of_the_client_fails_its_test() {
    insta::assert_snapshot!(
        "error",
        failure_output(&run("errs", &["--exact", "2026-07-28::plain/flow"]))
    );
}

pub fn a_panic_fails_its_test_only() {
    let output = run("panics-once", &["scope/from-"]);
    insta::assert_snapshot!("panic", failure_output(&output));
    assert!(
        text(&output.stderr).contains("clients.rs"),
        "Rust's own message with the place: {}",
        text(&output.stderr)
    );
}

/// Checks that the start of the client is ended, and that the target itself ends.
pub fn is_ended(client: &str) {
    let output = failure_output(&run(client, &["--exact", "2026-07-28::plain/flow"]));
    assert!(
        output.contains("the client did not end by itself: timed-out"),
        "{output}"
    );
}

pub fn tasks_of_a_start_end_with_it() {
    assert_passes(&run("leaves-a-task", &["two-values"]));
}

pub fn cases_that_are_not_applicable_are_ignored() {
    insta::assert_snapshot!(
        "ignored",
        stable_output(&run("lacks-refresh", &["--list", "::refresh/"]))
    );
    let forced = failure_output(&run("lacks-refresh", &["--include-ignored", "::refresh/"]));
    assert!(
        forced.contains("not applicable: needs `refresh`, which the client is declared to lack"),
        "{forced}"
    );
}

pub fn tests_are_filtered_by_name() {
    let listed = |arguments: &[&str]| {
        stable_output(&run("conforming", arguments))
            .lines()
            .filter(|line| line.ends_with(": test"))
            .count()
    };
    let all = listed(&["--list"]);
    assert!(all > 250, "{all}");
    assert_eq!(listed(&["--list", "--exact", "2026-07-28::plain/flow"]), 1);
    let of_area = listed(&["--list", "::iss/"]);
    assert!(of_area > 10 && listed(&["--list", "--skip", "::iss/"]) == all - of_area);
}

pub fn known_failures_do_not_fail_tests_until_they_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known.toml");
    std::fs::write(
        &file,
        "[known]\n\"iss/two-values/right-then-wrong\" = \"issue 12\"\n",
    )
    .unwrap();
    let arguments = ["--exact", "2026-07-28::iss/two-values/right-then-wrong"];
    assert_passes(
        &target("no-iss-check", &arguments)
            .env(BASELINE, &file)
            .output()
            .unwrap(),
    );
    let gone = failure_output(
        &target("conforming", &arguments)
            .env(BASELINE, &file)
            .output()
            .unwrap(),
    );
    insta::assert_snapshot!(
        "gone",
        gone.replace(folder.path().to_str().unwrap(), "FOLDER")
    );
}

pub fn without_a_readable_baseline_no_test_runs() {
    let folder = tempfile::tempdir().unwrap();
    let shown = |name: &str, content: Option<&str>| {
        let file = folder.path().join(name);
        content
            .iter()
            .for_each(|content| std::fs::write(&file, content).unwrap());
        let output = target("conforming", &["--exact", "2026-07-28::plain/flow"])
            .env(BASELINE, &file)
            .output()
            .unwrap();
        assert!(!output.status.success() && output.stdout.is_empty());
        text(&output.stderr).replace(folder.path().to_str().unwrap(), "FOLDER")
    };
    let missing = shown("missing.toml", None);
    let wrong = shown(
        "wrong.toml",
        Some("[known]\n\"iss/two-value\" = \"issue 12\"\n"),
    );
    insta::assert_snapshot!("unreadable-baselines", format!("{missing}\n{wrong}"));
}
