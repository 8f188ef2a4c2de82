//! Runs a client through the world of a case: starts it whenever the timeline says so, watches it,
//! and ends it whatever it does.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::client::{Client, ClientHome};
use super::launch::Launch;
use super::notice::RunNotice;
use super::outcome::ClientOutcome;
use super::quiescence::wait_until_quiet;
use super::run_options::RunOptions;
use super::stop_signal::StopSignal;
use super::stopwatch::Stopwatch;
use super::world_handle::WorldHandle;
use crate::machine::{Shortage, count_oom_kills, find_disk_shortage};
use crate::scenario::model::{Case, Start};
use crate::transcript::{Status, Transcript};
use crate::world::{World, WorldError, WorldPlan};

/// How long the browser may go on loading after the client has ended.
const BROWSER_GRACE: Duration = Duration::from_secs(2);
/// How long a client that was told to end may take before it is left alone. This is longer than a
/// guard needs to kill a client process.
pub(super) const STOP_LIMIT: Duration = Duration::from_secs(10);

/// Runs a client through the world of a case, or through that of its control run.
pub async fn run(
    case: &Case,
    control: bool,
    client: &dyn Client,
    options: &RunOptions,
) -> Result<Transcript, WorldError> {
    let mut stopwatch = Stopwatch::new();
    let plan = WorldPlan {
        case,
        control,
        revision: options.revision,
        seed: options.seed.clone(),
        client_documents: client.client_documents(),
        network: options.network.clone(),
    };
    let world = World::start(plan)?;
    let handle = WorldHandle::new(world.shared());
    let home = client.prepare_home().map_err(WorldError::Home)?;
    let status = run_all_starts(case, &*home, &handle, options, &mut stopwatch).await;
    let interrupted = StopSignal::new(options.interrupted.clone());
    home.tear_down(interrupted).await;
    home.record_files(&handle).await;
    handle.browser.finish(BROWSER_GRACE).await;
    for name in options
        .network
        .iter()
        .flat_map(|network| network.foreign_names())
    {
        handle.shared.record_foreign_name(&name);
    }
    if let Some(shortage) = home.folder().and_then(find_disk_shortage) {
        handle.shared.note_shortage(shortage);
    }
    let mut transcript = stopwatch.add_durations(world.finish(status).await?);
    transcript.driven_by_person = client.is_driven_by_person();
    if let Some(folder) = &options.keep {
        save_run(&*home, &transcript, folder).map_err(|source| WorldError::Keep {
            folder: folder.display().to_string(),
            source,
        })?;
    }
    if let Err(error) = home.remove() {
        (options.notify)(&RunNotice::from(error));
    }
    Ok(transcript)
}

/// Saves what a run leaves in a folder of its own below `parent`. What an earlier run left there
/// stays.
fn save_run(home: &dyn ClientHome, transcript: &Transcript, parent: &Path) -> std::io::Result<()> {
    let name = transcript.header.case.replace(['/', ' '], "-");
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let free = std::iter::once(name.clone())
        .chain(numbered)
        .map(|name| parent.join(name))
        .find(|folder| !folder.exists());
    let Some(folder) = free else {
        return Ok(());
    };
    std::fs::create_dir_all(&folder)?;
    home.save_to(&folder)?;
    let text = serde_json::to_vec_pretty(transcript)?;
    std::fs::write(folder.join("transcript.json"), text)
}

/// Starts the client whenever the timeline says so, until the timeline is over.
async fn run_all_starts(
    case: &Case,
    home: &dyn ClientHome,
    world: &WorldHandle,
    options: &RunOptions,
    stopwatch: &mut Stopwatch,
) -> Status {
    let mut status = Status::Completed;
    while let Some(start) = world.shared.take_next_start() {
        let began = Instant::now();
        let oom_kills = count_oom_kills();
        let outcome = run_start(case, home, &start, world, options).await;
        if outcome == ClientOutcome::Crash && count_oom_kills() > oom_kills {
            world.shared.note_shortage(Shortage::Memory);
        }
        stopwatch.add_start(began.elapsed());
        world.browser.close_finished_windows();
        world.shared.record_client_end(match outcome {
            ClientOutcome::NotStarted => ClientOutcome::Crash.as_str(),
            other => other.as_str(),
        });
        match outcome {
            ClientOutcome::Success | ClientOutcome::Failure => {}
            ClientOutcome::Crash => status = Status::Crashed,
            ClientOutcome::Quiet if status == Status::Completed => status = Status::Quiet,
            ClientOutcome::Quiet => {}
            ClientOutcome::Killed => return Status::TimedOut,
            ClientOutcome::NotStarted => return Status::SetupFailed,
        }
    }
    status
}

/// Starts the client once and waits until it ends, or until there is a reason to end it.
async fn run_start(
    case: &Case,
    home: &dyn ClientHome,
    start: &Start,
    world: &WorldHandle,
    options: &RunOptions,
) -> ClientOutcome {
    world.shared.begin_start(start);
    let (request_stop, stop_requested) = watch::channel(false);
    let stop = StopSignal::new(stop_requested);
    let launch = Launch::new(start, case.official.first().cloned(), world, options, stop);
    let is_settled = || (options.settled)(case, &world.shared.transcript_so_far());
    let _running = world.browser.note_client_running();
    let mut interrupted = StopSignal::new(options.interrupted.clone());
    let mut client = Box::pin(start_processes(home, launch, start.twice));
    let reason_to_end = tokio::select! {
        outcome = &mut client => return outcome,
        () = tokio::time::sleep(options.timeout) => ClientOutcome::Killed,
        () = wait_until_exhausted(world) => ClientOutcome::Killed,
        () = interrupted.requested() => ClientOutcome::Killed,
        () = wait_until_quiet(home, world, options.grace, is_settled) => ClientOutcome::Quiet,
    };
    let _ = request_stop.send(true);
    let _ = tokio::time::timeout(STOP_LIMIT, client).await;
    reason_to_end
}

/// Starts one process of the client, or two at the same time. The outcome is the worse one.
async fn start_processes(home: &dyn ClientHome, launch: Launch, twice: bool) -> ClientOutcome {
    if !twice {
        return home.start(launch).await;
    }
    let (first, second) = tokio::join!(home.start(launch.clone()), home.start(launch));
    match first {
        ClientOutcome::Success => second,
        ClientOutcome::Failure if second != ClientOutcome::Success => second,
        worse => worse,
    }
}

/// Returns when the client has made so many requests that it must be in an endless loop.
async fn wait_until_exhausted(world: &WorldHandle) {
    loop {
        let ring = world.shared.bell.notified();
        if world.shared.is_exhausted() {
            return;
        }
        ring.await;
    }
}
