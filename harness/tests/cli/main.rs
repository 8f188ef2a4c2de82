//! The command line as its users see it: exit codes and reports of `run`.

// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod commands;
mod interruption;

use common::{run, text};

#[test]
fn the_bundled_client_passes_and_fails_with_a_defect() {
    assert_eq!(run(&["--scenario", "iss/*"]).status.code(), Some(0));
    assert_eq!(
        run(&["run", "--scenario", "iss/*", "--defect", "no-iss-check"])
            .status
            .code(),
        Some(1)
    );
}

#[test]
fn a_warning_fails_only_a_strict_run() {
    let defect = [
        "run",
        "--scenario",
        "state/wrong-state",
        "--scenario",
        "plain/*",
        "--defect",
        "state-unchecked",
    ];
    let lenient = run(&defect);
    assert_eq!(lenient.status.code(), Some(0), "{}", text(&lenient.stdout));
    assert_eq!(
        run(&[&defect[..], &["--strict"]].concat()).status.code(),
        Some(1)
    );
}

#[test]
fn a_client_that_cannot_be_run_has_exit_code_3() {
    assert_eq!(
        run(&["run", "--", "no-such-program-anywhere"])
            .status
            .code(),
        Some(3)
    );
}

#[test]
fn json_reports_are_valid_in_a_file_and_on_standard_output() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    assert_eq!(
        run(&[
            "--scenario",
            "plain/flow",
            "--format",
            "json",
            "--output",
            path
        ])
        .status
        .code(),
        Some(0)
    );
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(report["cases"][0]["case"], "plain/flow");
    let all = run(&[
        "--scenario",
        "plain/flow",
        "--format",
        "json",
        "--spec",
        "all",
    ]);
    let reports: serde_json::Value = serde_json::from_slice(&all.stdout).unwrap();
    let revisions: Vec<&str> = reports
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["revision"].as_str().unwrap())
        .collect();
    assert_eq!(
        revisions,
        ["2025-06-18", "2025-11-25", "2026-07-28"],
        "plain/flow uses resource metadata"
    );
}

#[test]
fn one_run_writes_several_reports() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let formats = [
        "json",
        "junit",
        "markdown",
        "tap",
        "html",
        "badge-json",
        "badge-svg",
    ];
    let reports: Vec<String> = formats
        .iter()
        .flat_map(|f| ["--report".to_owned(), format!("{f}={}", place(f).display())])
        .collect();
    let mut arguments = vec!["run", "--scenario", "iss/*", "--defect", "no-iss-check"];
    arguments.extend(reports.iter().map(String::as_str));
    let output = run(&arguments);
    assert!(
        text(&output.stdout).contains("Failed:"),
        "the console report is printed as well"
    );
    let written = |name: &str| std::fs::read_to_string(place(name)).unwrap();
    let result: serde_json::Value = serde_json::from_str(&written("json")).unwrap();
    let schema: serde_json::Value =
        serde_json::from_str(&text(&run(&["schema", "result"]).stdout)).unwrap();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(&result)
        .map(|e| e.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert!(written("junit").contains("<failure type=\"fail\""));
    assert!(written("markdown").starts_with("## ❌"));
    assert!(written("tap").starts_with("TAP version 14\n1.."));
    assert!(written("html").starts_with("<!doctype html>"));
    assert!(written("badge-json").contains("\"schemaVersion\": 1"));
    assert!(written("badge-svg").starts_with("<svg "));
}

#[test]
fn only_the_report_is_written_to_a_pipe() {
    let output = run(&["--scenario", "plain/flow"]);
    assert_eq!(text(&output.stderr), "");
    assert!(
        !text(&output.stdout).contains('\u{1b}'),
        "no colour in a pipe"
    );
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let report = || {
        let output = run(&[
            "--scenario",
            "iss/two-values*",
            "--format",
            "json",
            "--seed",
            "s",
            "--jobs",
            "1",
        ]);
        let mut report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        report["seconds"] = 0.into();
        report["timings"] = 0.into();
        report.to_string()
    };
    assert_eq!(report(), report());
}

#[test]
fn requirements_outside_the_frozen_set_are_shown_and_not_scored() {
    let broken = [
        "run",
        "--spec",
        "2026-07-28",
        "--scenario",
        "iss/advertised-and-wrong/success",
        "--defect",
        "no-iss-check",
    ];
    assert_eq!(run(&broken).status.code(), Some(1));
    let lenient = run(&[&broken[..], &["--requirements", "2025-11-25"]].concat());
    assert_eq!(lenient.status.code(), Some(0), "{}", text(&lenient.stdout));
    let report = text(&lenient.stdout);
    assert!(
        report.contains("scored by the frozen requirement set of 2025-11-25"),
        "{report}"
    );
    assert!(
        report.contains("iss-advertised-mismatch") && report.contains("(unscored)"),
        "{report}"
    );
    assert_eq!(
        run(&[&broken[..], &["--requirements", "2026-07-28"]].concat())
            .status
            .code(),
        Some(1)
    );
}

#[test]
fn a_requirement_set_implies_its_revision() {
    let output = run(&[
        "run",
        "--requirements",
        "2025-11-25",
        "--scenario",
        "plain/flow",
        "--format",
        "json",
    ]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (
            report["revision"].as_str(),
            report["requirement_set"].as_str()
        ),
        (Some("2025-11-25"), Some("2025-11-25"))
    );
}
