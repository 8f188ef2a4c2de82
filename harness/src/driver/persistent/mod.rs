//! Drives a client whose processes take scenario after scenario: what a process per scenario costs at each start, it costs once.
//!
//! There is one process for each run that goes on at a time. A process that dies, hangs, or answers nonsense costs the scenario in which it
//! does; the next one gets a new process. A later start of the client in the same scenario gets a new process, too, since that is what it is
//! about; and so does one with a file mode creation mask.

mod lines;
mod protocol;
mod worker;

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::process::{CommandClient, CommandError, URL_PLACEHOLDER};
use super::sandbox::Sandbox;
use super::{Client, Home, Launch, Outcome, Watched, contract};
use worker::{End, Heard, Worker};

pub use protocol::{Answer, Ending, Hello, PROTOCOL, Request};
pub use worker::HelloError;

/// A client that serves many scenarios in one process.
pub struct PersistentClient {
    processes: Arc<Processes>,
}

impl PersistentClient {
    /// A command that serves persistent mode. The URL comes with each request, so there is no place for it here.
    pub fn new(command: CommandClient) -> Result<Self, CommandError> {
        if command.arguments.iter().any(|a| a.contains(URL_PLACEHOLDER)) {
            return Err(CommandError::UrlInPersistentMode);
        }
        Ok(Self { processes: Arc::new(Processes { command, idle: Mutex::default(), requests: AtomicU64::new(0) }) })
    }

    /// Starts the first process and hears what it says of itself. Needs a runtime.
    pub async fn greet(&self, patience: Duration) -> Result<Hello, HelloError> {
        let mut heard = Heard::default();
        let greeting = tokio::time::timeout(patience, Worker::start(&self.processes.command, None, &mut heard));
        let (worker, hello) = greeting.await.map_err(|_| HelloError::Silent(patience))??;
        self.processes.put_back(worker);
        Ok(hello)
    }
}

impl Client for PersistentClient {
    fn settle(&self) -> std::io::Result<Box<dyn Home>> {
        Ok(Box::new(PersistentHome { processes: Arc::clone(&self.processes), sandbox: Sandbox::new()? }))
    }

    fn is_separate_process(&self) -> bool {
        true
    }
}

/// The processes of one client.
struct Processes {
    command: CommandClient,
    /// Those that wait for a scenario.
    idle: Mutex<Vec<Worker>>,
    requests: AtomicU64,
}

impl Processes {
    fn take(&self) -> Option<Worker> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put_back(&self, worker: Worker) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
    }
}

struct PersistentHome {
    processes: Arc<Processes>,
    sandbox: Sandbox,
}

impl Home for PersistentHome {
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        Box::pin(async move {
            let mut scene = Scene { watched: launch.watched.clone(), heard: Heard::default() };
            tokio::select! {
                outcome = self.drive(&launch, &mut scene) => outcome,
                _ = self.sandbox.watch_browsers(&launch.watched) => Outcome::NotStarted,
            }
        })
    }

    fn inspect(&self, watched: &Watched) {
        self.sandbox.inspect(watched);
    }
}

impl PersistentHome {
    /// Has a process serve the request. A process that is not put back is killed, whatever the reason.
    async fn drive(&self, launch: &Launch, scene: &mut Scene) -> Outcome {
        let idle = self.processes.take();
        let mut worker = idle.filter(|_| launch.run == 1 && launch.umask.is_none());
        let request = self.request(launch);
        loop {
            let mut serving = match worker.take() {
                Some(worker) => worker,
                None => match Worker::start(&self.processes.command, launch.umask, &mut scene.heard).await {
                    Ok((worker, _)) => worker,
                    Err(HelloError::NotStarted(_)) => return Outcome::NotStarted,
                    Err(problem) => return scene.crash(&problem.to_string()),
                },
            };
            let (used, seen) = (serving.used, scene.requests_seen());
            match serving.serve(&request, &scene.watched, &mut scene.heard).await {
                End::Answered(answer) => {
                    if launch.umask.is_none() {
                        self.processes.put_back(serving);
                    }
                    return scene.answered(&answer);
                }
                // it ended on account of an earlier scenario
                End::Gone if used && scene.requests_seen() == seen => {}
                End::Gone => return Outcome::Crash,
                End::Wrong(problem) => return scene.crash(&problem),
            }
        }
    }

    fn request(&self, launch: &Launch) -> Request {
        let scenario = contract::scenario(launch, self.processes.command.named);
        let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
        let environment: BTreeMap<String, String> =
            self.sandbox.environment().into_iter().map(|(name, value)| (name.to_owned(), text(value))).collect();
        Request {
            id: self.processes.requests.fetch_add(1, Ordering::Relaxed) + 1,
            url: launch.urls.first().cloned().unwrap_or_default(),
            protocol_version: launch.revision,
            context: contract::context(launch, &scenario),
            scenario,
            home: self.sandbox.home(),
            environment,
            timeout: launch.timeout.as_secs_f64(),
        }
    }
}

/// One start of the client as it is seen. When it is over, however that comes, the world is told what was heard.
struct Scene {
    watched: Watched,
    heard: Heard,
}

impl Scene {
    fn requests_seen(&self) -> usize {
        self.watched.shared.lock().exchanges.len()
    }

    fn answered(&mut self, answer: &Answer) -> Outcome {
        if let Some(message) = &answer.message {
            self.heard.err.extend_from_slice(message.as_bytes());
        }
        match answer.outcome {
            Ending::Success => Outcome::Success,
            Ending::Failure => Outcome::Failure,
            Ending::Crash => Outcome::Crash,
        }
    }

    fn crash(&self, problem: &str) -> Outcome {
        eprintln!("mcp-authspec: {}: the client breaks the rules of persistent mode: {problem}", self.watched.shared.lock().header.case);
        Outcome::Crash
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        for (surface, bytes) in [("stdout", &self.heard.out), ("stderr", &self.heard.err)] {
            self.watched.shared.displayed(surface, &String::from_utf8_lossy(bytes));
        }
    }
}
