//! What is found in the files and the output of a client, however much it leaves.

// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::process::Output;

use common::{PROGRAM, text};
use serde_json::Value;

/// The longest that the saved file of one case may be, in bytes.
const MAX_SAVED_CASE: u64 = 50_000;

/// Runs the bundled client as a process, then a script in its home.
fn run(script: &str, scenario: &str, save: &std::path::Path) -> Output {
    let client = format!(r#"sh -c '"$@" || exit; {script}' sh {PROGRAM} reference-client"#);
    let save = save.to_string_lossy();
    common::run(&[
        "run",
        "--probe=false",
        "--scenario",
        scenario,
        "--format",
        "json",
        "--save",
        &save,
        "--command",
        &client,
    ])
}

/// Requirements that failed in the cases.
fn failed(output: &Output) -> Vec<String> {
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)));
    let checks = report["cases"].as_array().unwrap().iter();
    checks
        .flat_map(|case| case["checks"].as_array().unwrap())
        .filter(|check| check["verdict"] == "fail")
        .map(|check| check["requirement"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn a_token_at_the_end_of_a_large_file_that_all_can_read_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    let script = r#"cd "$HOME" && tokens=$(find . -type f -exec cat {} +) && umask 022 && \
        { head -c 24000000 /dev/zero | tr "\\0" "\\n"; printf "%s\n" "$tokens"; } > debug.log"#;
    let output = run(script, "token/stored-securely/usual-umask", &saved);
    let failed = failed(&output);
    assert!(
        failed.contains(&"token-secure-storage".to_owned()),
        "{failed:?}"
    );
    let case = saved.join("2026-07-28/cases/token.stored-securely.usual-umask.json");
    let length = case.metadata().unwrap().len();
    assert!(length < MAX_SAVED_CASE, "{length}");
    let judged = common::run(&["judge", &saved.to_string_lossy(), "--format", "json"]);
    assert_eq!(self::failed(&judged), failed);
}

#[test]
fn a_token_at_the_end_of_long_output_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    let script = r#"cd "$HOME" && head -c 3000000 /dev/zero | tr "\\0" "\\n" && \
        find . -type f -exec cat {} + && head -c 3000000 /dev/zero | tr "\\0" "\\n""#;
    let output = run(script, "plain/flow", &saved);
    let failed = failed(&output);
    assert!(
        failed.contains(&"token-not-leaked".to_owned()),
        "{failed:?}"
    );
}

#[test]
fn nothing_is_concluded_from_a_search_that_did_not_come_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let saved = folder.path().join("saved");
    let output = run("true", "token/stored-securely/usual-umask", &saved);
    assert!(failed(&output).is_empty());
    let case = saved.join("2026-07-28/cases/token.stored-securely.usual-umask.json");
    let mut run: Value = serde_json::from_slice(&std::fs::read(&case).unwrap()).unwrap();
    run["transcript"]["unsearched"] = serde_json::json!({ "files": 1, "output_bytes": 0 });
    std::fs::write(&case, run.to_string()).unwrap();
    let judged = common::run(&["judge", &saved.to_string_lossy(), "--format", "json"]);
    let report: Value = serde_json::from_slice(&judged.stdout).unwrap();
    let checks = report["cases"][0]["checks"].as_array().unwrap();
    let storage = checks
        .iter()
        .find(|check| check["requirement"] == "token-secure-storage")
        .unwrap();
    assert_eq!(storage["verdict"], "not-exercised");
    assert_eq!(storage["reason"]["kind"], "not-all-searched");
    let console = common::run(&["judge", &saved.to_string_lossy()]);
    let console = text(&console.stdout);
    assert!(console.contains("Not everything was searched"), "{console}");
}
