//! Drives a client as a process per start: under a guard, in its own home, output to a bound, ended
//! whole when its time is up.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::pin::{Pin, pin};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;

use super::captured_output::{Captured, KEPT};
use super::command::{Command, CommandError};
use super::guard::{NOT_EXECUTABLE, NOT_FOUND, guarded};
use super::placeholder;
use super::process_table::{activity, living_in};
use super::sandbox::{Sandbox, inspect_users_folder};
use super::stdio_host::{Wishes, converse};
use super::surroundings::{ProcessEnvironment, WorkingDirectory};
use crate::driver::client::{Client, ClientActivity, ClientHome};
use crate::driver::client_file::{Adapter, ClientFile};
use crate::driver::contract;
use crate::driver::launch::{ClientOutcome, Launch, StopSignal, WorldHandle};
use crate::world::ports;

/// How long output may come in after the process has ended, from descendants that cannot be killed.
const OUTPUT_GRACE: Duration = Duration::from_millis(500);
/// How often processes whose guard was killed are looked for.
const SEARCHES: u32 = 500;
/// The pause between two searches.
const SEARCH_PAUSE: Duration = Duration::from_millis(10);
/// How long the teardown commands of a URL may take.
const TEARDOWN_BOUND: Duration = Duration::from_secs(30);
/// The same, once the run was interrupted.
const LAST_TEARDOWN_BOUND: Duration = Duration::from_secs(5);

/// A client that is started by a command.
#[derive(Debug, Clone)]
pub struct CommandClient {
    /// The command as it was written.
    pub(in crate::driver) written: Command,
    /// The command with a place for the URL.
    command: Command,
    /// The command with credentials registered beforehand.
    with_credentials: Command,
    setup: Vec<Command>,
    teardown: Vec<Command>,
    adapter: Adapter,
    terminal: bool,
    pub(in crate::driver) named: bool,
    surroundings: ProcessEnvironment,
}

/// What a process is started with, beside its command.
#[derive(Debug, Default)]
pub(in crate::driver) struct Told<'a> {
    /// What placeholders stand for.
    pub(in crate::driver) values: &'a [(&'a str, &'a str)],
    pub(in crate::driver) umask: Option<u32>,
    /// Variables of the contract.
    pub(in crate::driver) contract: Vec<(&'static str, String)>,
    pub(in crate::driver) terminal: bool,
}

impl CommandClient {
    /// The client that a client file tells of.
    pub fn new(about: &ClientFile) -> Result<Self, CommandError> {
        let commands = |lists: &Option<Vec<Vec<String>>>| {
            lists
                .iter()
                .flatten()
                .map(|words| Command::new(words))
                .collect::<Result<Vec<_>, _>>()
        };
        let (command, setup) = (
            Command::new(about.command.as_deref().unwrap_or_default())?,
            commands(&about.setup)?,
        );
        let written = command.clone();
        let placed = command.places_url()
            || setup.iter().any(Command::places_url)
            || about.env.values().any(|text| placeholder::has(text, "url"));
        let command = if placed {
            command
        } else {
            command.with(&["{url}".to_owned()])
        };
        Ok(Self {
            with_credentials: command.with(about.with_credentials.as_deref().unwrap_or_default()),
            written,
            command,
            setup,
            teardown: commands(&about.teardown)?,
            adapter: about.adapter.unwrap_or(Adapter::Official),
            terminal: about.pty.unwrap_or(false),
            named: about.named.unwrap_or(false),
            surroundings: ProcessEnvironment {
                working_directory: about.cwd.clone().unwrap_or_default(),
                pass: about.pass_env.clone(),
                set: about.env.clone(),
            },
        })
    }

    /// A client of the official contract, by its command in words.
    pub fn from_words(words: Vec<String>, named: bool) -> Result<Self, CommandError> {
        Self::new(&ClientFile {
            command: Some(words),
            named: Some(named),
            ..ClientFile::default()
        })
    }

    /// The same, by its command in one string, split as a shell would; no shell runs it.
    pub fn from_line(line: &str, named: bool) -> Result<Self, CommandError> {
        let words = shlex::split(line).ok_or_else(|| CommandError::Quotes(line.to_owned()))?;
        Self::from_words(words, named)
    }

    /// The same client with more or less of the user's surroundings.
    #[must_use]
    pub fn within(self, surroundings: ProcessEnvironment) -> Self {
        Self {
            surroundings,
            ..self
        }
    }

    /// The same client, told the official name of each scenario or the kind of flow only.
    #[must_use]
    pub(in crate::driver) fn called(&self, named: bool) -> Self {
        Self {
            named,
            ..self.clone()
        }
    }

    fn command_for(&self, launch: &Launch) -> &Command {
        if launch.credentials.is_some() {
            &self.with_credentials
        } else {
            &self.command
        }
    }

    /// Starts a program in the client's surroundings under a guard, living in a sandbox.
    pub(in crate::driver) fn spawn(
        &self,
        command: &Command,
        sandbox: &Sandbox,
        as_told: &Told<'_>,
    ) -> std::io::Result<Child> {
        let surroundings = &self.surroundings;
        let passed = surroundings.environment(std::env::vars_os());
        let mut process = guarded(command.program.as_os_str(), as_told.umask, as_told.terminal)?;
        process
            .args(
                command
                    .arguments(as_told.values)
                    .iter()
                    .map(|argument| surroundings.argument(argument)),
            )
            .env_clear()
            .envs(passed)
            .envs(
                surroundings
                    .set
                    .iter()
                    .map(|(name, value)| (name, placeholder::fill(value, as_told.values))),
            )
            .envs(self.home_environment(sandbox))
            .envs(as_told.contract.iter().map(|(name, value)| (*name, value)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        match &surroundings.working_directory {
            WorkingDirectory::Inherited => &mut process,
            WorkingDirectory::Own => process.current_dir(sandbox.working_directory()),
            WorkingDirectory::At(folder) => process.current_dir(folder),
        }
        .spawn()
    }

    /// The variables that make a client live in a sandbox.
    pub(in crate::driver) fn home_environment(
        &self,
        sandbox: &Sandbox,
    ) -> impl Iterator<Item = (&'static str, OsString)> {
        let set = &self.surroundings.set;
        let path = set
            .get("PATH")
            .map(OsString::from)
            .or_else(|| std::env::var_os("PATH"));
        sandbox
            .environment(path)
            .into_iter()
            .filter(|(name, _)| *name == "PATH" || !set.contains_key(*name))
    }

    /// Tells the world what files the client left.
    pub(in crate::driver) fn record_files(&self, sandbox: &Sandbox, watched: &WorldHandle) {
        match &self.surroundings.working_directory {
            WorkingDirectory::Own => {}
            WorkingDirectory::At(folder) => inspect_users_folder(folder, watched),
            WorkingDirectory::Inherited => inspect_users_folder(Path::new("."), watched),
        }
        sandbox.record_files(watched);
    }
}

impl Client for CommandClient {
    fn prepare_home(&self) -> std::io::Result<Box<dyn ClientHome>> {
        let sandbox = Sandbox::new()?;
        Ok(Box::new(ProcessHome {
            client: self.clone(),
            sandbox,
            port: free_port()?,
            set_up: Mutex::default(),
            guard: Mutex::default(),
            output: Arc::default(),
            shown: Mutex::default(),
        }))
    }

    fn is_separate_process(&self) -> bool {
        true
    }
}

struct ProcessHome {
    client: CommandClient,
    sandbox: Sandbox,
    /// A port that nobody listened on when the home was made.
    port: u16,
    /// URLs that the client was set up for.
    set_up: Mutex<BTreeMap<String, Launch>>,
    /// The process above the client's, while one runs.
    guard: Mutex<Option<Pid>>,
    /// Bytes written by the client so far.
    output: Arc<AtomicU64>,
    /// What was captured, by stream and start.
    shown: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl ClientHome for ProcessHome {
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = ClientOutcome> + Send + '_>> {
        Box::pin(async move {
            let Ok(bell) = self
                .sandbox
                .restore()
                .and_then(|()| self.sandbox.bell_of_browsers())
            else {
                return ClientOutcome::NotStarted;
            };
            if let Err(outcome) = self.set_up_for(&launch).await {
                return outcome;
            }
            let Ok(child) = self.spawn(
                self.client.command_for(&launch),
                &launch,
                self.client.terminal,
            ) else {
                return ClientOutcome::NotStarted;
            };
            let guard = child
                .id()
                .and_then(|pid| pid.try_into().ok())
                .map(Pid::from_raw);
            *self.guard.lock().unwrap_or_else(PoisonError::into_inner) = guard;
            let mut running = Running {
                home: self,
                watched: launch.watched.clone(),
                start: launch.run,
                out: Captured::default(),
                err: Captured::default(),
            };
            let outcome = tokio::select! {
                outcome = running.live_through(child, &launch, self.client.adapter) => outcome,
                () = self.sandbox.watch_browsers(bell, &launch.watched) => ClientOutcome::NotStarted,
            };
            *self.guard.lock().unwrap_or_else(PoisonError::into_inner) = None;
            outcome
        })
    }

    fn activity(&self) -> Option<ClientActivity> {
        let guard = (*self.guard.lock().unwrap_or_else(PoisonError::into_inner))?;
        let activity = activity(guard)?;
        Some(ClientActivity {
            ticks: activity.ticks,
            asleep: activity.asleep,
            output: self.output.load(Ordering::Relaxed),
        })
    }

    fn tear_down(&self, interrupted: StopSignal) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            let set_up =
                std::mem::take(&mut *self.set_up.lock().unwrap_or_else(PoisonError::into_inner));
            for launch in set_up.into_values() {
                let mut interrupted = interrupted.clone();
                let mut time_is_up = pin!(async move {
                    let no_time_left = async {
                        interrupted.requested().await;
                        tokio::time::sleep(LAST_TEARDOWN_BOUND).await;
                    };
                    let _ = tokio::time::timeout(TEARDOWN_BOUND, no_time_left).await;
                });
                for command in &self.client.teardown {
                    if self.run(command, &launch, time_is_up.as_mut()).await == Ran::Stopped {
                        break;
                    }
                }
            }
        })
    }

    fn record_files(&self, watched: &WorldHandle) {
        self.client.record_files(&self.sandbox, watched);
    }

    fn save_to(&self, folder: &Path) -> std::io::Result<()> {
        self.sandbox.save_to(folder)?;
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown
            .iter()
            .try_for_each(|(name, bytes)| std::fs::write(folder.join(name), bytes))
    }
}

impl ProcessHome {
    /// Runs the commands that tell the client of a URL, once for each URL. An error: why the client
    /// is not started then.
    async fn set_up_for(&self, launch: &Launch) -> Result<(), ClientOutcome> {
        let url = launch.urls.first().cloned().unwrap_or_default();
        let before = self
            .set_up
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(url, launch.clone());
        if before.is_some() {
            return Ok(());
        }
        let mut stop = launch.stop.clone();
        let mut stop = pin!(stop.requested());
        for command in &self.client.setup {
            match self.run(command, launch, stop.as_mut()).await {
                Ran::Well => {}
                Ran::Badly => return Err(ClientOutcome::NotStarted),
                Ran::Stopped => return Err(ClientOutcome::Killed),
            }
        }
        Ok(())
    }

    /// Runs a command in the client's home until it ends, or until `stop` does. What it said is
    /// told, unless it ended well.
    async fn run(
        &self,
        command: &Command,
        launch: &Launch,
        stop: Pin<&mut (impl Future<Output = ()> + Send)>,
    ) -> Ran {
        let Ok(mut child) = self.spawn(command, launch, false) else {
            return Ran::Badly;
        };
        let input = child.stdin.take();
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (mut out, mut err) = (Captured::default(), Captured::default());
        let ran = {
            let mut end = pin!(async {
                tokio::join!(
                    child.wait(),
                    out.read(stdout, &self.output),
                    err.read(stderr, &self.output)
                )
            });
            tokio::select! {
                (status, ..) = &mut end => if status.is_ok_and(|status| status.success()) { Ran::Well } else { Ran::Badly },
                () = stop => {
                    // its guard ends it when its input ends
                    drop(input);
                    let _ = end.await;
                    Ran::Stopped
                }
            }
        };
        if ran != Ran::Well {
            launch
                .watched
                .shared
                .record_display("stderr", &format!("{}{}", out.text(), err.text()));
        }
        ran
    }

    fn spawn(&self, command: &Command, launch: &Launch, terminal: bool) -> std::io::Result<Child> {
        let values = self.values(launch);
        let values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let official = self.client.adapter == Adapter::Official;
        let contract = if official {
            contract::environment(launch, self.client.named)
        } else {
            Vec::new()
        };
        self.client.spawn(
            command,
            &self.sandbox,
            &Told {
                values: &values,
                umask: launch.umask,
                contract,
                terminal,
            },
        )
    }

    /// What placeholders stand for.
    fn values(&self, launch: &Launch) -> Vec<(&'static str, String)> {
        let credentials = launch.credentials.as_ref();
        vec![
            ("url", launch.urls.first().cloned().unwrap_or_default()),
            ("home", self.sandbox.home().to_string_lossy().into_owned()),
            ("port", self.port.to_string()),
            ("revision", launch.revision.to_string()),
            (
                "client_id",
                credentials.map(|c| c.client_id.clone()).unwrap_or_default(),
            ),
            (
                "client_secret",
                credentials
                    .and_then(|c| c.client_secret.clone())
                    .unwrap_or_default(),
            ),
        ]
    }

    /// For a guard that was killed by what it guards.
    async fn end_all_that_live_here(&self) {
        for _ in 0..SEARCHES {
            let left = living_in(self.sandbox.root());
            if left.is_empty() {
                return;
            }
            for pid in left {
                let _ = kill(pid, Signal::SIGKILL);
            }
            tokio::time::sleep(SEARCH_PAUSE).await;
        }
    }
}

/// How a command around the client's starts ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ran {
    Well,
    Badly,
    /// It was told to end.
    Stopped,
}

/// A client process. Dropping it tells the world what it had shown until then.
struct Running<'a> {
    home: &'a ProcessHome,
    watched: WorldHandle,
    start: u32,
    out: Captured,
    err: Captured,
}

impl Running<'_> {
    async fn live_through(
        &mut self,
        child: Child,
        launch: &Launch,
        adapter: Adapter,
    ) -> ClientOutcome {
        match adapter {
            Adapter::Official | Adapter::Persistent | Adapter::None => {
                self.until_the_end(child, launch.stop.clone()).await
            }
            Adapter::Stdio => {
                let tools = launch
                    .call
                    .clone()
                    .unwrap_or_else(|| vec!["test-tool".to_owned()]);
                let wishes = Wishes {
                    revision: launch.revision,
                    tools,
                    at_once: launch.at_once,
                };
                self.until_all_is_said(child, launch.stop.clone(), &wishes)
                    .await
            }
        }
    }

    /// Calls the tools that the client offers, then ends it.
    async fn until_all_is_said(
        &mut self,
        mut child: Child,
        mut stop: StopSignal,
        wishes: &Wishes,
    ) -> ClientOutcome {
        let (Some(mut input), Some(mut stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return ClientOutcome::NotStarted;
        };
        let stderr = child.stderr.take();
        let total = &*self.home.output;
        let mut complaints = pin!(self.err.read(stderr, total));
        let mut read_to_the_end = false;
        let said = {
            let mut conversation = pin!(converse(
                &mut input,
                &mut stdout,
                wishes,
                &mut self.out.kept,
                KEPT
            ));
            loop {
                tokio::select! {
                    fine = &mut conversation => break Some(fine),
                    () = &mut complaints, if !read_to_the_end => read_to_the_end = true,
                    () = stop.requested() => break None,
                }
            }
        };
        // a client that falls silent may be dying: its own end tells more than ours
        let own_end = if said == Some(false) {
            tokio::time::timeout(OUTPUT_GRACE, child.wait()).await.ok()
        } else {
            None
        };
        drop(input);
        let _ = child.wait().await;
        let rest = async {
            tokio::join!(self.out.read(Some(stdout), total), async {
                if !read_to_the_end {
                    complaints.await
                }
            })
        };
        let _ = tokio::time::timeout(OUTPUT_GRACE, rest).await;
        match (
            said,
            own_end.map(|status| status.ok().and_then(|status| status.code())),
        ) {
            (None, _) => ClientOutcome::Killed,
            (Some(true), _) => ClientOutcome::Success,
            (Some(false), Some(None)) => ClientOutcome::Crash,
            (Some(false), Some(Some(NOT_EXECUTABLE | NOT_FOUND)))
                if self.watched.shared.is_untouched() =>
            {
                ClientOutcome::NotStarted
            }
            (Some(false), _) => ClientOutcome::Failure,
        }
    }

    async fn until_the_end(&mut self, mut child: Child, mut stop: StopSignal) -> ClientOutcome {
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        // some clients end when their standard input does, so it stays open; the guard ends when it
        // closes
        let mut input = child.stdin.take();
        let (out, err, total) = (&mut self.out, &mut self.err, &*self.home.output);
        let mut reading =
            pin!(async { tokio::join!(out.read(stdout, total), err.read(stderr, total)) });
        let mut read_to_the_end = false;
        let status = loop {
            tokio::select! {
                status = child.wait() => break status,
                _ = &mut reading, if !read_to_the_end => read_to_the_end = true,
                () = stop.requested(), if input.is_some() => drop(input.take()),
            }
        };
        if !read_to_the_end {
            let _ = tokio::time::timeout(OUTPUT_GRACE, reading).await;
        }
        let code = status.ok().and_then(|status: ExitStatus| status.code());
        if code.is_none() {
            self.home.end_all_that_live_here().await;
        }
        match code {
            _ if input.is_none() => ClientOutcome::Killed,
            Some(0) => ClientOutcome::Success,
            Some(NOT_EXECUTABLE | NOT_FOUND) if self.watched.shared.is_untouched() => {
                ClientOutcome::NotStarted
            }
            Some(_) => ClientOutcome::Failure,
            None => ClientOutcome::Crash,
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut shown = self
            .home
            .shown
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (surface, captured) in [("stdout", &self.out), ("stderr", &self.err)] {
            let text = captured.text();
            self.watched.shared.record_display(surface, &text);
            shown.insert(format!("{surface}.{}", self.start), text.into_bytes());
        }
    }
}

/// A port that nobody listens on.
fn free_port() -> std::io::Result<u16> {
    ports::candidates(ports::CLIENTS)
        .find(|port| std::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| std::io::Error::other("no port is free"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_is_last_where_nothing_says_where_it_goes() {
        let arguments = |about: ClientFile| {
            CommandClient::new(&about)
                .unwrap()
                .command
                .arguments(&[("url", "U")])
        };
        let words = |words: &[&str]| {
            Some(
                words
                    .iter()
                    .map(|word| (*word).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        let plain = |given| ClientFile {
            command: words(given),
            ..ClientFile::default()
        };
        assert_eq!(arguments(plain(&["sh", "-c", "a b"])), ["-c", "a b", "U"]);
        assert_eq!(
            arguments(plain(&["sh", "--url={url}", "x"])),
            ["--url=U", "x"]
        );
        let setup = words(&["sh", "add", "{url}"]).map(|command| vec![command]);
        assert_eq!(
            arguments(ClientFile {
                setup,
                ..plain(&["sh", "x"])
            }),
            ["x"]
        );
    }

    #[test]
    fn free_ports_differ() {
        assert_ne!(free_port().unwrap(), free_port().unwrap());
    }
}
