//! A worker in a private network: makes the runs that its parent asks for, with the client that the
//! options describe.

use std::io::BufRead;
use std::sync::Arc;

use tokio::sync::watch;

use super::client_under_test::ClientUnderTest;
use super::console::print_note;
use super::error::CliError;
use super::run_arguments::RunArguments;
use super::scenario_folders::load_suite;
use crate::driver::{RunOptions, run};
use crate::judge::is_settled;
use crate::place::{RunAnswer, RunRequest, open_network};
use crate::scenario::model::Case;
use crate::suite::Suite;
use crate::world::NamedNetwork;

/// Serves requests until standard input ends. Returns the exit code.
pub(super) fn serve_network(arguments: &RunArguments) -> Result<u8, CliError> {
    let suite = load_suite(&arguments.scenarios)?;
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
        let run = serve_request(&suite, arguments, &client, &network, request);
        let answer = runtime.block_on(run);
        answer.send().map_err(CliError::harness)?;
    }
    Ok(0)
}

async fn serve_request(
    suite: &Suite,
    arguments: &RunArguments,
    client: &ClientUnderTest,
    network: &Arc<NamedNetwork>,
    request: RunRequest,
) -> RunAnswer {
    let Some(case) = find_case(suite, &request) else {
        return RunAnswer::Failed(format!("unknown scenario `{}`", request.case));
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

fn find_case(suite: &Suite, request: &RunRequest) -> Option<Case> {
    let cases = suite.select(request.revision, &[]);
    cases.into_iter().find_map(|case| {
        if case.id == request.case {
            return Some(case.clone());
        }
        let control = case.control();
        (control.id == request.case).then_some(control)
    })
}
