//! Persistent mode: a fault of the process in one scenario does not affect the others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use mcp_authspec::driver::{Client, CommandClient, HelloError, PersistentClient, PersistentHello};
use mcp_authspec::scenario::model::Revision;
use mcp_authspec::suite::{Record, Suite, SuiteOptions, run_suite};
use mcp_authspec::transcript::Status;

use super::process::check_same_verdicts;

pub fn trials() -> Vec<Trial> {
    let tests: [(&str, fn()); 7] = [
        (
            "a-correct-client-loses-no-scenario",
            a_correct_client_loses_no_scenario,
        ),
        ("only-one-scenario-is-lost", only_one_scenario_is_lost),
        ("other-lines-are-output", other_lines_are_output),
        (
            "a-process-that-hangs-is-killed-and-replaced",
            a_process_that_hangs_is_killed_and_replaced,
        ),
        (
            "a-process-that-serves-only-one-scenario-is-replaced",
            a_process_that_serves_only_one_scenario_is_replaced,
        ),
        (
            "every-scenario-finds-an-empty-home",
            every_scenario_finds_an_empty_home,
        ),
        (
            "an-invalid-greeting-is-reported-with-a-remedy",
            an_invalid_greeting_is_reported_with_a_remedy,
        ),
    ];
    let passes = |test: fn()| {
        move || {
            test();
            Ok::<(), Failed>(())
        }
    };
    let mut trials: Vec<Trial> = tests
        .into_iter()
        .map(|(name, test)| Trial::test(format!("persistent::{name}"), passes(test)))
        .collect();
    trials.push(Trial::test(
        "persistent::same-verdicts-as-in-process",
        || check_same_verdicts(persistent_program()),
    ));
    trials
}

/// The bundled client as a program that serves persistent mode.
fn persistent_program() -> Arc<dyn Client> {
    let words = [
        env!("CARGO_BIN_EXE_mcp-authspec"),
        "reference-client",
        "--persistent",
    ]
    .map(str::to_owned);
    Arc::new(
        PersistentClient::new(CommandClient::from_words(words.to_vec(), false).unwrap()).unwrap(),
    )
}

/// A client in shell that does nothing: it greets, and answers each request. `FAULT` is run before
/// the answer.
const CLIENT: &str = r#"
echo '{"protocol":1,"name":"a shell"}'
while read -r line; do
    id=${line#*\"id\":}; id=${id%%,*}
    FAULT
    echo "{\"id\":$id,\"outcome\":\"success\"}"
done
"#;

fn client(fault: &str) -> PersistentClient {
    let words = ["sh", "-c", &CLIENT.replace("FAULT", fault)].map(str::to_owned);
    PersistentClient::new(CommandClient::from_words(words.to_vec(), false).unwrap()).unwrap()
}

/// Four scenarios, one after the other.
fn run(client: Arc<dyn Client>, timeout: Duration) -> Record {
    let suite = Suite::embedded().unwrap();
    let revision = Revision::LATEST;
    let options = SuiteOptions {
        jobs: 1,
        timeout,
        grace: timeout,
        ..SuiteOptions::new(revision)
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut cases = suite.select(revision, &["plain/flow".to_owned(), "iss/*".to_owned()]);
    cases.truncate(4);
    runtime.block_on(run_suite(&cases, client, &options))
}

/// How often each status occurred.
fn count_statuses(record: &Record) -> BTreeMap<&'static str, usize> {
    assert!(record.faults.is_empty(), "{:?}", record.faults);
    let mut out = BTreeMap::new();
    let controls = record
        .controls
        .iter()
        .filter(|(_, (case, _))| record.cases.iter().all(|(c, _)| c.id != case.id))
        .map(|(_, (_, t))| t);
    for transcript in record
        .cases
        .iter()
        .map(|(_, t)| t.as_ref().unwrap())
        .chain(controls)
    {
        *out.entry(transcript.status.as_str()).or_default() += 1;
    }
    out
}

/// Runs four scenarios with the fault in the first one only. It does not happen again, not even in
/// the process that replaces the first.
fn run_with_fault_once(fault: &str) -> BTreeMap<&'static str, usize> {
    let mark = tempfile::tempdir().unwrap();
    let first = format!(
        "mkdir {}/done 2>/dev/null && {{ {fault}; }}",
        mark.path().display()
    );
    count_statuses(&run(Arc::new(client(&first)), Duration::from_secs(20)))
}

const PATIENT: Duration = Duration::from_secs(20);

fn a_correct_client_loses_no_scenario() {
    assert_eq!(
        count_statuses(&run(Arc::new(client(":")), PATIENT))
            .keys()
            .copied()
            .collect::<Vec<_>>(),
        [Status::Completed.as_str()]
    );
}

fn only_one_scenario_is_lost() {
    for fault in [
        "exit 3",
        "kill -9 $$",
        r#"echo '{"id":"none of yours","outcome":"success"}'"#,
        r#"echo '{"id":1000000,"outcome":"success"}'"#,
        r#"echo "{\"id\":$id,\"outcome\":\"marvellous\"}""#,
        r#"echo '{"protocol":1,"name":"again"}'"#,
        r#"echo "{\"id\":$id,\"outcome\":\"crash\"}"; continue"#,
    ] {
        let found = run_with_fault_once(fault);
        assert_eq!(found.get("crashed"), Some(&1), "{fault}: {found:?}");
        assert_eq!(found.len(), 2, "{fault}: {found:?}");
    }
}

fn other_lines_are_output() {
    for fault in [
        "echo connected",
        r#"echo '{"level":"info"}'"#,
        "echo to-the-log >&2",
        "head -c 5000000 /dev/zero; echo",
        "head -c 5000000 /dev/zero >&2",
        r#"echo "{\"id\":$id,\"outcome\":\"success\"}""#, // answered twice
        "exec 2>&-",
    ] {
        let found = run_with_fault_once(fault);
        assert_eq!(
            found.keys().copied().collect::<Vec<_>>(),
            ["completed"],
            "{fault}"
        );
    }
}

fn a_process_that_hangs_is_killed_and_replaced() {
    let mark = tempfile::tempdir().unwrap();
    let hang = format!(
        "mkdir {}/done 2>/dev/null && sleep 1000",
        mark.path().display()
    );
    let found = count_statuses(&run(Arc::new(client(&hang)), Duration::from_secs(2)));
    assert_eq!(found.get("timed-out"), Some(&1), "{found:?}");
    assert_eq!(found.len(), 2, "{found:?}");
}

fn a_process_that_serves_only_one_scenario_is_replaced() {
    let found = count_statuses(&run(
        Arc::new(client(
            r#"echo "{\"id\":$id,\"outcome\":\"success\"}"; exit 0"#,
        )),
        PATIENT,
    ));
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), ["completed"]);
}

/// The client exits without an answer if it finds a file.
fn every_scenario_finds_an_empty_home() {
    let record = run(
        Arc::new(client(concat!(
            r#"home=${line#*\"home\":\"}; home=${home%%\"*}; "#,
            r#"test -z "$(find "$home" "$HOME" -type f)" || exit 3; "#,
            r#"echo x >"$home/x"; echo y >"$HOME/y""#
        ))),
        PATIENT,
    );
    let found = count_statuses(&record);
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), ["completed"]);
}

fn greet(script: &str) -> Result<PersistentHello, HelloError> {
    let words = ["sh", "-c", script].map(str::to_owned);
    let client =
        PersistentClient::new(CommandClient::from_words(words.to_vec(), false).unwrap()).unwrap();
    tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(client.greet(PATIENT))
}

fn an_invalid_greeting_is_reported_with_a_remedy() {
    let line = r#"{"protocol":1,"name":"a","version":"2","capabilities":["cimd"]}"#;
    let hello = greet(&format!("echo starting; echo '{line}'; cat")).unwrap();
    assert_eq!(
        (
            hello.name.as_str(),
            hello.version.as_deref(),
            hello.capabilities.len()
        ),
        ("a", Some("2"), 1)
    );
    let problems = [
        "true",
        r#"echo '{"protocol":2,"name":"a"}'"#,
        r#"echo '{"protocol":1}'"#,
        r#"echo '{"id":1,"outcome":"success"}'"#,
    ];
    let messages: Vec<String> = problems
        .iter()
        .map(|script| greet(script).unwrap_err().to_string())
        .collect();
    insta::assert_snapshot!("invalid-greetings", messages.join("\n"));
}
