//! The home of a persistent client during one run: it has a process serve a request for each start.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use nix::unistd::Pid;

use super::conversation::{HelloError, RequestEnd};
use super::persistent_process::PersistentProcess;
use super::process_pool::ProcessPool;
use super::protocol::{PersistentAnswer, PersistentOutcome, PersistentRequest};
use crate::driver::client::{ClientActivity, ClientHome};
use crate::driver::contract;
use crate::driver::home_not_removed::HomeNotRemoved;
use crate::driver::launch::Launch;
use crate::driver::notice::RunNotice;
use crate::driver::outcome::ClientOutcome;
use crate::driver::process::{CapturedStreams, OutputLog, Sandbox, observe_descendants};
use crate::driver::world_handle::WorldHandle;

/// The home of a persistent client during one run.
pub(super) struct PersistentHome {
    processes: Arc<ProcessPool>,
    sandbox: Sandbox,
    /// The guard of the process that serves the request.
    guard: Mutex<Option<Pid>>,
    log: OutputLog,
}

impl PersistentHome {
    pub(super) fn new(processes: Arc<ProcessPool>) -> std::io::Result<Self> {
        Ok(Self {
            processes,
            sandbox: Sandbox::new()?,
            guard: Mutex::default(),
            log: OutputLog::default(),
        })
    }

    fn request(&self, launch: &Launch) -> PersistentRequest {
        let command = &self.processes.command;
        let scenario = contract::scenario(launch, command.named);
        let environment: BTreeMap<String, String> = command
            .home_variables(&self.sandbox)
            .map(|(name, value)| (name.to_owned(), value.to_string_lossy().into_owned()))
            .collect();
        PersistentRequest {
            id: self.processes.next_request_id(),
            url: launch.first_url(),
            protocol_version: launch.revision,
            context: contract::context(launch, &scenario),
            scenario,
            home: self.sandbox.home(),
            environment,
            timeout: launch.timeout.as_secs_f64(),
        }
    }

    fn set_guard(&self, guard: Option<Pid>) {
        *self.guard.lock().unwrap_or_else(PoisonError::into_inner) = guard;
    }
}

impl ClientHome for PersistentHome {
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = ClientOutcome> + Send + '_>> {
        Box::pin(async move {
            let calls = self.sandbox.restore();
            let calls = match calls.and_then(|()| self.sandbox.receive_browser_calls()) {
                Ok(calls) => calls,
                Err(error) => return launch.not_started(&error),
            };
            let mut start = PersistentStart {
                home: self,
                launch: &launch,
                streams: CapturedStreams::default(),
            };
            tokio::select! {
                outcome = start.run() => outcome,
                () = calls.open_windows(&launch.world) => ClientOutcome::NotStarted,
            }
        })
    }

    fn activity(&self) -> Option<ClientActivity> {
        let guard = (*self.guard.lock().unwrap_or_else(PoisonError::into_inner))?;
        observe_descendants(guard, 0)
    }

    fn folder(&self) -> Option<&Path> {
        Some(self.sandbox.root())
    }

    fn record_files<'a>(
        &'a self,
        world: &'a WorldHandle,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        let command = &self.processes.command;
        Box::pin(command.record_files(&self.sandbox, world))
    }

    fn save_to(&self, folder: &Path) -> std::io::Result<()> {
        self.sandbox.save_to(folder)?;
        self.log.save_to(folder)
    }

    fn remove(&self) -> Result<(), HomeNotRemoved> {
        self.sandbox.remove()
    }
}

/// One start of the client. When it is dropped, the world is told what the client has written.
struct PersistentStart<'a> {
    home: &'a PersistentHome,
    launch: &'a Launch,
    streams: CapturedStreams,
}

impl PersistentStart<'_> {
    /// Has a process serve the request. A process that is not put back has ended, whatever the
    /// reason.
    async fn run(&mut self) -> ClientOutcome {
        let processes = &self.home.processes;
        let mut idle = processes.take_idle();
        let needs_new_process = self.launch.run > 1 || self.launch.umask.is_some();
        if let Some(process) = idle.take_if(|_| needs_new_process) {
            process.end().await;
        }
        let request = self.home.request(self.launch);
        loop {
            let mut process = match idle.take() {
                Some(process) => process,
                None => match self.start_process().await {
                    Ok(process) => process,
                    Err(outcome) => return outcome,
                },
            };
            let (had_served, exchanges) = (process.has_served, self.exchanges());
            let Some(end) = self.serve(&mut process, &request).await else {
                process.end().await;
                return ClientOutcome::Killed;
            };
            if let RequestEnd::Answered(answer) = end {
                match self.launch.umask {
                    None => processes.put_back(process),
                    Some(_) => drop(process.end().await),
                }
                return self.outcome_of(&answer);
            }
            process.end().await;
            match end {
                // the process ended because of an earlier scenario, so another one is tried
                RequestEnd::ProcessEnded if had_served && self.exchanges() == exchanges => {}
                RequestEnd::ProtocolViolation(problem) => return self.report_violation(problem),
                RequestEnd::ProcessEnded | RequestEnd::Answered(_) => return ClientOutcome::Crash,
            }
        }
    }

    /// Starts a process. An error is the outcome of a start that cannot take place.
    async fn start_process(&mut self) -> Result<PersistentProcess, ClientOutcome> {
        let command = &self.home.processes.command;
        let mut stop = self.launch.stop.clone();
        let started = tokio::select! {
            started = PersistentProcess::start(command, self.launch.umask, &mut self.streams) => {
                started
            }
            () = stop.requested() => return Err(ClientOutcome::Killed),
        };
        match started {
            Ok((process, _)) => Ok(process),
            Err(HelloError::NotStarted(error)) => Err(self.launch.not_started(&error)),
            Err(error) => Err(self.report_violation(error.to_string())),
        }
    }

    /// Has a process serve the request. `None`: it has to stop before the end.
    async fn serve(
        &mut self,
        process: &mut PersistentProcess,
        request: &PersistentRequest,
    ) -> Option<RequestEnd> {
        let command = &self.home.processes.command;
        let world = &self.launch.world;
        let mut stop = self.launch.stop.clone();
        self.home.set_guard(process.guard());
        let end = tokio::select! {
            end = process.serve(command, request, world, &mut self.streams) => Some(end),
            () = stop.requested() => None,
        };
        self.home.set_guard(None);
        end
    }

    /// How many requests the world has seen.
    fn exchanges(&self) -> usize {
        self.launch.world.shared.count_exchanges()
    }

    fn outcome_of(&mut self, answer: &PersistentAnswer) -> ClientOutcome {
        if let Some(message) = &answer.message {
            self.streams.stderr.add(message.as_bytes());
        }
        match answer.outcome {
            PersistentOutcome::Success => ClientOutcome::Success,
            PersistentOutcome::Failure => ClientOutcome::Failure,
            PersistentOutcome::Crash => ClientOutcome::Crash,
        }
    }

    fn report_violation(&self, problem: String) -> ClientOutcome {
        let case = self.launch.world.shared.case_id();
        (self.launch.notify)(&RunNotice::ProtocolViolation { case, problem });
        ClientOutcome::Crash
    }
}

impl Drop for PersistentStart<'_> {
    fn drop(&mut self) {
        let Launch { world, run, .. } = self.launch;
        let streams = std::mem::take(&mut self.streams);
        self.home.log.record(world, &run.to_string(), streams);
    }
}
