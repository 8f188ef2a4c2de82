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

/// What the target told, without what differs from run to run.
fn told(output: &Output) -> String {
    let text = text(&output.stdout);
    let lines = text.lines().map(|line| {
        line.split("; finished in")
            .next()
            .unwrap_or_default()
            .trim_end()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn passes(output: &Output) {
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}{}",
        told(output),
        text(&output.stderr)
    );
}

fn fails(output: &Output) -> String {
    assert_eq!(
        output.status.code(),
        Some(101),
        "{}{}",
        told(output),
        text(&output.stderr)
    );
    told(output)
}

pub fn a_conforming_client_passes() {
    let output = run("conforming", &["two-values"]);
    passes(&output);
    insta::assert_snapshot!("conforming", told(&output));
}

pub fn a_client_without_a_listener_is_handed_the_callback() {
    passes(&run(
        "without-a-listener",
        &["--exact", "2026-07-28::plain/flow"],
    ));
}

pub fn a_failure_is_told_as_the_report_tells_it() {
    let told = fails(&run("no-iss-check", &["iss/two-values/right-then-wrong"]));
    insta::assert_snapshot!("failure", told);

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
    assert!(told.contains(finding), "{finding}");
}

pub fn what_is_watched_in_every_run_is_a_test() {
    let told = fails(&run("plain-pkce", &["--exact", "2026-07-28::watched"]));
    assert!(told.contains("✗ MUST pkce-s256"), "{told}");
    assert!(
        told.contains("rerun:    cargo test --test libtest -- --exact '2026-07-28::watched'"),
        "{told}"
    );
}

pub fn an_error_fails_what_was_not_done() {
    insta::assert_snapshot!(
        "error",
        fails(&run("errs", &["--exact", "2026-07-28::plain/flow"]))
    );
}

pub fn a_panic_costs_its_case_only() {
    let output = run("panics-once", &["two-values"]);
    insta::assert_snapshot!("panic", fails(&output));
    assert!(
        text(&output.stderr).contains("clients.rs"),
        "Rust's own message with the place: {}",
        text(&output.stderr)
    );
}

/// The target itself ends, too.
pub fn is_ended(client: &str) {
    let told = fails(&run(client, &["--exact", "2026-07-28::plain/flow"]));
    assert!(
        told.contains("the client did not end by itself: timed-out"),
        "{told}"
    );
}

pub fn what_a_start_has_spawned_ends_with_it() {
    passes(&run("leaves-a-task", &["two-values"]));
}

pub fn what_is_not_applicable_is_ignored() {
    insta::assert_snapshot!(
        "ignored",
        told(&run("lacks-refresh", &["--list", "::refresh/"]))
    );
    let forced = fails(&run("lacks-refresh", &["--include-ignored", "::refresh/"]));
    assert!(
        forced.contains("not applicable: needs `refresh`, which the client is declared to lack"),
        "{forced}"
    );
}

pub fn tests_are_filtered_by_name() {
    let listed = |arguments: &[&str]| {
        told(&run("conforming", arguments))
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

pub fn known_failures_fail_no_test_until_they_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("known.toml");
    std::fs::write(
        &file,
        "[known]\n\"iss/two-values/right-then-wrong\" = \"issue 12\"\n",
    )
    .unwrap();
    let arguments = ["--exact", "2026-07-28::iss/two-values/right-then-wrong"];
    passes(
        &target("no-iss-check", &arguments)
            .env(BASELINE, &file)
            .output()
            .unwrap(),
    );
    let gone = fails(
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

pub fn a_baseline_that_cannot_be_read_runs_nothing() {
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
    insta::assert_snapshot!("baselines-that-are-none", format!("{missing}\n{wrong}"));
}
