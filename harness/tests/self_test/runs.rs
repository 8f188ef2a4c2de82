//! Runs of the suite against the bundled client, whole or broken.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use mcp_authspec::driver::{Client, ClientFile, CommandClient, ReferenceClient, WorkingDirectory};
use mcp_authspec::judge::{Conclusions, Declared};
use mcp_authspec::place::{PrivateNetwork, RunPlace};
use mcp_authspec::scenario::model::{Case, Revision};
use mcp_authspec::suite::{Suite, SuiteOptions, run_suite};
use mcp_authspec::transcript::Status;
use reference_client::{DefectInfo, Defects};

pub static SUITE: LazyLock<Suite> =
    LazyLock::new(|| Suite::embedded().expect("the built-in suite loads"));

/// How long to wait for a client that hangs. No verdict depends on it.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The declared capabilities of the bundled client as a terminal program.
pub fn declared_capabilities() -> Declared {
    capabilities_of(&ReferenceClient::default())
}

fn capabilities_of(client: &ReferenceClient) -> Declared {
    let (has, lacks) = client.capabilities();
    Declared {
        has,
        lacks,
        ..Declared::default()
    }
}

/// Runs the scenarios of a revision against the bundled client. An empty list means all of them.
pub fn run_reference_client(
    revision: Revision,
    client: ReferenceClient,
    scenarios: &[String],
) -> Conclusions {
    let declared = capabilities_of(&client);
    let place = place_for(&client);
    run_client_at(place, revision, Arc::new(client), declared, scenarios)
}

/// The bundled client with one defect.
pub fn broken_client(name: &str) -> ReferenceClient {
    ReferenceClient::with_defects(Defects::only(
        name.parse().expect("the table's names parse"),
    ))
}

/// The bundled client as a program of its own, driven like any other client.
pub fn client_program(defect: Option<&str>) -> Arc<dyn Client> {
    let mut words = vec![
        env!("CARGO_BIN_EXE_mcp-authspec").to_owned(),
        "reference-client".to_owned(),
    ];
    words.extend(
        defect
            .into_iter()
            .flat_map(|name| ["--defect".to_owned(), name.to_owned()]),
    );
    // Several of them run at the same time. Each has a folder of its own for the files that it
    // leaves.
    let about = ClientFile {
        command: Some(words),
        cwd: Some(WorkingDirectory::Own),
        ..ClientFile::default()
    };
    Arc::new(CommandClient::new(&about).expect("the program was built for this test"))
}

/// A private network for the bundled client, if this machine can make one.
fn place_for(client: &ReferenceClient) -> RunPlace {
    static CAN_MAKE_NETWORKS: LazyLock<bool> = LazyLock::new(|| {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let network = network_of(&ReferenceClient::default());
        runtime.block_on(network.check()).is_ok()
    });
    if *CAN_MAKE_NETWORKS {
        RunPlace::Private(Arc::new(network_of(client)))
    } else {
        RunPlace::Loopback
    }
}

fn network_of(client: &ReferenceClient) -> PrivateNetwork {
    let program = env!("CARGO_BIN_EXE_mcp-authspec").into();
    let mut arguments = vec!["run".into()];
    arguments.extend(client.options());
    PrivateNetwork::new(program, arguments)
}

/// Runs a broken client in all cases of a revision. Variants of a variety and profiles are among
/// them only where they check what the defect breaks: a client that is broken in another way fails
/// in many of them, which says nothing.
pub fn run_defect_everywhere(revision: Revision, defect: &DefectInfo) -> Conclusions {
    let client = broken_client(defect.name);
    let declared = capabilities_of(&client);
    let mut cases = SUITE.select(revision, &[]);
    cases.retain(|case| is_told_of(case, defect));
    let options = options(place_for(&client), revision, true);
    run_cases(&cases, Arc::new(client), declared, options)
}

/// Whether the kill matrix says how a defect does in a case.
pub fn is_told_of(case: &Case, defect: &DefectInfo) -> bool {
    case.variety.is_none() && case.profile.is_none()
        || SUITE
            .requirements_of(case)
            .any(|id| defect.breaks.contains(&id.as_str()))
}

/// Runs the scenarios of a revision against any client, on the loopback interface.
pub fn run_client(
    revision: Revision,
    client: Arc<dyn Client>,
    declared: Declared,
    scenarios: &[String],
) -> Conclusions {
    run_client_at(RunPlace::Loopback, revision, client, declared, scenarios)
}

fn run_client_at(
    place: RunPlace,
    revision: Revision,
    client: Arc<dyn Client>,
    declared: Declared,
    scenarios: &[String],
) -> Conclusions {
    let cases = SUITE.select(revision, scenarios);
    let options = options(place, revision, scenarios.is_empty());
    run_cases(&cases, client, declared, options)
}

fn options(place: RunPlace, revision: Revision, complete: bool) -> SuiteOptions {
    SuiteOptions {
        jobs: 4,
        timeout: TIMEOUT,
        seed: "self-test".to_owned(),
        complete,
        place,
        ..SuiteOptions::new(revision)
    }
}

fn run_cases(
    cases: &[&Case],
    client: Arc<dyn Client>,
    declared: Declared,
    options: SuiteOptions,
) -> Conclusions {
    let options = SuiteOptions {
        declared: declared.clone(),
        ..options
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let record = runtime.block_on(run_suite(cases, client, &options));
    assert!(
        record.faults.is_empty(),
        "the harness failed: {:?}",
        record.faults
    );
    let transcripts = record
        .cases
        .iter()
        .filter_map(|(case, outcome)| Some((case, outcome.as_ref().ok()?)));
    let broken: Vec<&str> = transcripts
        .filter(|(_, t)| t.status == Status::HarnessError)
        .map(|(case, _)| case.id.as_str())
        .collect();
    assert!(
        broken.is_empty(),
        "the world could not be played in {broken:?}"
    );
    record.conclude(&SUITE, &declared)
}
