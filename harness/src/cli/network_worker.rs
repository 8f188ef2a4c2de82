//! A worker in a private network: makes the runs that its parent asks for, with the client that the
//! options describe.

use std::io::BufRead;
use std::sync::Arc;

use tokio::sync::watch;

use super::client_under_test::ClientUnderTest;
use super::console::print_note;
use super::error::CliError;
use super::run_arguments::RunArguments;
use super::scenario_folders::add_folders;
use crate::driver::{RunOptions, run};
use crate::judge::is_settled;
use crate::place::{RunAnswer, RunRequest, open_network};
use crate::scenario::model::Case;
use crate::suite::{Suite, SuiteError};
use crate::world::NamedNetwork;

/// Serves requests until standard input ends. Returns the exit code.
pub(super) fn serve_network(arguments: &RunArguments) -> Result<u8, CliError> {
    let mut suite = add_folders(Suite::load([])?, &arguments.scenarios)?;
    let mut client = ClientUnderTest::new(arguments)?;
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::harness)?;
    let network = match runtime.block_on(open_network()) {
        Ok(network) => network,
        Err(error) => {
            RunAnswer::Failed(error.to_string())
                .send()
                .map_err(CliError::harness)?;
            return Ok(0);
        }
    };
    let timeout = client.timeout(arguments);
    runtime.block_on(client.exchange_hello(timeout))?;
    RunAnswer::Ready.send().map_err(CliError::harness)?;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(CliError::harness)?;
        let request: RunRequest = serde_json::from_str(&line).map_err(CliError::harness)?;
        let run = serve_request(&mut suite, arguments, &client, &network, request);
        let answer = runtime.block_on(run);
        answer.send().map_err(CliError::harness)?;
    }
    Ok(0)
}

async fn serve_request(
    suite: &mut Suite,
    arguments: &RunArguments,
    client: &ClientUnderTest,
    network: &Arc<NamedNetwork>,
    request: RunRequest,
) -> RunAnswer {
    let case = match find_case(suite, &request.case) {
        Ok(Some(case)) => case,
        Ok(None) => return RunAnswer::Failed(format!("unknown scenario `{}`", request.case)),
        Err(error) => return RunAnswer::Failed(error.to_string()),
    };
    // the worker is killed when its parent is interrupted
    let (_interrupt, interrupted) = watch::channel(false);
    let keep = arguments.sandbox.keep.as_ref();
    let options = RunOptions {
        revision: request.revision,
        seed: request.seed,
        timeout: client.timeout(arguments),
        grace: arguments.progress.grace.0,
        settled: is_settled,
        interrupted,
        keep: keep.map(|folder| folder.join(request.revision.as_str())),
        notify: |notice| print_note(&notice.to_string()),
        network: Some(Arc::clone(network)),
    };
    match run(&case, request.control, &*client.client, &options).await {
        Ok(transcript) => RunAnswer::Done(Box::new(transcript)),
        Err(error) => RunAnswer::Failed(error.to_string()),
    }
}

/// The case with this id, or the control run of one. A worker runs few cases, so their files are
/// loaded when they are needed.
fn find_case(suite: &mut Suite, id: &str) -> Result<Option<Case>, SuiteError> {
    let name: Vec<&str> = id.split(['/', ' ']).take(2).collect();
    suite.add_embedded_file(&name.join("/"))?;
    Ok(suite.cases.iter().find_map(|case| {
        if case.id == id {
            return Some(case.clone());
        }
        let control = case.control();
        (control.id == id).then_some(control)
    }))
}
