//! Runs that were saved in former formats still get the same verdicts.
//!
//! `fixtures/saved/format-N` was saved by the version that wrote format N, and
//! `format-N-verdicts.json` holds the verdicts that it gave. Format 1 was saved with
//! `run --defect no-iss-check --scenario 'iss/advertised-and-*' --scenario 'iss/two-values*'`,
//! before reasons were data; format 2 with `run --defect verbose-shows-secrets --scenario
//! token/verbose-run --scenario scope/errors-of-both-servers --scenario
//! authz/callback-page-escapes`, when transcripts kept all that a client wrote.
// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeMap;

use common::{run, text};
use mcp_authspec::report::Report;

#[test]
fn a_run_saved_in_format_1_is_judged_as_before() {
    expect_former_verdicts("format-1");
}

#[test]
fn a_run_saved_in_format_2_is_judged_as_before() {
    expect_former_verdicts("format-2");
}

fn expect_former_verdicts(format: &str) {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/saved");
    let folder = format!("{fixtures}/{format}");
    // scenarios and requirements may have changed since; `--what-if` judges by those of today
    let output = run(&["judge", &folder, "--what-if", "--format", "json"]);
    let report: Report = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", text(&output.stderr)));
    let mut verdicts = BTreeMap::new();
    for case in &report.cases {
        for check in &case.checks {
            verdicts.insert(
                format!("{} {}", case.case, check.requirement),
                format!("{} {}", check.verdict, check.level),
            );
        }
    }
    let former = std::fs::read_to_string(format!("{fixtures}/{format}-verdicts.json")).unwrap();
    let former: BTreeMap<String, String> = serde_json::from_str(&former).unwrap();
    // requirements that are newer than the run have no former verdict
    verdicts.retain(|check, _| former.contains_key(check));
    assert_eq!(verdicts, former);
}

#[test]
fn a_run_saved_in_format_1_is_refused_with_advice_that_works() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/saved/format-1");
    let refused = run(&["judge", folder]);
    assert_eq!(refused.status.code(), Some(2));
    insta::assert_snapshot!("judge-format-1", text(&refused.stderr));
    let into = tempfile::tempdir().unwrap();
    let into = into.path().join("merged");
    let refused = run(&["merge", folder, "--into", into.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("help: use the mcp-authspec that saved it"));
}
