//! Lets a client loose on a world: in this process, or as a process of its own, and ends it
//! whatever it does.

mod captured;
mod client_file;
mod client_schema;
mod command;
mod contract;
mod cookies;
mod flows;
mod function;
mod guard;
mod in_process;
mod persistent;
mod placeholder;
mod probe;
mod process;
mod processes;
mod quiet;
mod remove;
mod sandbox;
mod stdio;
mod surroundings;
mod user_agent;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::scenario::model::{Case, Flow, Revision, Start};
use crate::transcript::{Durations, Status, Transcript};
use crate::words::words;
use crate::world::{Credentials, Plan, Shared, World, WorldError};

pub use crate::world::ClientDocument;
pub use client_file::{Adapter, ClientFile, Kind, Known, Unfit};
pub use client_schema::client_schema;
pub use command::CommandError;
pub use function::{Browser, Context, FunctionClient, NoCallback};
pub use guard::stand_by;
pub use in_process::ReferenceClient;
pub use persistent::{
    Answer, Ending, Hello, HelloError, PERSISTENT_SCHEMA, PROTOCOL, PersistentClient, Request,
};
pub use placeholder::here;
pub use probe::probe;
pub use process::CommandClient;
pub use quiet::PATIENCE;
pub use surroundings::{Surroundings, WorkingDirectory};

/// How long the browser may go on after the client has ended: for what it was still loading.
const BROWSER_GRACE: Duration = Duration::from_secs(2);
/// How long a client that is told to end may take until it is left alone: longer than a guard needs
/// to kill it.
const END_BOUND: Duration = Duration::from_secs(10);

/// A client under test.
pub trait Client: Send + Sync {
    /// A fresh home for one run of a world: nothing that another run left is seen in it.
    fn settle(&self) -> std::io::Result<Box<dyn Home>>;

    /// Whether the client runs as a process of its own, with files and arguments that can be looked
    /// at.
    fn is_separate_process(&self) -> bool {
        false
    }

    /// Client ID metadata documents that can be had from the client without a network, by URL.
    fn client_documents(&self) -> BTreeMap<String, ClientDocument> {
        BTreeMap::new()
    }
}

/// A client's home during one run: what it stores stays between starts.
pub trait Home: Send + Sync {
    /// Starts the client; the future ends when the client has ended.
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>>;

    /// Signs of life of the start under way; `None`: there is no telling.
    fn signs(&self) -> Option<Signs> {
        None
    }

    /// Undoes outside the client's files what was set up for it; soon, when the run is
    /// `interrupted`.
    fn end(&self, _interrupted: Stop) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }

    /// Tells the world what files the client left.
    fn inspect(&self, _world: &Watched) {}

    /// Leaves the home and the client's output in a folder, for a person to look at.
    fn keep(&self, _to: &Path) -> std::io::Result<()> {
        Ok(())
    }
}

/// Signs of life of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signs {
    /// Processor time used so far, in clock ticks.
    pub ticks: u64,
    /// Whether all its threads sleep.
    pub asleep: bool,
    /// Bytes of output so far.
    pub output: u64,
}

/// Says when a start has to end.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Returns when the start has to end: it gives up, cleans up and answers `Killed`.
    pub async fn asked(&mut self) {
        if self.0.wait_for(|stop| *stop).await.is_err() {
            std::future::pending().await
        }
    }
}

/// What a client is told.
#[derive(Debug, Clone)]
pub struct Launch {
    /// URLs of the MCP servers to connect to; the first is the last argument.
    pub urls: Vec<String>,
    /// The kind of flow.
    pub flow: Flow,
    /// The revision that it should speak.
    pub revision: Revision,
    /// Credentials registered beforehand.
    pub credentials: Option<Credentials>,
    /// Tools to call.
    pub call: Option<Vec<String>>,
    pub at_once: bool,
    pub verbose: bool,
    /// File mode creation mask.
    pub umask: Option<u32>,
    /// Which start this is, from 1.
    pub run: u32,
    /// How long it may take.
    pub timeout: Duration,
    /// The official suite's name of the case, where it has one.
    pub official: Option<String>,
    /// Where the client's browser and output go.
    pub watched: Watched,
    /// When to end.
    pub stop: Stop,
}

/// The world as a client's surroundings see it.
#[derive(Clone)]
pub struct Watched {
    pub(crate) shared: Arc<Shared>,
    pub(crate) browser: user_agent::UserAgent,
}

impl std::fmt::Debug for Watched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watched").finish_non_exhaustive()
    }
}

words! {
    /// How one start of a client ended.
    pub enum Outcome {
        Success = "success",
        Failure = "failure",
        Crash = "crash",
        Killed = "killed",
        /// It had come to rest and was ended.
        Quiet = "quiet",
        /// It could not be started at all.
        NotStarted = "not-started",
    }
}

/// What a run needs besides case and client.
#[derive(Debug, Clone)]
pub struct RunOptions {
    pub revision: Revision,
    pub seed: String,
    /// How long one start of the client may take.
    pub timeout: Duration,
    /// How long a client must have been still until it is taken to have come to rest.
    pub grace: Duration,
    /// Whether a transcript, as far as it has come, leaves nothing to wait for.
    pub settled: fn(&Case, &Transcript) -> bool,
    /// Turns true when the run is to end now.
    pub interrupted: watch::Receiver<bool>,
    /// Where to keep what is left of each run: home, output and transcript.
    pub keep: Option<PathBuf>,
}

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
    let watched = Watched {
        shared: world.shared(),
        browser: user_agent::UserAgent::new(world.shared()),
    };
    let Ok(home) = client.settle() else {
        return Ok(watch.timed(world.finish(Status::SetupFailed).await));
    };
    let status = all_starts(case, &*home, &watched, options, &mut watch).await;
    home.end(Stop(options.interrupted.clone())).await;
    home.inspect(&watched);
    watched.browser.finish(BROWSER_GRACE).await;
    let transcript = watch.timed(world.finish(status).await);
    if let Some(folder) = &options.keep {
        keep(&*home, &transcript, folder).map_err(|source| WorldError::Keep {
            folder: folder.display().to_string(),
            source,
        })?;
    }
    Ok(transcript)
}

/// Leaves a run in a folder of its own. An earlier run there stays what it is.
fn keep(home: &dyn Home, transcript: &Transcript, folder: &Path) -> std::io::Result<()> {
    let name = transcript.header.case.replace(['/', ' '], "-");
    let names = std::iter::once(name.clone()).chain((2..).map(|n| format!("{name}-{n}")));
    let Some(folder) = names
        .map(|name| folder.join(name))
        .find(|folder| !folder.exists())
    else {
        return Ok(());
    };
    std::fs::create_dir_all(&folder)?;
    home.keep(&folder)?;
    std::fs::write(
        folder.join("transcript.json"),
        serde_json::to_vec_pretty(transcript)?,
    )
}

/// Starts the client whenever the timeline says so, until it is over.
async fn all_starts(
    case: &Case,
    home: &dyn Home,
    watched: &Watched,
    options: &RunOptions,
    watch: &mut Stopwatch,
) -> Status {
    let mut status = Status::Completed;
    while let Some(start) = watched.shared.next_start(true) {
        let began = Instant::now();
        let outcome = one_start(case, home, &start, watched, options).await;
        watch.starts.push(seconds(began.elapsed()));
        watched.browser.settle().await;
        watched.shared.finished(match outcome {
            Outcome::NotStarted => Outcome::Crash.as_str(),
            other => other.as_str(),
        });
        match outcome {
            Outcome::Success | Outcome::Failure => {}
            Outcome::Crash => status = Status::Crashed,
            Outcome::Quiet if status == Status::Completed => status = Status::Quiet,
            Outcome::Quiet => {}
            Outcome::Killed => return Status::TimedOut,
            Outcome::NotStarted => return Status::SetupFailed,
        }
    }
    status
}

async fn one_start(
    case: &Case,
    home: &dyn Home,
    start: &Start,
    watched: &Watched,
    options: &RunOptions,
) -> Outcome {
    watched.shared.begin(start);
    let (end, stop) = watch::channel(false);
    let launch = launch(
        start,
        case.official.first().cloned(),
        watched,
        options,
        Stop(stop),
    );
    let exhausted = async {
        loop {
            let ring = watched.shared.bell.notified();
            if watched.shared.exhausted() {
                return;
            }
            ring.await;
        }
    };
    let _running = watched.browser.client_runs();
    let mut interrupted = Stop(options.interrupted.clone());
    let mut running = home.start(launch);
    let outcome = tokio::select! {
        outcome = &mut running => return outcome,
        () = tokio::time::sleep(options.timeout) => Outcome::Killed,
        () = exhausted => Outcome::Killed,
        () = interrupted.asked() => Outcome::Killed,
        () = quiet::gone_quiet(home, watched, options.grace, || (options.settled)(case, &watched.shared.so_far())) => Outcome::Quiet,
    };
    let _ = end.send(true);
    let _ = tokio::time::timeout(END_BOUND, running).await;
    outcome
}

fn launch(
    start: &Start,
    official: Option<String>,
    watched: &Watched,
    options: &RunOptions,
    stop: Stop,
) -> Launch {
    let mut state = watched.shared.lock();
    let urls = match (&start.url, start.connect.as_slice()) {
        (Some(url), [_]) => state.resolver().text(url).into_iter().collect(),
        (_, servers) => servers.iter().map(|s| state.address(s, "url")).collect(),
    };
    let issuer = start
        .connect
        .first()
        .and_then(|s| state.mcp_server_settings(s))
        .and_then(|s| s.authorization_servers.first())
        .cloned();
    let credentials = issuer
        .filter(|_| {
            flows::told(start.flow)
                .context
                .contains(&flows::Member::ClientId)
        })
        .and_then(|name| state.hand_out_credentials(&name, start.flow));
    Launch {
        urls,
        flow: start.flow,
        revision: options.revision,
        credentials,
        call: start.call.clone(),
        at_once: start.at_once,
        verbose: start.verbose,
        umask: start.umask,
        run: state.run,
        timeout: options.timeout,
        official,
        watched: watched.clone(),
        stop,
    }
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

/// Tasks that end with their owner.
pub(crate) type Tasks = std::sync::Mutex<JoinSet<()>>;
