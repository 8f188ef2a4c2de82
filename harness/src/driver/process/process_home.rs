//! The home of a command client during one run: setup and teardown commands, and a process for each
//! start.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::unistd::Pid;
use tokio::process::Child;

use super::captured_output::CapturedStreams;
use super::client_process::ClientProcess;
use super::command::ClientCommand;
use super::command_client::{CommandClient, SpawnOptions};
use super::guard::ProcessInput;
use super::output_log::{OutputLog, record_output};
use super::process_table::observe_descendants;
use super::sandbox::Sandbox;
use super::trusted_authority::TrustedAuthority;
use super::written_files::write_files;
use crate::driver::agent::ModelServer;
use crate::driver::client::{Client, ClientActivity, ClientHome};
use crate::driver::client_file::Adapter;
use crate::driver::contract;
use crate::driver::home_not_removed::HomeNotRemoved;
use crate::driver::launch::Launch;
use crate::driver::outcome::ClientOutcome;
use crate::driver::stop_signal::StopSignal;
use crate::driver::world_handle::WorldHandle;
use crate::world::ports;

/// How long the teardown commands of a URL may take.
const TEARDOWN_LIMIT: Duration = Duration::from_secs(30);
/// How long they may take once the run was interrupted: somebody is waiting for the end.
const INTERRUPTED_TEARDOWN_LIMIT: Duration = Duration::from_secs(5);

impl Client for CommandClient {
    fn prepare_home(&self) -> std::io::Result<Box<dyn ClientHome>> {
        Ok(Box::new(ProcessHome {
            client: self.clone(),
            sandbox: Sandbox::new()?,
            port: find_free_port()?,
            set_up: Mutex::default(),
            guard: Mutex::default(),
            bytes_written: Arc::default(),
            log: OutputLog::default(),
            model: match self.adapter {
                Adapter::Agent => Some(ModelServer::start()?),
                _ => None,
            },
        }))
    }

    fn is_separate_process(&self) -> bool {
        true
    }
}

/// The home of a command client during one run.
struct ProcessHome {
    client: CommandClient,
    sandbox: Sandbox,
    /// A port that nobody listened on when the home was made.
    port: u16,
    /// The URLs that the client was set up for, each with the start that needed it.
    set_up: Mutex<BTreeMap<String, Launch>>,
    /// The guard of the client's process, while one runs.
    guard: Mutex<Option<Pid>>,
    /// How many bytes the client has written to its output so far.
    bytes_written: Arc<AtomicU64>,
    log: OutputLog,
    /// The model that an agent asks.
    model: Option<ModelServer>,
}

impl ClientHome for ProcessHome {
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = ClientOutcome> + Send + '_>> {
        Box::pin(async move {
            let calls = self.sandbox.restore();
            let calls = match calls.and_then(|()| self.sandbox.receive_browser_calls()) {
                Ok(calls) => calls,
                Err(error) => return launch.not_started(&error),
            };
            if let Some(model) = &self.model {
                model.begin(&launch);
            }
            let is_first = match self.set_up_for(&launch).await {
                Ok(is_first) => is_first,
                Err(outcome) => return outcome,
            };
            let running = self.run_processes(&launch, is_first);
            let outcome = tokio::select! {
                outcome = running => outcome,
                () = calls.open_windows(&launch.world) => ClientOutcome::NotStarted,
            };
            self.set_guard(None);
            outcome
        })
    }

    fn activity(&self) -> Option<ClientActivity> {
        let guard = (*self.guard.lock().unwrap_or_else(PoisonError::into_inner))?;
        observe_descendants(guard, self.bytes_written.load(Ordering::Relaxed))
    }

    fn tear_down(&self, interrupted: StopSignal) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            let set_up =
                std::mem::take(&mut *self.set_up.lock().unwrap_or_else(PoisonError::into_inner));
            for launch in set_up.into_values() {
                let mut limit = pin!(teardown_limit(interrupted.clone()));
                for command in &self.client.teardown {
                    let result = self.run(command, &launch, limit.as_mut()).await;
                    if result == CommandResult::Stopped {
                        break;
                    }
                }
            }
        })
    }

    fn folder(&self) -> Option<&Path> {
        Some(self.sandbox.root())
    }

    fn record_files<'a>(
        &'a self,
        world: &'a WorldHandle,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(self.client.record_files(&self.sandbox, world))
    }

    fn save_to(&self, folder: &Path) -> std::io::Result<()> {
        self.sandbox.save_to(folder)?;
        self.log.save_to(folder)
    }

    fn remove(&self) -> Result<(), HomeNotRemoved> {
        self.sandbox.remove()
    }
}

/// How a setup or teardown command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CommandResult {
    Succeeded,
    Failed,
    /// Its time was up.
    Stopped,
}

impl ProcessHome {
    fn set_guard(&self, pid: Option<i32>) {
        *self.guard.lock().unwrap_or_else(PoisonError::into_inner) = pid.map(Pid::from_raw);
    }

    /// Signs in as a user would, and runs the client. A user signs in before the first start,
    /// before later ones as long as no request was accepted, and once more when the client has
    /// ended although the server demands it.
    async fn run_processes(&self, launch: &Launch, is_first: bool) -> ClientOutcome {
        let shared = &launch.world.shared;
        let mut signs_in = is_first || !shared.client_progress().has_accepted_call;
        loop {
            if signs_in && let Err(ended) = self.sign_in(launch).await {
                return ended;
            }
            let command = self.client.command_for(launch);
            let input = self.client.input();
            let outcome = self.run_process(command, launch, input, "").await;
            let is_refused = shared.client_progress().ends_with_challenge;
            if signs_in || self.client.login.is_empty() || !is_refused {
                return outcome;
            }
            signs_in = true;
        }
    }

    /// Runs the commands that sign in. An error is the outcome of one that was ended. A failure is
    /// none: a sign-in that is refused is the right answer to some servers.
    async fn sign_in(&self, launch: &Launch) -> Result<(), ClientOutcome> {
        for (number, command) in (1..).zip(&self.client.login) {
            let input = self.client.login_input();
            let suffix = format!("-login-{number}");
            match self.run_process(command, launch, input, &suffix).await {
                ClientOutcome::Success | ClientOutcome::Failure => {}
                ended => return Err(ended),
            }
        }
        Ok(())
    }

    async fn run_process(
        &self,
        command: &ClientCommand,
        launch: &Launch,
        input: ProcessInput,
        suffix: &str,
    ) -> ClientOutcome {
        let child = match self.spawn(command, launch, input) {
            Ok(child) => child,
            Err(error) => return launch.not_started(&error),
        };
        self.set_guard(child.id().and_then(|pid| pid.try_into().ok()));
        let mut process = ClientProcess {
            sandbox: &self.sandbox,
            log: &self.log,
            bytes_written: &self.bytes_written,
            world: launch.world.clone(),
            label: format!("{}{suffix}", launch.run),
            answers: &self.client.answers,
            opens_links: self.client.opens_links,
            streams: CapturedStreams::default(),
        };
        process.run(child, launch, self.client.adapter).await
    }

    /// Writes the files and runs the setup commands for a URL, once for each URL. Returns whether
    /// this was the first time. An error is the outcome of a start that cannot take place.
    async fn set_up_for(&self, launch: &Launch) -> Result<bool, ClientOutcome> {
        let known = self
            .set_up
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(launch.first_url(), launch.clone());
        if known.is_some() {
            return Ok(false);
        }
        let values = self.placeholder_values(launch, None);
        write_files(&self.client.files, &self.sandbox.home(), &values)
            .map_err(|error| launch.not_started(&error))?;
        let mut stop = launch.stop.clone();
        let mut stop = pin!(stop.requested());
        for command in &self.client.setup {
            match self.run(command, launch, stop.as_mut()).await {
                CommandResult::Succeeded => {}
                CommandResult::Failed => return Err(ClientOutcome::NotStarted),
                CommandResult::Stopped => return Err(ClientOutcome::Killed),
            }
        }
        Ok(true)
    }

    /// Runs a command in the client's home until it ends, or until `stop` does. Its output is
    /// recorded in the world unless it succeeds.
    async fn run(
        &self,
        command: &ClientCommand,
        launch: &Launch,
        stop: Pin<&mut (impl Future<Output = ()> + Send)>,
    ) -> CommandResult {
        let mut child = match self.spawn(command, launch, ProcessInput::Pipe) {
            Ok(child) => child,
            Err(error) => {
                launch.not_started(&error);
                return CommandResult::Failed;
            }
        };
        let input = child.stdin.take();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let mut streams = CapturedStreams::default();
        let total = &*self.bytes_written;
        let result = {
            let mut end = pin!(async {
                let (status, ..) = tokio::join!(
                    child.wait(),
                    streams.stdout.read(stdout, total),
                    streams.stderr.read(stderr, total)
                );
                status.is_ok_and(|status| status.success())
            });
            tokio::select! {
                succeeded = &mut end => {
                    if succeeded { CommandResult::Succeeded } else { CommandResult::Failed }
                }
                () = stop => {
                    // the guard ends the command when its input is closed
                    drop(input);
                    let _ = end.await;
                    CommandResult::Stopped
                }
            }
        };
        if result != CommandResult::Succeeded {
            record_output(&launch.world, "stdout", &streams.stdout);
            record_output(&launch.world, "stderr", &streams.stderr);
        }
        result
    }

    fn spawn(
        &self,
        command: &ClientCommand,
        launch: &Launch,
        input: ProcessInput,
    ) -> std::io::Result<Child> {
        let contract = match self.client.adapter {
            Adapter::Official => contract::environment(launch, self.client.named),
            Adapter::Persistent | Adapter::None | Adapter::Stdio | Adapter::Agent => Vec::new(),
        };
        let authority = match &launch.authority {
            Some(pem) => Some(self.sandbox.trust(pem)?),
            None => None,
        };
        let options = SpawnOptions {
            values: &self.placeholder_values(launch, authority.as_ref()),
            umask: launch.umask,
            contract,
            input,
            authority: authority.as_ref(),
        };
        self.client.spawn(command, &self.sandbox, &options)
    }

    fn placeholder_values(
        &self,
        launch: &Launch,
        authority: Option<&TrustedAuthority>,
    ) -> Vec<(&'static str, String)> {
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let home = self.sandbox.home();
        vec![
            ("url", launch.first_url()),
            ("home", home.to_string_lossy().into_owned()),
            ("port", self.port.to_string()),
            (
                "ca",
                authority
                    .map(TrustedAuthority::certificate)
                    .unwrap_or_default(),
            ),
            ("revision", launch.revision.to_string()),
            ("client_id", text(launch.provision.client_id())),
            ("client_secret", text(launch.provision.client_secret())),
            ("model_url", text(self.model.as_ref().map(ModelServer::url))),
            ("model_key", text(self.model.as_ref().map(ModelServer::key))),
        ]
    }
}

/// Returns when the time for teardown commands is up.
async fn teardown_limit(mut interrupted: StopSignal) {
    let interrupted_limit = async {
        interrupted.requested().await;
        tokio::time::sleep(INTERRUPTED_TEARDOWN_LIMIT).await;
    };
    let _ = tokio::time::timeout(TEARDOWN_LIMIT, interrupted_limit).await;
}

/// A port that nobody listens on.
fn find_free_port() -> std::io::Result<u16> {
    ports::candidates(ports::CLIENTS)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| std::io::Error::other("no port is free"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_ports_differ() {
        assert_ne!(find_free_port().unwrap(), find_free_port().unwrap());
    }
}
