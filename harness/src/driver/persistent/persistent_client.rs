//! Drives a client whose processes take scenario after scenario: what a process per scenario costs
//! at each start, it costs once.
//!
//! There is one process for each run that goes on at a time. A process that dies, hangs, or answers
//! nonsense costs the scenario in which it does; the next one gets a new process. A later start of
//! the client in the same scenario gets a new process, too, since that is what it is about; and so
//! does one with a file mode creation mask.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::unistd::Pid;

use super::protocol::{PersistentAnswer, PersistentHello, PersistentOutcome, PersistentRequest};
use super::worker::{End, Heard, HelloError, Worker};
use crate::driver::client::{Client, ClientActivity, ClientHome};
use crate::driver::contract;
use crate::driver::launch::{ClientOutcome, Launch, WorldHandle};
use crate::driver::process::{CommandClient, CommandError, Sandbox, activity};

/// A client that serves many scenarios in one process.
pub struct PersistentClient {
    processes: Arc<Processes>,
}

impl PersistentClient {
    /// A command that serves persistent mode. The URL comes with each request, so there is no place
    /// for it here.
    pub fn new(command: CommandClient) -> Result<Self, CommandError> {
        if command.written.places_url() {
            return Err(CommandError::UrlInPersistentMode);
        }
        Ok(Self {
            processes: Arc::new(Processes {
                command,
                idle: Mutex::default(),
                requests: AtomicU64::new(0),
            }),
        })
    }

    /// Starts the first process and hears what it says of itself. Needs a runtime.
    pub async fn greet(&self, patience: Duration) -> Result<PersistentHello, HelloError> {
        let mut heard = Heard::default();
        let greeting = tokio::time::timeout(
            patience,
            Worker::start(&self.processes.command, None, &mut heard),
        );
        let (worker, hello) = greeting.await.map_err(|_| HelloError::Silent(patience))??;
        self.processes.put_back(worker);
        Ok(hello)
    }
}

impl Client for PersistentClient {
    fn prepare_home(&self) -> std::io::Result<Box<dyn ClientHome>> {
        let (processes, sandbox) = (Arc::clone(&self.processes), Sandbox::new()?);
        Ok(Box::new(PersistentHome {
            processes,
            sandbox,
            guard: Mutex::default(),
            shown: Mutex::default(),
        }))
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
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
    }

    fn put_back(&self, worker: Worker) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(worker);
    }
}

struct PersistentHome {
    processes: Arc<Processes>,
    sandbox: Sandbox,
    /// The process above the one that serves.
    guard: Mutex<Option<Pid>>,
    /// What was captured, by stream and start.
    shown: Mutex<BTreeMap<String, String>>,
}

impl ClientHome for PersistentHome {
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = ClientOutcome> + Send + '_>> {
        Box::pin(async move {
            let Ok(bell) = self
                .sandbox
                .restore()
                .and_then(|()| self.sandbox.bell_of_browsers())
            else {
                return ClientOutcome::NotStarted;
            };
            let mut scene = Scene {
                home: self,
                watched: launch.watched.clone(),
                start: launch.run,
                heard: Heard::default(),
            };
            tokio::select! {
                outcome = self.drive(&launch, &mut scene) => outcome,
                () = self.sandbox.watch_browsers(bell, &launch.watched) => ClientOutcome::NotStarted,
            }
        })
    }

    fn activity(&self) -> Option<ClientActivity> {
        let guard = (*self.guard.lock().unwrap_or_else(PoisonError::into_inner))?;
        let activity = activity(guard)?;
        Some(ClientActivity {
            ticks: activity.ticks,
            asleep: activity.asleep,
            output: 0,
        })
    }

    fn record_files(&self, watched: &WorldHandle) {
        self.processes.command.record_files(&self.sandbox, watched);
    }

    fn save_to(&self, folder: &Path) -> std::io::Result<()> {
        self.sandbox.save_to(folder)?;
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown
            .iter()
            .try_for_each(|(name, text)| std::fs::write(folder.join(name), text))
    }
}

impl PersistentHome {
    /// Has a process serve the request. A process that is not put back has ended, whatever the
    /// reason.
    async fn drive(&self, launch: &Launch, scene: &mut Scene<'_>) -> ClientOutcome {
        let mut worker = self.processes.take();
        let needs_its_own = launch.run > 1 || launch.umask.is_some();
        if let Some(worker) = worker.take_if(|_| needs_its_own) {
            worker.end().await;
        }
        let request = self.request(launch);
        let mut stop = launch.stop.clone();
        loop {
            let mut serving = match worker.take() {
                Some(worker) => worker,
                None => {
                    let started = tokio::select! {
                        started = Worker::start(&self.processes.command, launch.umask, &mut scene.heard) => started,
                        () = stop.requested() => return ClientOutcome::Killed,
                    };
                    match started {
                        Ok((worker, _)) => worker,
                        Err(HelloError::NotStarted(_)) => return ClientOutcome::NotStarted,
                        Err(problem) => return scene.crash(&problem.to_string()),
                    }
                }
            };
            *self.guard.lock().unwrap_or_else(PoisonError::into_inner) = serving.guard();
            let (used, seen) = (serving.used, scene.requests_seen());
            let end = tokio::select! {
                end = serving.serve(&self.processes.command, &request, &scene.watched, &mut scene.heard) => Some(end),
                () = stop.requested() => None,
            };
            *self.guard.lock().unwrap_or_else(PoisonError::into_inner) = None;
            match end {
                Some(End::Answered(answer)) => {
                    match launch.umask {
                        None => self.processes.put_back(serving),
                        Some(_) => drop(serving.end().await),
                    }
                    return scene.answered(&answer);
                }
                _ => drop(serving.end().await),
            }
            match end {
                // it ended on account of an earlier scenario
                Some(End::Gone) if used && scene.requests_seen() == seen => {}
                Some(End::Wrong(problem)) => return scene.crash(&problem),
                Some(_) => return ClientOutcome::Crash,
                None => return ClientOutcome::Killed,
            }
        }
    }

    fn request(&self, launch: &Launch) -> PersistentRequest {
        let scenario = contract::scenario(launch, self.processes.command.named);
        let text = |value: OsString| value.to_string_lossy().into_owned();
        let variables = self.processes.command.home_environment(&self.sandbox);
        let environment: BTreeMap<String, String> = variables
            .map(|(name, value)| (name.to_owned(), text(value)))
            .collect();
        PersistentRequest {
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

/// One start of the client as it is seen. When it is over, however that comes, the world is told
/// what was heard.
struct Scene<'a> {
    home: &'a PersistentHome,
    watched: WorldHandle,
    start: u32,
    heard: Heard,
}

impl Scene<'_> {
    fn requests_seen(&self) -> usize {
        self.watched.shared.count_exchanges()
    }

    fn answered(&mut self, answer: &PersistentAnswer) -> ClientOutcome {
        if let Some(message) = &answer.message {
            self.heard.err.keep(message.as_bytes());
        }
        match answer.outcome {
            PersistentOutcome::Success => ClientOutcome::Success,
            PersistentOutcome::Failure => ClientOutcome::Failure,
            PersistentOutcome::Crash => ClientOutcome::Crash,
        }
    }

    fn crash(&self, problem: &str) -> ClientOutcome {
        eprintln!(
            "mcp-authspec: {}: the client breaks the rules of persistent mode: {problem}",
            self.watched.shared.case_id()
        );
        ClientOutcome::Crash
    }
}

impl Drop for Scene<'_> {
    fn drop(&mut self) {
        let mut shown = self
            .home
            .shown
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (surface, captured) in [("stdout", &self.heard.out), ("stderr", &self.heard.err)] {
            let text = captured.text();
            self.watched.shared.record_display(surface, &text);
            shown.insert(format!("{surface}.{}", self.start), text);
        }
    }
}
