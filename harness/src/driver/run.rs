//! Runs a client through the world of a case: starts it whenever the timeline says so, watches it,
//! and ends it whatever it does.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::browser::UserAgent;
use super::client::{Client, ClientHome};
use super::launch::{ClientOutcome, StopSignal, WorldHandle, launch};
use super::quiescence;
use super::run_options::RunOptions;
use crate::scenario::model::{Case, Start};
use crate::transcript::{Durations, Status, Transcript};
use crate::world::{Plan, World, WorldError};

/// How long the browser may go on after the client has ended: for what it was still loading.
const BROWSER_GRACE: Duration = Duration::from_secs(2);
/// How long a client that is told to end may take until it is left alone: longer than a guard needs
/// to kill it.
pub(super) const END_BOUND: Duration = Duration::from_secs(10);

/// Runs a client through a case's world.
pub async fn run(
    case: &Case,
    control: bool,
    client: &dyn Client,
    options: &RunOptions,
) -> Result<Transcript, WorldError> {
    let mut watch = Stopwatch::new();
    let client_documents = client.client_documents();
    let plan = Plan {
        case,
        control,
        revision: options.revision,
        seed: options.seed.clone(),
        client_documents,
    };
    let world = World::start(plan)?;
    let watched = WorldHandle {
        shared: world.shared(),
        browser: UserAgent::new(world.shared()),
    };
    let Ok(home) = client.prepare_home() else {
        return Ok(watch.timed(world.finish(Status::SetupFailed).await?));
    };
    let status = all_starts(case, &*home, &watched, options, &mut watch).await;
    home.tear_down(StopSignal(options.interrupted.clone()))
        .await;
    home.record_files(&watched);
    watched.browser.finish(BROWSER_GRACE).await;
    let transcript = watch.timed(world.finish(status).await?);
    if let Some(folder) = &options.keep {
        keep(&*home, &transcript, folder).map_err(|source| WorldError::Keep {
            folder: folder.display().to_string(),
            source,
        })?;
    }
    Ok(transcript)
}

/// Leaves a run in a folder of its own. An earlier run there stays what it is.
fn keep(home: &dyn ClientHome, transcript: &Transcript, folder: &Path) -> std::io::Result<()> {
    let name = transcript.header.case.replace(['/', ' '], "-");
    let names = std::iter::once(name.clone()).chain((2..).map(|n| format!("{name}-{n}")));
    let Some(folder) = names
        .map(|name| folder.join(name))
        .find(|folder| !folder.exists())
    else {
        return Ok(());
    };
    std::fs::create_dir_all(&folder)?;
    home.save_to(&folder)?;
    std::fs::write(
        folder.join("transcript.json"),
        serde_json::to_vec_pretty(transcript)?,
    )
}

/// Starts the client whenever the timeline says so, until it is over.
async fn all_starts(
    case: &Case,
    home: &dyn ClientHome,
    watched: &WorldHandle,
    options: &RunOptions,
    watch: &mut Stopwatch,
) -> Status {
    let mut status = Status::Completed;
    while let Some(start) = watched.shared.take_next_start(true) {
        let began = Instant::now();
        let outcome = one_start(case, home, &start, watched, options).await;
        watch.starts.push(seconds(began.elapsed()));
        watched.browser.settle().await;
        watched.shared.record_client_end(match outcome {
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

async fn one_start(
    case: &Case,
    home: &dyn ClientHome,
    start: &Start,
    watched: &WorldHandle,
    options: &RunOptions,
) -> ClientOutcome {
    watched.shared.begin_start(start);
    let (end, stop) = watch::channel(false);
    let launch = launch(
        start,
        case.official.first().cloned(),
        watched,
        options,
        StopSignal(stop),
    );
    let exhausted = async {
        loop {
            let ring = watched.shared.bell.notified();
            if watched.shared.is_exhausted() {
                return;
            }
            ring.await;
        }
    };
    let _running = watched.browser.client_runs();
    let mut interrupted = StopSignal(options.interrupted.clone());
    let mut running = home.start(launch);
    let outcome = tokio::select! {
        outcome = &mut running => return outcome,
        () = tokio::time::sleep(options.timeout) => ClientOutcome::Killed,
        () = exhausted => ClientOutcome::Killed,
        () = interrupted.requested() => ClientOutcome::Killed,
        () = quiescence::gone_quiet(home, watched, options.grace, || (options.settled)(case, &watched.shared.transcript_so_far())) => ClientOutcome::Quiet,
    };
    let _ = end.send(true);
    let _ = tokio::time::timeout(END_BOUND, running).await;
    outcome
}

/// Measures a run.
struct Stopwatch {
    began: Instant,
    /// Seconds of each start.
    starts: Vec<f64>,
}

impl Stopwatch {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            starts: Vec::new(),
        }
    }

    /// The transcript with what was measured up to now.
    fn timed(&mut self, transcript: Transcript) -> Transcript {
        let durations = Durations {
            seconds: seconds(self.began.elapsed()),
            starts: std::mem::take(&mut self.starts),
        };
        Transcript {
            durations: Some(durations),
            ..transcript
        }
    }
}

/// Whole microseconds: so few digits are read from JSON as they were written.
fn seconds(duration: Duration) -> f64 {
    duration.as_micros() as f64 / 1e6
}
