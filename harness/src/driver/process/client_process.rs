//! One process of a command client, from its start to its end.

use std::collections::BTreeMap;
use std::pin::pin;
use std::process::ExitStatus;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use tokio::io::AsyncWriteExt;
use tokio::process::Child;

use super::captured_output::CapturedStreams;
use super::guard::{MACHINE_SHORT, MACHINE_SHORT_TEXT, NOT_EXECUTABLE, NOT_FOUND};
use super::output_log::OutputLog;
use super::output_watcher::OutputWatcher;
use super::process_table::find_by_environment;
use super::sandbox::Sandbox;
use super::stdio_host::{HostPlan, host_client};
use crate::driver::client_file::Adapter;
use crate::driver::launch::Launch;
use crate::driver::outcome::ClientOutcome;
use crate::driver::stop_signal::StopSignal;
use crate::driver::world_handle::WorldHandle;
use crate::machine::Shortage;

/// How long output is read after the process has ended: descendants that cannot be killed may hold
/// the pipe open.
const OUTPUT_GRACE: Duration = Duration::from_millis(500);
/// How often processes whose guard was killed are searched for.
const MAX_SEARCHES: u32 = 500;
/// The pause between two searches.
const SEARCH_PAUSE: Duration = Duration::from_millis(10);

/// A client process. When it is dropped, the world is told what it has written until then.
pub(super) struct ClientProcess<'a> {
    pub(super) sandbox: &'a Sandbox,
    pub(super) log: &'a OutputLog,
    pub(super) bytes_written: &'a AtomicU64,
    pub(super) world: WorldHandle,
    /// What this process is called among those of the run: the number of the start.
    pub(super) label: String,
    /// What is typed when the client shows a text: prompt and answer.
    pub(super) answers: &'a BTreeMap<String, String>,
    /// Whether sign-in links that the client prints are opened.
    pub(super) opens_links: bool,
    pub(super) streams: CapturedStreams,
}

impl ClientProcess<'_> {
    /// Runs the process to its end, in the way that its adapter needs.
    pub(super) async fn run(
        &mut self,
        child: Child,
        launch: &Launch,
        adapter: Adapter,
    ) -> ClientOutcome {
        let stop = launch.stop.clone();
        match adapter {
            Adapter::Official | Adapter::Persistent | Adapter::None | Adapter::Agent => {
                self.wait_for_end(child, stop).await
            }
            Adapter::Stdio => {
                let plan = HostPlan {
                    revision: launch.revision,
                    tools: launch.tools(),
                    at_once: launch.at_once,
                };
                self.host(child, stop, &plan).await
            }
        }
    }

    /// Waits until the process ends, and ends it when it has to stop.
    async fn wait_for_end(&mut self, mut child: Child, mut stop: StopSignal) -> ClientOutcome {
        // Standard input stays open, as some clients end when it is closed. The guard ends the
        // client when it is closed.
        let mut input = child.stdin.take();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (watcher, mut typed) =
            OutputWatcher::new(self.answers.clone(), self.opens_links, self.world.clone());
        let watcher = Mutex::new(watcher);
        let status = {
            let (mut unread_stdout, mut unread_stderr) = Default::default();
            let CapturedStreams {
                stdout: captured_stdout,
                stderr: captured_stderr,
            } = &mut self.streams;
            let mut reading = pin!(async {
                tokio::join!(
                    captured_stdout.read_watched(stdout, self.bytes_written, |bytes| {
                        lock(&watcher).notice(&mut unread_stdout, bytes);
                    }),
                    captured_stderr.read_watched(stderr, self.bytes_written, |bytes| {
                        lock(&watcher).notice(&mut unread_stderr, bytes);
                    })
                )
            });
            let mut has_read_all = false;
            let status = loop {
                tokio::select! {
                    status = child.wait() => break status,
                    _ = &mut reading, if !has_read_all => has_read_all = true,
                    () = stop.requested(), if input.is_some() => drop(input.take()),
                    Some(text) = typed.recv() => if let Some(input) = &mut input {
                        let _ = input.write_all(text.as_bytes()).await;
                    },
                }
            };
            if !has_read_all {
                let _ = tokio::time::timeout(OUTPUT_GRACE, reading).await;
            }
            status
        };
        let code = status.ok().and_then(|status: ExitStatus| status.code());
        self.conclude(code, input.is_none()).await
    }

    /// The outcome of a process that has ended with an exit code, or by a signal.
    async fn conclude(&self, code: Option<i32>, was_stopped: bool) -> ClientOutcome {
        if code.is_none() {
            Self::kill_survivors(self.sandbox).await;
        }
        if code == Some(MACHINE_SHORT)
            && self
                .streams
                .stderr
                .beginning()
                .starts_with(MACHINE_SHORT_TEXT)
        {
            self.world.shared.note_shortage(Shortage::Processes);
        }
        match code {
            _ if was_stopped => ClientOutcome::Killed,
            Some(0) => ClientOutcome::Success,
            Some(NOT_EXECUTABLE | NOT_FOUND) if self.world.shared.is_untouched() => {
                ClientOutcome::NotStarted
            }
            Some(_) => ClientOutcome::Failure,
            None => ClientOutcome::Crash,
        }
    }

    /// Calls the tools that the client offers on its standard input and output, then ends it.
    async fn host(
        &mut self,
        mut child: Child,
        mut stop: StopSignal,
        plan: &HostPlan,
    ) -> ClientOutcome {
        let (Some(mut input), Some(mut stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return ClientOutcome::NotStarted;
        };
        let stderr = child.stderr.take();
        let CapturedStreams {
            stdout: captured_stdout,
            stderr: captured_stderr,
        } = &mut self.streams;
        let mut reading_errors = pin!(captured_stderr.read(stderr, self.bytes_written));
        let mut has_read_errors = false;
        let succeeded = {
            let mut conversation =
                pin!(host_client(&mut input, &mut stdout, plan, captured_stdout));
            loop {
                tokio::select! {
                    succeeded = &mut conversation => break Some(succeeded),
                    () = &mut reading_errors, if !has_read_errors => has_read_errors = true,
                    () = stop.requested() => break None,
                }
            }
        };
        // A client that closes its output may be dying. Its own end tells more than being killed.
        let own_end = if succeeded == Some(false) {
            tokio::time::timeout(OUTPUT_GRACE, child.wait()).await.ok()
        } else {
            None
        };
        drop(input);
        let _ = child.wait().await;
        let reading_rest = async {
            tokio::join!(
                captured_stdout.read(Some(stdout), self.bytes_written),
                async {
                    if !has_read_errors {
                        reading_errors.await
                    }
                }
            )
        };
        let _ = tokio::time::timeout(OUTPUT_GRACE, reading_rest).await;
        let own_end = own_end.map(|status| status.ok().and_then(|status| status.code()));
        match (succeeded, own_end) {
            (None, _) => ClientOutcome::Killed,
            (Some(true), _) => ClientOutcome::Success,
            (Some(false), Some(None)) => ClientOutcome::Crash,
            (Some(false), Some(Some(NOT_EXECUTABLE | NOT_FOUND)))
                if self.world.shared.is_untouched() =>
            {
                ClientOutcome::NotStarted
            }
            (Some(false), _) => ClientOutcome::Failure,
        }
    }

    /// Kills what is left of a client that has killed its guard.
    async fn kill_survivors(sandbox: &Sandbox) {
        for _ in 0..MAX_SEARCHES {
            let survivors = find_by_environment(sandbox.root());
            if survivors.is_empty() {
                return;
            }
            for pid in survivors {
                let _ = kill(pid, Signal::SIGKILL);
            }
            tokio::time::sleep(SEARCH_PAUSE).await;
        }
    }
}

impl Drop for ClientProcess<'_> {
    fn drop(&mut self) {
        let streams = std::mem::take(&mut self.streams);
        self.log.record(&self.world, &self.label, streams);
    }
}

fn lock(watcher: &Mutex<OutputWatcher>) -> MutexGuard<'_, OutputWatcher> {
    watcher.lock().unwrap_or_else(PoisonError::into_inner)
}
