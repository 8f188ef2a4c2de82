//! Baselines: what they exempt, which errors they can have, and how they are updated.
// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(dead_code)] // the fixture also serves other tests

#[path = "report/fixture.rs"]
mod fixture;

use fixture::{NEEDS_TLS, Run, about, case, conclusions, mixed_up, record, suite, without_version};
use mcp_authspec::baseline::{Baseline, Learned, Update, UpdateError, update_baseline};
use mcp_authspec::judge::{Conclusions, Verdict};
use mcp_authspec::report::{Format, Report, TextStyle, describe_entry_change, render};
use mcp_authspec::suite::{Record, Suite};
use mcp_authspec::transcript::Status;
use proptest::prelude::*;

const FILE: &str = "known-failures.toml";

/// An attack that works, a crash, and a monitor (PKCE with `plain`) that fails in all of them.
fn run(suite: &Suite) -> Record {
    let mut honest = Run::of(case(suite, "plain/flow"), Status::Completed);
    honest.whole_flow("mcp");
    let mut crashed = Run::of(
        case(suite, "iss/advertised-and-wrong/success"),
        Status::Crashed,
    );
    crashed.challenged("mcp");
    record(
        suite,
        vec![
            ("plain/flow", Ok(honest.transcript)),
            ("iss/advertised-and-wrong/success", Ok(crashed.transcript)),
            (
                "iss/mix-up-relayed/announces-iss",
                Ok(mixed_up(
                    case(suite, "iss/mix-up-relayed/announces-iss"),
                    true,
                )),
            ),
            ("tls/bad-certificate/expired", Err(NEEDS_TLS)),
        ],
    )
}

fn report(suite: &Suite, record: &Record, conclusions: &Conclusions) -> Report {
    Report::new(suite, record, conclusions, &about())
}

fn with_baseline(text: &str) -> Report {
    let suite = suite();
    let record = run(&suite);
    let mut conclusions = conclusions(&suite, &record);
    Baseline::parse(FILE, text, &suite)
        .unwrap()
        .apply(&suite, record.complete, &mut conclusions);
    report(&suite, &record, &conclusions)
}

fn console(report: &Report) -> String {
    let text = render(
        Format::Console,
        std::slice::from_ref(report),
        &TextStyle::default(),
    )
    .unwrap();
    without_version(&text)
}

/// The baseline that `update` makes when there is none.
fn fresh(suite: &Suite, record: &Record) -> String {
    let conclusions = conclusions(suite, record);
    let runs = [Learned {
        conclusions: &conclusions,
        complete: false,
    }];
    let wanted = Update {
        suite,
        runs: &runs,
        strict: false,
        reason: Some("issue 12"),
    };
    update_baseline(FILE, None, &wanted).unwrap().text
}

fn errors(file: &str, text: &str) -> String {
    let errors = Baseline::parse(file, text, &Suite::embedded().unwrap()).unwrap_err();
    errors.iter().map(|error| format!("{error}\n")).collect()
}

#[test]
fn known_failures_are_shown_and_do_not_fail_the_run() {
    let suite = suite();
    let record = run(&suite);
    let without = report(&suite, &record, &conclusions(&suite, &record));
    assert_eq!(without.exit_code(), 1);
    let text = fresh(&suite, &record);
    insta::assert_snapshot!("fresh", text);
    let with = with_baseline(&text);
    insta::assert_snapshot!("known", console(&with));
    assert_eq!(with.exit_code(), 0);
    assert_eq!(
        with.summary.requirements, without.summary.requirements,
        "a known failure is still a failure"
    );
    assert!(with.summary.baselined > 0);
    assert_eq!(with.failures.len(), without.failures.len());
}

#[test]
fn any_other_failure_fails_the_run() {
    let suite = suite();
    let text = fresh(&suite, &run(&suite));
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with('"') || line.starts_with("pkce"))
        .collect();
    assert!(lines.len() > 2);
    for line in lines {
        assert_eq!(
            with_baseline(&text.replace(line, "")).exit_code(),
            1,
            "without {line}"
        );
    }
}

#[test]
fn a_failure_that_is_gone_fails_the_run() {
    let suite = suite();
    let gone = "\"plain/flow:prm-handle-401\" = \"it used to fail\"\n\
                \"plain/flow:refresh-only-to-issuer\" = \"so did this\"\n";
    let text = fresh(&suite, &run(&suite)) + gone;
    let report = with_baseline(&text);
    assert_eq!(report.exit_code(), 1);
    insta::assert_snapshot!(
        "outdated",
        console(&report)
            .split("Known failures, as ")
            .nth(1)
            .unwrap_or_else(|| panic!("{}", console(&report)))
    );
}

#[test]
fn entries_about_cases_that_were_not_run_are_not_outdated() {
    let text = |entry: &str| {
        format!(
            "{}{entry} = \"somebody knows\"\n",
            fresh(&suite(), &run(&suite()))
        )
    };
    for entry in [
        "\"pkce/support-not-announced\"",
        "\"tls/bad-certificate/expired\"",
        "\"tls/bad-certificate\"",
        "refresh-only-to-issuer",
    ] {
        assert_eq!(with_baseline(&text(entry)).exit_code(), 0, "{entry}");
    }
    let elsewhere = "{ reason = \"only then\", spec = [\"2025-11-25\"] }";
    let text = fresh(&suite(), &run(&suite())) + &format!("\"plain/flow\" = {elsewhere}\n");
    assert_eq!(with_baseline(&text).exit_code(), 0, "another revision");
}

#[test]
fn errors_name_file_and_line() {
    let wrong = r#"[known]
"iss/two-value" = "a typing error"
"iss/two-values:iss-advertised-mismach" = "another"
"iss/two-values:pkce-missing-methods-refuse" = "not checked there"
"iss/*" = "a pattern"
iss-advertised-mismatch = "not watched"
pkce-s265 = "a typing error"
"plain/flow" = ""
"iss/mix-up-relayed" = "TODO: find out"
"iss/advertised-and-wrong" = "n/a"
"iss/no-normalization" = { reason = "known", spec = ["2025-03-26"] }
"iss/no-normalization/trailing-slash" = { reason = "known", spec = [] }
"prm/resource-mismatch" = "all of it"
"prm/resource-mismatch/other-origin" = "and this"
"#;
    let syntax = [
        "[known]\n\"a\" = 1\n",
        "[known]\n\n\"a\" = { reson = \"x\" }\n",
        "[known]\n\"a\" = \"x\"\n\"a\" = \"y\"\n",
        "\n[kown]\n\"a\" = \"x\"\n",
        "[known]\n\"a\" = { reason = \"x\", spec = [\"2024-11-05\"] }\n",
        "[known\n",
    ];
    let syntax: String = syntax.iter().map(|text| errors(FILE, text)).collect();
    insta::assert_snapshot!("errors", format!("{}\n{syntax}", errors(FILE, wrong)));
}

#[test]
fn every_error_is_found_at_once() {
    assert_eq!(
        errors(FILE, "[known]\n\"a/b\" = \"\"\n\"c/d\" = \"\"\n")
            .matches(FILE)
            .count(),
        2
    );
}

#[test]
fn the_format_of_the_official_suite_is_read() {
    let suite = suite();
    let text = "\
# what we know of
server:
  - tools-call-with-progress
client:
  - sse-retry
  - auth/iss-wrong-issuer   # https://example.org/issues/7
  - auth/metadata-default:some-check-of-theirs
  - auth/wif-jwt-bearer
  - \"auth/iss-supported-missing:iss-advertised-absent\"
";
    let baseline = Baseline::parse("expected.yml", text, &suite).unwrap();
    insta::assert_snapshot!("official-notes", baseline.notes.join("\n"));
    let record = run(&suite);
    let mut conclusions = conclusions(&suite, &record);
    baseline.apply(&suite, false, &mut conclusions);
    let crashed = conclusions
        .cases
        .iter()
        .find(|case| case.case == "iss/advertised-and-wrong/success")
        .unwrap();
    let known = crashed.baselined.as_ref().unwrap();
    assert_eq!(
        (known.reason.as_str(), known.place.as_str()),
        ("https://example.org/issues/7", "expected.yml:6")
    );
    for nothing in ["", "# nothing yet\n", "client: []\n", "server:\n  - a\n"] {
        assert!(
            Baseline::parse("a.yaml", nothing, &suite)
                .unwrap()
                .notes
                .is_empty(),
            "{nothing}"
        );
    }
}

#[test]
fn errors_in_the_format_of_the_official_suite() {
    let texts = [
        "client:\n  - auth/iss-suported\n",
        "client:\n  - auth/iss-supported: some-check\n",
        "client: auth/iss-supported\n",
        "- auth/iss-supported\n",
        "client:\n  - [a, b]\n",
        "client:\n - a\n b\n",
    ];
    insta::assert_snapshot!(
        "official-errors",
        texts
            .iter()
            .map(|text| errors("expected.yml", text))
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn an_update_keeps_reasons_and_comments_and_is_idempotent() {
    let suite = suite();
    let record = run(&suite);
    let conclusions = conclusions(&suite, &record);
    let runs = [Learned {
        conclusions: &conclusions,
        complete: false,
    }];
    let before = r#"# Ours. Ask in #auth.
[known]
# mixed up since 1.2
"iss/mix-up-relayed/announces-iss:iss-advertised-mismatch" = "issue 3"  # soon
# this one is done
"plain/flow:prm-handle-401" = "issue 4"
"iss/gone" = "issue 5"
"prm/resource-mismatch" = "not part of this run"
"#;
    let wanted = Update {
        suite: &suite,
        runs: &runs,
        strict: false,
        reason: Some("issue 12"),
    };
    let updated = update_baseline(FILE, Some(before), &wanted).unwrap();
    let changes: String = updated
        .changes
        .iter()
        .map(|change| describe_entry_change(change) + "\n")
        .collect();
    insta::assert_snapshot!("update", format!("{changes}\n{}", updated.text));
    let again = update_baseline(
        FILE,
        Some(&updated.text),
        &Update {
            reason: None,
            ..wanted
        },
    )
    .unwrap();
    assert_eq!((again.text, again.changes), (updated.text, Vec::new()));
}

#[test]
fn an_update_distinguishes_revisions() {
    let suite = suite();
    let record = run(&suite);
    let newest = conclusions(&suite, &record);
    let mut older = newest.clone();
    older.revision = mcp_authspec::scenario::model::Revision::November2025;
    for monitor in older
        .monitors
        .iter_mut()
        .filter(|monitor| monitor.requirement == "pkce-s256")
    {
        monitor.verdict = Verdict::Pass;
        monitor.failed_in.clear();
    }
    for check in older
        .cases
        .iter_mut()
        .flat_map(|case| &mut case.checks)
        .filter(|check| check.requirement == "pkce-s256")
    {
        check.verdict = Verdict::Pass;
    }
    let runs = [
        Learned {
            conclusions: &older,
            complete: true,
        },
        Learned {
            conclusions: &newest,
            complete: true,
        },
    ];
    let wanted = Update {
        suite: &suite,
        runs: &runs,
        strict: false,
        reason: Some("issue 12"),
    };
    let text = update_baseline(FILE, None, &wanted).unwrap().text;
    let line = text
        .lines()
        .find(|line| line.starts_with("pkce-s256"))
        .unwrap();
    assert!(
        line.ends_with("{ reason = \"issue 12\", spec = [\"2026-07-28\"] }"),
        "{line}"
    );
    for run in runs {
        let mut conclusions = run.conclusions.clone();
        Baseline::parse(FILE, &text, &suite)
            .unwrap()
            .apply(&suite, true, &mut conclusions);
        assert_eq!(conclusions.baseline.unwrap().outdated, [], "{text}");
    }
}

#[test]
fn new_failures_need_a_reason() {
    let suite = suite();
    let record = run(&suite);
    let conclusions = conclusions(&suite, &record);
    let runs = [Learned {
        conclusions: &conclusions,
        complete: false,
    }];
    let message = |file: &str, text: Option<&str>, reason: Option<&str>| {
        let wanted = Update {
            suite: &suite,
            runs: &runs,
            strict: false,
            reason,
        };
        update_baseline(file, text, &wanted).unwrap_err()
    };
    assert!(matches!(
        message("a.yml", None, None),
        UpdateError::OfficialFormat(_)
    ));
    let errors = [
        message(FILE, None, None),
        message(FILE, None, Some("TODO")),
        message("a.yml", None, None),
        message(FILE, Some("[known"), None),
    ];
    insta::assert_snapshot!(
        "update-errors",
        errors.map(|error| error.to_string()).join("\n")
    );
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_rejected(text in ".{0,200}") {
        let suite = suite_once();
        let _ = Baseline::parse("a.toml", &text, suite);
        let _ = Baseline::parse("a.yml", &text, suite);
    }

    #[test]
    fn any_list_is_parsed_or_rejected(lines in proptest::collection::vec(LINE, 0..12)) {
        let _ = Baseline::parse("a.yml", &lines.join("\n"), suite_once());
    }
}

/// Lines of lists as the official suite writes them, and of what YAML reads in another way.
const LINE: &str = "(client|server|- auth/[a-z]{1,4}|  - [a-z:]{1,8}|[-:#&*!|>\\[{ ]{1,6})";

fn suite_once() -> &'static Suite {
    static SUITE: std::sync::OnceLock<Suite> = std::sync::OnceLock::new();
    SUITE.get_or_init(suite)
}
