//! Tries an adapter of the official contract before the run: does it admit not to know a name, and
//! which kinds of flow does it know?
//!
//! An adapter that picks what to do by name fails at once on a name that it does not know. What
//! fails the same way on the name of a kind of flow cannot be asked of it, which is better known
//! before than found in each scenario. Each try ends with the first request.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;

use super::flows::told;
use crate::driver::browser::UserAgent;
use crate::driver::client::Client;
use crate::driver::launch::{ClientOutcome, Launch, StopSignal, WorldHandle, launch};
use crate::driver::process::CommandClient;
use crate::driver::run::END_BOUND;
use crate::driver::run_options::RunOptions;
use crate::scenario::model::{Capability, Case, Flow, Revision, Step};
use crate::transcript::Status;
use crate::world::{Plan, World, WorldError, unsupported_features};

/// No scenario of the official suite, nor of this one.
const UNKNOWN: &str = "auth/mcp-authspec-no-such-scenario";
/// How long one try may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tries the client in honest worlds of these cases. The answer: capabilities that cannot be asked
/// of it, and why. Ends early, and the client with it, when `interrupted` becomes true.
pub async fn probe(
    client: &CommandClient,
    cases: &[&Case],
    revision: Revision,
    seed: &str,
    patience: Duration,
    interrupted: watch::Receiver<bool>,
) -> Result<BTreeMap<Capability, String>, WorldError> {
    let options = RunOptions {
        revision,
        seed: seed.to_owned(),
        timeout: patience.min(PATIENCE),
        grace: Duration::ZERO,
        settled: |_, _| false,
        interrupted,
        keep: None,
    };
    let options = &options;
    let mut learned = BTreeMap::new();
    let kinds: BTreeMap<Flow, &Case> = cases
        .iter()
        .rev()
        .filter_map(|case| Some((first_flow(case)?, *case)))
        .collect();
    let Some(plain) = kinds.get(&Flow::Plain) else {
        return Ok(learned);
    };
    if !fails_at_once(client, plain, Some(UNKNOWN), options).await?
        || fails_at_once(client, plain, None, options).await?
    {
        return Ok(learned);
    }
    for (flow, case) in kinds {
        let Some(need) = flow.need() else { continue };
        if fails_at_once(client, case, None, options).await? {
            learned.insert(
                need,
                format!(
                    "the adapter fails on `{}` as it does on a name that does not exist",
                    told(flow).name
                ),
            );
        }
    }
    Ok(learned)
}

/// The kind of flow that a case begins with, if this version can run it.
fn first_flow(case: &Case) -> Option<Flow> {
    let start = case.steps.iter().find_map(|step| {
        if let Step::Start(start) = step {
            Some(start)
        } else {
            None
        }
    })?;
    (unsupported_features(case).is_none() && start.umask.is_none()).then_some(start.flow)
}

/// Whether the client ends with an error before it has sent anything.
async fn fails_at_once(
    client: &CommandClient,
    case: &Case,
    name: Option<&str>,
    options: &RunOptions,
) -> Result<bool, WorldError> {
    let mut interrupted = StopSignal(options.interrupted.clone());
    if *options.interrupted.borrow() {
        return Ok(false);
    }
    let honest = case.control();
    let plan = Plan {
        case: &honest,
        control: true,
        revision: options.revision,
        seed: options.seed.clone(),
        client_documents: BTreeMap::new(),
    };
    let world = World::start(plan)?;
    let watched = WorldHandle {
        shared: world.shared(),
        browser: UserAgent::new(world.shared()),
    };
    let mut failed = false;
    if let (Ok(home), Some(start)) = (
        client.called(name.is_some()).prepare_home(),
        watched.shared.take_next_start(true),
    ) {
        watched.shared.begin_start(&start);
        let (end, stop) = watch::channel(false);
        let launch = Launch {
            official: name.map(str::to_owned),
            ..launch(&start, None, &watched, options, StopSignal(stop))
        };
        let touched = async {
            loop {
                let ring = watched.shared.bell.notified();
                if !watched.shared.is_untouched() {
                    return;
                }
                ring.await;
            }
        };
        let mut running = home.start(launch);
        let ended = tokio::select! {
            outcome = &mut running => Some(outcome),
            () = touched => None,
            () = tokio::time::sleep(options.timeout) => None,
            () = interrupted.requested() => None,
        };
        if ended.is_none() {
            let _ = end.send(true);
            let _ = tokio::time::timeout(END_BOUND, running).await;
        }
        failed = ended == Some(ClientOutcome::Failure) && watched.shared.is_untouched();
        home.tear_down(interrupted).await;
    }
    watched.browser.finish(Duration::ZERO).await;
    drop(world.finish(Status::Completed).await);
    Ok(failed)
}
