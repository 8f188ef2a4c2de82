//! Persistent mode: whatever one process does to one scenario, the others are none the worse for
//! it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use mcp_authspec::driver::{Client, CommandClient, HelloError, PersistentClient, PersistentHello};
use mcp_authspec::scenario::model::Revision;
use mcp_authspec::suite::{Record, Suite, SuiteOptions, run_suite};
use mcp_authspec::transcript::Status;

use super::process::same_verdicts_as_in_process;

pub fn trials() -> Vec<Trial> {
    let tests: [(&str, fn()); 7] = [
        (
            "a-well-behaved-client-costs-nothing",
            a_well_behaved_client_costs_nothing,
        ),
        (
            "one-scenario-is-lost-and-no-more",
            one_scenario_is_lost_and_no_more,
        ),
        ("what-is-no-answer-is-output", what_is_no_answer_is_output),
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
            "a-hello-that-is-none-is-told-with-a-remedy",
            a_hello_that_is_none_is_told_with_a_remedy,
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
        || same_verdicts_as_in_process(persistent_program()),
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

/// A shell client that does nothing at all, well-behaved: it greets, and answers each request. `$n`
/// counts what it was asked. `MISCHIEF` is run before the answer.
const CLIENT: &str = r#"
echo '{"protocol":1,"name":"a shell"}'
while read -r line; do
    id=${line#*\"id\":}; id=${id%%,*}
    MISCHIEF
    echo "{\"id\":$id,\"outcome\":\"success\"}"
done
"#;

fn client(mischief: &str) -> PersistentClient {
    let words = ["sh", "-c", &CLIENT.replace("MISCHIEF", mischief)].map(str::to_owned);
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
fn statuses(record: &Record) -> BTreeMap<&'static str, usize> {
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

/// Does the mischief in the first scenario of all, and never again: not even in the process that
/// comes next.
fn once(mischief: &str) -> BTreeMap<&'static str, usize> {
    let mark = tempfile::tempdir().unwrap();
    let first = format!(
        "mkdir {}/done 2>/dev/null && {{ {mischief}; }}",
        mark.path().display()
    );
    statuses(&run(Arc::new(client(&first)), Duration::from_secs(20)))
}

const PATIENT: Duration = Duration::from_secs(20);

fn a_well_behaved_client_costs_nothing() {
    assert_eq!(
        statuses(&run(Arc::new(client(":")), PATIENT))
            .keys()
            .copied()
            .collect::<Vec<_>>(),
        [Status::Completed.as_str()]
    );
}

fn one_scenario_is_lost_and_no_more() {
    for mischief in [
        "exit 3",
        "kill -9 $$",
        r#"echo '{"id":"none of yours","outcome":"success"}'"#,
        r#"echo '{"id":1000000,"outcome":"success"}'"#,
        r#"echo "{\"id\":$id,\"outcome\":\"marvellous\"}""#,
        r#"echo '{"protocol":1,"name":"again"}'"#,
        r#"echo "{\"id\":$id,\"outcome\":\"crash\"}"; continue"#,
    ] {
        let found = once(mischief);
        assert_eq!(found.get("crashed"), Some(&1), "{mischief}: {found:?}");
        assert_eq!(found.len(), 2, "{mischief}: {found:?}");
    }
}

fn what_is_no_answer_is_output() {
    for mischief in [
        "echo connected",
        r#"echo '{"level":"info"}'"#,
        "echo to-the-log >&2",
        "head -c 5000000 /dev/zero; echo",
        "head -c 5000000 /dev/zero >&2",
        r#"echo "{\"id\":$id,\"outcome\":\"success\"}""#, // said twice
        "exec 2>&-",
    ] {
        let found = once(mischief);
        assert_eq!(
            found.keys().copied().collect::<Vec<_>>(),
            ["completed"],
            "{mischief}"
        );
    }
}

fn a_process_that_hangs_is_killed_and_replaced() {
    let mark = tempfile::tempdir().unwrap();
    let hang = format!(
        "mkdir {}/done 2>/dev/null && sleep 1000",
        mark.path().display()
    );
    let found = statuses(&run(Arc::new(client(&hang)), Duration::from_secs(2)));
    assert_eq!(found.get("timed-out"), Some(&1), "{found:?}");
    assert_eq!(found.len(), 2, "{found:?}");
}

fn a_process_that_serves_only_one_scenario_is_replaced() {
    let found = statuses(&run(
        Arc::new(client(
            r#"echo "{\"id\":$id,\"outcome\":\"success\"}"; exit 0"#,
        )),
        PATIENT,
    ));
    assert_eq!(found.keys().copied().collect::<Vec<_>>(), ["completed"]);
}

fn every_scenario_finds_an_empty_home() {
    let record = run(
        Arc::new(client(
            r#"home=${line#*\"home\":\"}; home=${home%%\"*}; find "$home" "$HOME" -type f; echo x >"$home/x"; echo y >"$HOME/y""#,
        )),
        PATIENT,
    );
    assert_eq!(statuses(&record).len(), 1);
    for (case, transcript) in &record.cases {
        let events = serde_json::to_value(&transcript.as_ref().unwrap().events).unwrap();
        let of = |kind: &str| {
            events
                .as_array()
                .unwrap()
                .iter()
                .filter(|e| e["event"] == kind)
                .cloned()
                .collect::<Vec<_>>()
        };
        assert!(of("display").is_empty(), "{}: {:?}", case.id, of("display"));
        assert_eq!(of("file").len(), 2, "{}: {:?}", case.id, of("file"));
    }
}

fn greet(script: &str) -> Result<PersistentHello, HelloError> {
    let words = ["sh", "-c", script].map(str::to_owned);
    let client =
        PersistentClient::new(CommandClient::from_words(words.to_vec(), false).unwrap()).unwrap();
    tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(client.greet(PATIENT))
}

fn a_hello_that_is_none_is_told_with_a_remedy() {
    let hello = greet(r#"echo starting; echo '{"protocol":1,"name":"a","version":"2","capabilities":["cimd"]}'; cat"#).unwrap();
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
    let told: Vec<String> = problems
        .iter()
        .map(|script| greet(script).unwrap_err().to_string())
        .collect();
    insta::assert_snapshot!("hellos-that-are-none", told.join("\n"));
}
