//! Drives a client as a process per start: its own group, its own home, output to a bound, killed whole when its time is up.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::Stdio;
use std::time::Duration;

use process_wrap::tokio::{ChildWrapper, CommandWrap, KillOnDrop, ProcessGroup};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::sandbox::Sandbox;
use super::{Client, Home, Launch, Outcome, Watched, contract};

/// How much of each output stream is kept, in bytes; the rest is read and thrown away.
pub(super) const KEPT_OUTPUT: usize = 1024 * 1024;
/// How long output may come in after the process has ended, from descendants that are being killed.
const OUTPUT_GRACE: Duration = Duration::from_millis(500);
/// Stands for the URL in a command; without it the URL is the last argument.
pub(super) const URL_PLACEHOLDER: &str = "{url}";

/// A client that is started by a command.
#[derive(Debug, Clone)]
pub struct CommandClient {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<String>,
    pub(super) named: bool,
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
        Ok(Self { program, arguments: words.collect(), named })
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
                a.replace(URL_PLACEHOLDER, url)
            })
            .collect();
        if !placed {
            out.push(url.to_owned());
        }
        out
    }
}

fn find_program(name: &str) -> Option<PathBuf> {
    if name.contains('/') {
        let path = std::env::current_dir().ok()?.join(name);
        return path.is_file().then_some(path);
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

impl Client for CommandClient {
    fn settle(&self) -> std::io::Result<Box<dyn Home>> {
        Ok(Box::new(ProcessHome { client: self.clone(), sandbox: Sandbox::new()? }))
    }

    fn is_separate_process(&self) -> bool {
        true
    }
}

struct ProcessHome {
    client: CommandClient,
    sandbox: Sandbox,
}

impl Home for ProcessHome {
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>> {
        Box::pin(async move {
            let Ok(child) = self.spawn(&launch) else { return Outcome::NotStarted };
            let mut running = Running { child, watched: launch.watched.clone(), out: Vec::new(), err: Vec::new() };
            tokio::select! {
                outcome = running.until_the_end() => outcome,
                _ = self.sandbox.watch_browsers(&launch.watched) => Outcome::NotStarted,
            }
        })
    }

    fn inspect(&self, watched: &Watched) {
        self.sandbox.inspect(watched);
    }
}

impl ProcessHome {
    fn spawn(&self, launch: &Launch) -> std::io::Result<Box<dyn ChildWrapper>> {
        let url = launch.urls.first().map(String::as_str).unwrap_or_default();
        let arguments = self.client.arguments_for(url);
        let told = contract::environment(launch, self.client.named);
        spawn(&self.client.program, &arguments, launch.umask, &self.sandbox, told)
    }
}

/// Starts a program in a sandbox, in a process group of its own, with pipes as its standard streams.
pub(super) fn spawn(
    program: &Path,
    arguments: &[String],
    umask: Option<u32>,
    sandbox: &Sandbox,
    told: Vec<(&'static str, String)>,
) -> std::io::Result<Box<dyn ChildWrapper>> {
    let mut command = match umask {
        None => tokio::process::Command::new(program),
        Some(mask) => {
            let mut shell = tokio::process::Command::new("/bin/sh");
            shell.arg("-c").arg(format!("umask {mask:03o}; exec \"$0\" \"$@\"")).arg(program);
            shell
        }
    };
    command
        .args(arguments)
        .envs(sandbox.environment())
        .env_remove("MCP_CONFORMANCE_CONTEXT")
        .envs(told)
        // some clients end when their standard input does, so it stays open
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    CommandWrap::from(command).wrap(ProcessGroup::leader()).wrap(KillOnDrop).spawn()
}

/// A client process. Dropping it kills its whole group and tells the world what it had shown until then.
struct Running {
    child: Box<dyn ChildWrapper>,
    watched: Watched,
    out: Vec<u8>,
    err: Vec<u8>,
}

impl Running {
    async fn until_the_end(&mut self) -> Outcome {
        let (stdout, stderr) = (self.child.stdout().take(), self.child.stderr().take());
        let (out, err) = (&mut self.out, &mut self.err);
        let mut reading = std::pin::pin!(async { tokio::join!(read_bounded(stdout, out), read_bounded(stderr, err)) });
        let mut read_to_the_end = false;
        let status = {
            // the child itself, not its group: a descendant that stays behind does not keep the run going
            let mut waiting = std::pin::pin!(self.child.inner_mut().wait());
            loop {
                tokio::select! {
                    status = &mut waiting => break status,
                    _ = &mut reading, if !read_to_the_end => read_to_the_end = true,
                }
            }
        };
        let _ = self.child.start_kill();
        if !read_to_the_end {
            let _ = tokio::time::timeout(OUTPUT_GRACE, reading).await;
        }
        match status.ok().and_then(|s| s.code()) {
            Some(0) => Outcome::Success,
            Some(_) => Outcome::Failure,
            None => Outcome::Crash,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        for (surface, bytes) in [("stdout", &self.out), ("stderr", &self.err)] {
            self.watched.shared.displayed(surface, &String::from_utf8_lossy(bytes));
        }
    }
}

async fn read_bounded(stream: Option<impl AsyncRead + Unpin>, kept: &mut Vec<u8>) {
    let Some(mut stream) = stream else { return };
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        let room = KEPT_OUTPUT.saturating_sub(kept.len()).min(count);
        kept.extend_from_slice(&buffer[..room]);
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
