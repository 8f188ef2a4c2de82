//! The report of a run made by hand, in every form.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests are no tests to clippy

#[path = "report/fixture.rs"]
mod fixture;

use fixture::{LIVE, Run, case, mixed_up, record, report, suite};
use mcp_authspec::judge::Verdict;
use mcp_authspec::report::{Format, Outcome, Report, Style, explain_case, explain_requirement, list, render, suggest};
use mcp_authspec::scenario::model::{EventKind, Level, Revision};
use mcp_authspec::suite::{Record, Suite};
use mcp_authspec::transcript::{Haystack, Status};

/// A pass, failures of every level, silence, a crash, a time-out, a case that was not run.
fn failing_run(suite: &Suite) -> Record {
    let honest = |status| {
        let mut run = Run::of(case(suite, "plain/flow"), status);
        run.whole_flow("mcp");
        run.transcript
    };
    let mut silent = Run::of(case(suite, "iss/advertised-and-absent/left-out"), Status::TimedOut);
    silent.challenged("mcp");
    let mut crashed = Run::of(case(suite, "iss/advertised-and-wrong/success"), Status::Crashed);
    crashed.challenged("mcp");
    crashed.metadata("as");
    crashed.authorize("as", "mcp.resource", Some("wrong-iss"));
    let code = crashed.issue("as.code");
    crashed.callback(&code, "other.issuer");
    crashed.redeem("as", &code, "as.code#1");
    let mut twice = Run::of(case(suite, "authz/code-redeemed-once/connection-lost"), Status::Completed);
    twice.challenged("mcp");
    twice.metadata("as");
    twice.authorize("as", "mcp.resource", None);
    let code = twice.issue("as.code");
    twice.callback(&code, "as.issuer");
    twice.redeem("as", &code, "as.code#1");
    twice.transcript.events.last_mut().unwrap().deviations.push("breakdown".into());
    twice.transcript.exchanges.last_mut().unwrap().status = None;
    twice.redeem("as", &code, "as.code#1");
    let fooled = mixed_up(case(suite, "iss/mix-up-relayed/announces-iss"), true);
    record(
        suite,
        vec![
            ("plain/flow", Ok(honest(Status::Completed))),
            ("authz/code-redeemed-once/connection-lost", Ok(twice.transcript)),
            ("iss/advertised-and-absent/left-out", Ok(silent.transcript)),
            ("iss/advertised-and-wrong/success", Ok(crashed.transcript)),
            ("iss/mix-up-relayed/announces-iss", Ok(fooled)),
            ("tls/bad-certificate/expired", Err("needs tls")),
        ],
    )
}

/// The same attack, withstood.
fn passing_run(suite: &Suite) -> Record {
    let mut honest = Run::of(case(suite, "plain/flow"), Status::Completed);
    honest.whole_flow("mcp");
    for event in &mut honest.transcript.events {
        event.fields.remove("code_challenge_method").map(|_| event.fields.insert("code_challenge_method".into(), "S256".into()));
    }
    let mut attacked = mixed_up(case(suite, "iss/mix-up-relayed/announces-iss"), false);
    attacked.events.retain(|event| event.kind != EventKind::AuthorizationRequest);
    record(suite, vec![("plain/flow", Ok(honest.transcript)), ("iss/mix-up-relayed/announces-iss", Ok(attacked))])
}

fn console(report: &Report, style: &Style) -> String {
    render(Format::Console, std::slice::from_ref(report), style).unwrap()
}

fn json(report: &Report) -> String {
    render(Format::Json, std::slice::from_ref(report), &Style::default()).unwrap()
}

/// The version says when a snapshot was made, not what it holds.
fn without_version(text: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    text.replace(&format!("mcp-authspec {version}"), "mcp-authspec VERSION").replace(&format!("\"{version}\""), "\"VERSION\"")
}

#[test]
fn a_failing_run_on_a_console() {
    let suite = suite();
    insta::assert_snapshot!("failing", without_version(&console(&report(&suite, &failing_run(&suite)), &Style::default())));
}

#[test]
fn a_failing_run_in_full_on_a_narrow_console() {
    let suite = suite();
    let style = Style { width: 72, verbose: true, ..Style::default() };
    insta::assert_snapshot!("failing-narrow-verbose", without_version(&console(&report(&suite, &failing_run(&suite)), &style)));
}

#[test]
fn a_passing_run_tells_an_attack() {
    let suite = suite();
    insta::assert_snapshot!("passing", without_version(&console(&report(&suite, &passing_run(&suite)), &Style::default())));
}

#[test]
fn json_holds_everything_and_can_be_read_back() {
    let suite = suite();
    let text = json(&report(&suite, &failing_run(&suite)));
    let again: Report = serde_json::from_str(&text).unwrap();
    assert_eq!(json(&again), text);
    assert_eq!(console(&again, &Style::default()), console(&report(&suite, &failing_run(&suite)), &Style::default()));
    insta::assert_snapshot!("failing-json", without_version(&text));
}

#[test]
fn colours_only_when_asked_for() {
    let suite = suite();
    let report = report(&suite, &failing_run(&suite));
    let text = |colour| console(&report, &Style { colour, ..Style::default() });
    assert!(!text(false).contains('\u{1b}'));
    let coloured = text(true);
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), text(false));
}

/// Every secret in every place of every run, raw and encoded: none may be seen in any output.
#[test]
fn no_live_secret_is_shown() {
    use base64::Engine;
    let suite = suite();
    let mut record = failing_run(&suite);
    let mut values = Vec::new();
    for (_, outcome) in &mut record.cases {
        let Ok(transcript) = outcome else { continue };
        let all: Vec<String> = transcript.secrets.iter().map(|secret| secret.value.clone()).collect();
        let encoded: String = all.iter().map(|v| v.bytes().map(|b| format!("%{b:02X}")).collect::<String>()).collect::<Vec<_>>().join("/");
        let basic = base64::engine::general_purpose::STANDARD.encode(all.join(":"));
        let everything = format!("{} {encoded} {basic}", all.join(" "));
        for exchange in &mut transcript.exchanges {
            let separator = if exchange.target.contains('?') { '&' } else { '?' };
            exchange.target =
                format!("/{}/{encoded}{}{separator}resource={basic}&iss={encoded}&error={}", all.join("/"), exchange.target, all.join("+"));
            exchange.body = format!("{}&resource={basic}&refresh_token={encoded}", exchange.body);
            exchange.headers.push(("authorization".into(), format!("Basic {basic}")));
            exchange.headers.push(("x-everything".into(), everything.clone()));
            exchange.answer_headers.push(("location".into(), format!("http://localhost:1/cb?iss={encoded}&error={basic}")));
            exchange.answer_headers.push(("www-authenticate".into(), format!("Bearer error=\"{everything}\"")));
            exchange.answer_body = serde_json::json!({ "error": everything, "access_token": all.first() }).to_string();
        }
        for event in &mut transcript.events {
            for name in ["code_challenge_method", "what", "path", "surface"] {
                event.fields.insert(name.into(), everything.clone().into());
            }
        }
        values.extend(all);
    }
    assert!(values.len() > 3);
    let report = report(&suite, &record);
    let verbose = Style { verbose: true, width: 400, ..Style::default() };
    for text in [json(&report), console(&report, &Style::default()), console(&report, &verbose)] {
        assert!(!text.contains(LIVE), "{}", &text[text.find(LIVE).unwrap().saturating_sub(200)..][..400]);
        let words = Haystack::new(text.split_whitespace());
        assert!(values.iter().all(|value| !words.contains(value)));
    }
}

#[test]
fn nothing_of_this_machine_is_shown() {
    let suite = suite();
    let report = report(&suite, &failing_run(&suite));
    for text in [json(&report), console(&report, &Style { verbose: true, ..Style::default() })] {
        for never in ["localhost:4", "127.0.0.1:4", "ab12cd34", "ef56ab78"] {
            assert!(!text.contains(never), "{never}");
        }
    }
}

#[test]
fn exit_codes() {
    let suite = suite();
    let passing = report(&suite, &passing_run(&suite));
    assert_eq!((passing.outcome(), passing.exit_code()), (Outcome::Passed, 0));
    assert_eq!(report(&suite, &failing_run(&suite)).exit_code(), 1);

    let with_status = |status: Status| {
        let mut report = passing.clone();
        for case in &mut report.cases {
            case.status = Some(status);
        }
        report
    };
    assert_eq!(with_status(Status::SetupFailed).exit_code(), 3);
    assert_eq!(with_status(Status::TimedOut).exit_code(), 1, "a time-out is never a success");
    assert_eq!(with_status(Status::Crashed).exit_code(), 1);
    assert_eq!(Report { harness_errors: vec!["plain/flow".into()], ..passing.clone() }.exit_code(), 4);
    assert_eq!(Report { interrupted: true, ..passing.clone() }.exit_code(), 130);
    assert_eq!(Report { contradictions: vec!["says one thing, does another".into()], ..passing.clone() }.exit_code(), 1);
    assert_eq!(Report { cases: Vec::new(), ..passing.clone() }.exit_code(), 3, "silence is never a pass");

    let mut warned = passing;
    for check in warned.cases.iter_mut().flat_map(|case| &mut case.checks).take(1) {
        (check.verdict, check.level) = (Verdict::Fail, Level::Should);
    }
    assert_eq!(warned.exit_code(), 0);
    assert_eq!(Report { strict: true, ..warned }.exit_code(), 1);
}

#[test]
fn explanations() {
    let suite = Suite::embedded().unwrap();
    insta::assert_snapshot!("explain-case", explain_case(&suite, "iss/mix-up-relayed/does-not-announce-iss", 100).unwrap());
    insta::assert_snapshot!("explain-file", explain_case(&suite, "iss/advertised-and-wrong", 100).unwrap());
    insta::assert_snapshot!("explain-requirement", explain_requirement(&suite, "iss-advertised-mismatch", 100).unwrap());
    assert!(explain_case(&suite, "iss-advertised-mismatch", 100).is_none());
    assert!(explain_requirement(&suite, "iss/two-values", 100).is_none());
    assert_eq!(suggest(&suite, "iss-advertized-mismatch"), ["iss-advertised-mismatch"]);
    assert!(suggest(&suite, "mix-up").iter().all(|id| id.contains("mix-up")));
    assert!(suggest(&suite, "xyzzy").is_empty());
}

#[test]
fn everything_can_be_explained_and_listed() {
    let suite = Suite::embedded().unwrap();
    for width in [20, 80] {
        assert!(suite.cases.iter().all(|case| explain_case(&suite, &case.id, width).is_some_and(|text| text.contains("Run it:"))));
        assert!(suite.catalogue.iter().all(|requirement| explain_requirement(&suite, &requirement.id, width).is_some()));
    }
    for revision in Revision::ALL {
        let text = list(&suite, *revision, 100);
        assert!(suite.select(*revision, &[]).iter().all(|case| text.contains(&case.id)));
    }
}
