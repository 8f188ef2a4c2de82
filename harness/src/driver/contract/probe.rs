//! Tries an adapter of the official contract before the run: does it reject names that it does not
//! know, and which kinds of flow does it know?
//!
//! An adapter that chooses what to do by name fails at once on a name that it does not know. If it
//! fails in the same way on the name of a kind of flow, it cannot be asked for that kind. It is
//! better to know that before the run than to find it in each scenario. Each trial ends with the
//! first request.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;

use super::flow_contract::FlowContract;
use crate::driver::client::{Client, ClientHome};
use crate::driver::launch::Launch;
use crate::driver::outcome::ClientOutcome;
use crate::driver::process::CommandClient;
use crate::driver::run::STOP_LIMIT;
use crate::driver::run_options::RunOptions;
use crate::driver::stop_signal::StopSignal;
use crate::driver::world_handle::WorldHandle;
use crate::scenario::model::{Capability, Case, Flow, Revision, Step};
use crate::transcript::Status;
use crate::world::{World, WorldError, WorldPlan};

/// A name that no scenario has, neither in the official suite nor in this one.
const UNKNOWN_NAME: &str = "auth/mcp-authspec-no-such-scenario";
/// How long one trial may take at most. The trials delay every run.
const TRIAL_LIMIT: Duration = Duration::from_secs(10);

/// Tries the client in honest worlds of these cases. Returns the capabilities that it cannot be
/// asked for, each with the reason. Ends early, and the client with it, when `interrupted` becomes
/// true.
pub async fn probe(
    client: &CommandClient,
    cases: &[&Case],
    revision: Revision,
    seed: &str,
    timeout: Duration,
    interrupted: watch::Receiver<bool>,
) -> Result<BTreeMap<Capability, String>, WorldError> {
    let options = RunOptions {
        revision,
        seed: seed.to_owned(),
        timeout: timeout.min(TRIAL_LIMIT),
        grace: Duration::ZERO,
        settled: |_, _| false,
        interrupted,
        keep: None,
        notify: |_| {},
        network: None,
    };
    let case_of_flow: BTreeMap<Flow, &Case> = cases
        .iter()
        .rev()
        .filter_map(|case| Some((first_flow(case)?, *case)))
        .collect();
    let Some(plain) = case_of_flow.get(&Flow::Plain) else {
        return Ok(BTreeMap::new());
    };
    if !fails_at_once(client, plain, Some(UNKNOWN_NAME), &options).await?
        || fails_at_once(client, plain, None, &options).await?
    {
        return Ok(BTreeMap::new());
    }
    let mut unknown = BTreeMap::new();
    for (flow, case) in case_of_flow {
        let Some(need) = flow.need() else { continue };
        if fails_at_once(client, case, None, &options).await? {
            let name = FlowContract::of(flow).name;
            let reason =
                format!("the adapter fails on `{name}` as it does on a name that does not exist");
            unknown.insert(need, reason);
        }
    }
    Ok(unknown)
}

/// The kind of flow that a case begins with, if the case needs nothing of the machine.
fn first_flow(case: &Case) -> Option<Flow> {
    let start = case.steps.iter().find_map(|step| match step {
        Step::Start(start) => Some(start),
        _ => None,
    })?;
    let needs_machine = case.needs.iter().any(|need| need.is_of_machine());
    (!needs_machine).then_some(start.flow)
}

/// Whether the client ends with an error before it has sent anything.
async fn fails_at_once(
    client: &CommandClient,
    case: &Case,
    name: Option<&str>,
    options: &RunOptions,
) -> Result<bool, WorldError> {
    if *options.interrupted.borrow() {
        return Ok(false);
    }
    let honest = case.control();
    let plan = WorldPlan {
        case: &honest,
        control: true,
        revision: options.revision,
        seed: options.seed.clone(),
        client_documents: BTreeMap::new(),
        network: None,
    };
    let world = World::start(plan)?;
    let handle = WorldHandle::new(world.shared());
    let mut failed = false;
    if let Ok(home) = client.with_names(name.is_some()).prepare_home() {
        let outcome = start_until_first_request(&*home, name, &handle, options).await;
        failed = outcome == Some(ClientOutcome::Failure) && handle.shared.is_untouched();
        home.tear_down(StopSignal::new(options.interrupted.clone()))
            .await;
    }
    handle.browser.finish(Duration::ZERO).await;
    drop(world.finish(Status::Completed).await?);
    Ok(failed)
}

/// Starts the client and ends it at its first request. Returns how it ended if it did so itself.
async fn start_until_first_request(
    home: &dyn ClientHome,
    name: Option<&str>,
    world: &WorldHandle,
    options: &RunOptions,
) -> Option<ClientOutcome> {
    let start = world.shared.take_next_start()?;
    world.shared.begin_start(&start);
    let (request_stop, stop_requested) = watch::channel(false);
    let stop = StopSignal::new(stop_requested);
    let launch = Launch::new(&start, name.map(str::to_owned), world, options, stop);
    let mut interrupted = StopSignal::new(options.interrupted.clone());
    let mut client = home.start(launch);
    let outcome = tokio::select! {
        outcome = &mut client => return Some(outcome),
        () = wait_for_request(world) => None,
        () = tokio::time::sleep(options.timeout) => None,
        () = interrupted.requested() => None,
    };
    let _ = request_stop.send(true);
    let _ = tokio::time::timeout(STOP_LIMIT, client).await;
    outcome
}

/// Returns when a request has reached the world.
async fn wait_for_request(world: &WorldHandle) {
    loop {
        let ring = world.shared.bell.notified();
        if !world.shared.is_untouched() {
            return;
        }
        ring.await;
    }
}
