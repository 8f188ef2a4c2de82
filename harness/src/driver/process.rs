//! Drives a client as a process per start: under a guard, in its own home, output to a bound, ended whole when its time is up.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{AccessFlags, Pid, access};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;

use super::guard::{NOT_EXECUTABLE, NOT_FOUND, guarded};
use super::processes::{activity, living_in};
use super::sandbox::{Sandbox, inspect_users_folder};
use super::surroundings::{Surroundings, WorkingDirectory};
use super::{Client, Home, Launch, Outcome, Signs, Stop, Watched, contract};

/// How much of each output stream is kept, in bytes; the rest is read, counted and thrown away.
const KEPT_OUTPUT: usize = 256 * 1024;
/// How long output may come in after the process has ended, from descendants that cannot be killed.
const OUTPUT_GRACE: Duration = Duration::from_millis(500);
/// How often processes whose guard was killed are looked for.
const SEARCHES: u32 = 500;
/// The pause between two searches.
const SEARCH_PAUSE: Duration = Duration::from_millis(10);
/// Stands for the URL in a command; without it the URL is the last argument.
pub(super) const URL_PLACEHOLDER: &str = "{url}";

/// A client that is started by a command.
#[derive(Debug, Clone)]
pub struct CommandClient {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) named: bool,
    pub(super) surroundings: Surroundings,
}

/// What is wrong with a command.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Nothing to run.
    #[error("the client command is empty\n  help: write the program and its arguments after `--`, or as one string with --command")]
    Empty,
    /// A quote is not closed.
    #[error("the client command has an unclosed quote: {0}\n  help: it is split as a shell would, and no shell runs it")]
    Quotes(String),
    /// There is no such program.
    #[error(
        "cannot find the client program `{0}`\n  help: give a path, or a name that is on PATH; relative paths start at the current folder"
    )]
    NoSuchProgram(String),
    /// Persistent mode has no URL to put anywhere.
    #[error("`{{url}}` has no place in a command with --persistent\n  help: leave it out; the URL comes with each request")]
    UrlInPersistentMode,
}

impl CommandClient {
    /// A command in words.
    pub fn from_words(words: Vec<String>, named: bool) -> Result<Self, CommandError> {
        let mut words = words.into_iter();
        let name = words.next().ok_or(CommandError::Empty)?;
        let program = find_program(&name).ok_or(CommandError::NoSuchProgram(name))?;
        Ok(Self { program, arguments: words.collect(), named, surroundings: Surroundings::default() })
    }

    /// The same client with more or less of the user's surroundings.
    #[must_use]
    pub fn within(self, surroundings: Surroundings) -> Self {
        Self { surroundings, ..self }
    }

    /// A command in one string, split as a shell would; no shell runs it.
    pub fn from_line(line: &str, named: bool) -> Result<Self, CommandError> {
        let words = shlex::split(line).ok_or_else(|| CommandError::Quotes(line.to_owned()))?;
        Self::from_words(words, named)
    }

    fn arguments_for(&self, url: &str) -> Vec<String> {
        let mut placed = false;
        let mut out: Vec<String> = self
            .arguments
            .iter()
            .map(|a| {
                placed |= a.contains(URL_PLACEHOLDER);
                self.surroundings.argument(a).replace(URL_PLACEHOLDER, url)
            })
            .collect();
        if !placed {
            out.push(url.to_owned());
        }
        out
    }
}

impl CommandClient {
    /// Starts the program under a guard, living in a sandbox.
    pub(super) fn spawn(
        &self,
        arguments: Vec<String>,
        umask: Option<u32>,
        sandbox: &Sandbox,
        told: Vec<(&'static str, String)>,
    ) -> std::io::Result<Child> {
        let surroundings = &self.surroundings;
        let passed = surroundings.environment(std::env::vars_os());
        let mut command = guarded(self.program.as_os_str(), umask)?;
        command
            .args(arguments)
            .env_clear()
            .envs(passed)
            .envs(surroundings.set.iter())
            .envs(self.home_environment(sandbox))
            .envs(told)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        match &surroundings.working_directory {
            WorkingDirectory::Inherited => &mut command,
            WorkingDirectory::Own => command.current_dir(sandbox.working_directory()),
            WorkingDirectory::At(folder) => command.current_dir(folder),
        }
        .spawn()
    }

    /// The variables that make a client live in a sandbox.
    pub(super) fn home_environment(&self, sandbox: &Sandbox) -> impl Iterator<Item = (&'static str, OsString)> {
        let set = &self.surroundings.set;
        let path = set.get("PATH").map(OsString::from).or_else(|| std::env::var_os("PATH"));
        sandbox.environment(path).into_iter().filter(|(name, _)| *name == "PATH" || !set.contains_key(*name))
    }

    /// Tells the world what files the client left.
    pub(super) fn inspect(&self, sandbox: &Sandbox, watched: &Watched) {
        match &self.surroundings.working_directory {
            WorkingDirectory::Own => {}
            WorkingDirectory::At(folder) => inspect_users_folder(folder, watched),
            WorkingDirectory::Inherited => inspect_users_folder(Path::new("."), watched),
        }
        sandbox.inspect(watched);
    }
}

fn find_program(name: &str) -> Option<PathBuf> {
    let runs = |path: &PathBuf| path.is_file() && access(path, AccessFlags::X_OK).is_ok();
    if name.contains('/') {
        return Some(std::env::current_dir().ok()?.join(name)).filter(runs);
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(runs)
}

impl Client for CommandClient {
    fn settle(&self) -> std::io::Result<Box<dyn Home>> {
        let sandbox = Sandbox::new()?;
        Ok(Box::new(ProcessHome {
            client: self.clone(),
            sandbox,
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
    /// The process above the client's, while one runs.
    guard: Mutex<Option<Pid>>,
    /// Bytes written by the client so far.
    output: Arc<AtomicU64>,
    /// What was captured, by stream and start.
    shown: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Home for ProcessHome {
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        Box::pin(async move {
            let Ok(bell) = self.sandbox.restore().and_then(|()| self.sandbox.bell_of_browsers()) else { return Outcome::NotStarted };
            let Ok(child) = self.spawn(&launch) else { return Outcome::NotStarted };
            let guard = child.id().and_then(|pid| pid.try_into().ok()).map(Pid::from_raw);
            *self.guard.lock().unwrap_or_else(PoisonError::into_inner) = guard;
            let mut running = Running {
                home: self,
                watched: launch.watched.clone(),
                start: launch.run,
                out: Captured::default(),
                err: Captured::default(),
            };
            let outcome = tokio::select! {
                outcome = running.until_the_end(child, launch.stop) => outcome,
                () = self.sandbox.watch_browsers(bell, &launch.watched) => Outcome::NotStarted,
            };
            *self.guard.lock().unwrap_or_else(PoisonError::into_inner) = None;
            outcome
        })
    }

    fn signs(&self) -> Option<Signs> {
        let guard = (*self.guard.lock().unwrap_or_else(PoisonError::into_inner))?;
        let activity = activity(guard)?;
        Some(Signs { ticks: activity.ticks, asleep: activity.asleep, output: self.output.load(Ordering::Relaxed) })
    }

    fn inspect(&self, watched: &Watched) {
        self.client.inspect(&self.sandbox, watched);
    }

    fn keep(&self, to: &Path) -> std::io::Result<()> {
        self.sandbox.keep(to)?;
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.iter().try_for_each(|(name, bytes)| std::fs::write(to.join(name), bytes))
    }
}

impl ProcessHome {
    fn spawn(&self, launch: &Launch) -> std::io::Result<Child> {
        let url = launch.urls.first().map(String::as_str).unwrap_or_default();
        let arguments = self.client.arguments_for(url);
        self.client.spawn(arguments, launch.umask, &self.sandbox, contract::environment(launch, self.client.named))
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

/// A client process. Dropping it tells the world what it had shown until then.
struct Running<'a> {
    home: &'a ProcessHome,
    watched: Watched,
    start: u32,
    out: Captured,
    err: Captured,
}

impl Running<'_> {
    async fn until_the_end(&mut self, mut child: Child, mut stop: Stop) -> Outcome {
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        // some clients end when their standard input does, so it stays open; the guard ends when it closes
        let mut input = child.stdin.take();
        let (out, err, total) = (&mut self.out, &mut self.err, &*self.home.output);
        let mut reading = std::pin::pin!(async { tokio::join!(out.read(stdout, total), err.read(stderr, total)) });
        let mut read_to_the_end = false;
        let status = loop {
            tokio::select! {
                status = child.wait() => break status,
                _ = &mut reading, if !read_to_the_end => read_to_the_end = true,
                () = stop.asked(), if input.is_some() => drop(input.take()),
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
            _ if input.is_none() => Outcome::Killed,
            Some(0) => Outcome::Success,
            Some(NOT_EXECUTABLE | NOT_FOUND) if self.watched.shared.is_untouched() => Outcome::NotStarted,
            Some(_) => Outcome::Failure,
            None => Outcome::Crash,
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut shown = self.home.shown.lock().unwrap_or_else(PoisonError::into_inner);
        for (surface, captured) in [("stdout", &self.out), ("stderr", &self.err)] {
            let text = captured.text();
            self.watched.shared.displayed(surface, &text);
            shown.insert(format!("{surface}.{}", self.start), text.into_bytes());
        }
    }
}

/// Output up to a bound, and how much more there was.
#[derive(Debug, Default)]
pub(super) struct Captured {
    kept: Vec<u8>,
    more: u64,
}

impl Captured {
    async fn read(&mut self, stream: Option<impl AsyncRead + Unpin>, total: &AtomicU64) {
        let Some(mut stream) = stream else { return };
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            self.keep(&buffer[..count]);
            total.fetch_add(count as u64, Ordering::Relaxed);
        }
    }

    pub(super) fn keep(&mut self, bytes: &[u8]) {
        let room = KEPT_OUTPUT.saturating_sub(self.kept.len()).min(bytes.len());
        self.kept.extend_from_slice(&bytes[..room]);
        self.more += (bytes.len() - room) as u64;
    }

    pub(super) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.kept);
        if self.more == 0 { text.into_owned() } else { format!("{text}\n[{} bytes more]\n", self.more) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_goes_where_the_placeholder_is_or_last() {
        let client = |line| CommandClient::from_line(line, false).unwrap();
        assert_eq!(client("sh -c 'a b' x").arguments_for("U"), ["-c", "a b", "x", "U"]);
        assert_eq!(client("sh --url={url} x").arguments_for("U"), ["--url=U", "x"]);
    }

    #[test]
    fn errors_say_what_to_do() {
        let text = |line| CommandClient::from_line(line, false).unwrap_err().to_string();
        insta::assert_snapshot!([text(""), text("sh 'x"), text("no-such-program-anywhere x")].join("\n"));
    }
}
