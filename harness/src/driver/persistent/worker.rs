//! One process of a client that takes scenario after scenario, one at a time.

use std::io;
use std::time::Duration;

use process_wrap::tokio::ChildWrapper;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};

use super::lines::{Lines, Read};
use super::protocol::{Answer, Hello, Line, PROTOCOL, Request};
use crate::driver::Watched;
use crate::driver::process::{CommandClient, KEPT_OUTPUT, spawn};
use crate::driver::sandbox::Sandbox;

/// Tells a program that serves both modes which one is wanted. Its value is [`PROTOCOL`].
const MODE_VARIABLE: &str = "MCP_AUTHSPEC_PERSISTENT";

/// A client process, from its hello to its end. Dropping it kills its whole group.
pub(super) struct Worker {
    conversation: Conversation,
    /// Where the process itself lives; what it stores belongs into the home of each request.
    sandbox: Sandbox,
    /// Whether it has served a scenario already.
    pub(super) used: bool,
    child: Box<dyn ChildWrapper>,
}

/// Why a process cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum HelloError {
    /// The system does not start it.
    #[error("cannot start the client: {0}")]
    NotStarted(#[from] io::Error),
    /// It ended before.
    #[error("the client ended without a hello\n  help: {HELP}")]
    Ended,
    /// It said nothing in time.
    #[error("the client said no hello within {} s\n  help: {HELP}", .0.as_secs_f64())]
    Silent(Duration),
    /// It said something like it.
    #[error("the client's first line is no hello: {0}\n  help: {HELP}")]
    Wrong(String),
    /// It speaks another version.
    #[error("the client speaks version {0} of persistent mode, and this is version {PROTOCOL}\n  help: bring one of them up to date")]
    Version(u32),
}

const HELP: &str =
    "with --persistent a client starts with a line like {\"protocol\":1,\"name\":\"my-client\"}; ci/clients/PERSISTENT.md tells the rest";

/// How a request ended.
pub(super) enum End {
    Answered(Answer),
    /// The process is gone.
    Gone,
    /// It answered something that is no answer to this.
    Wrong(String),
}

/// What was heard from a client besides answers, to a bound.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) out: Vec<u8>,
    pub(super) err: Vec<u8>,
}

impl Worker {
    /// Starts a process and waits for its hello.
    pub(super) async fn start(client: &CommandClient, umask: Option<u32>, heard: &mut Heard) -> Result<(Self, Hello), HelloError> {
        let sandbox = Sandbox::new()?;
        let mode = vec![(MODE_VARIABLE, PROTOCOL.to_string())];
        let mut child = spawn(&client.program, &client.arguments, umask, &sandbox, mode)?;
        let streams = (child.stdin().take(), child.stdout().take(), child.stderr().take());
        let (Some(requests), Some(stdout), Some(errors)) = streams else { return Err(HelloError::Ended) };
        let conversation = Conversation { requests, lines: Lines::new(stdout), errors, answered: Vec::new() };
        let mut worker = Self { conversation, sandbox, used: false, child };
        let hello = worker.conversation.hello(heard).await?;
        Ok((worker, hello))
    }

    /// Lets the process serve one request. What it leaves outside the request's home is looked at and removed.
    pub(super) async fn serve(&mut self, request: &Request, watched: &Watched, heard: &mut Heard) -> End {
        self.sandbox.clear();
        self.used = true;
        let end = tokio::select! {
            end = self.conversation.ask(request, heard) => end,
            broken = self.sandbox.watch_browsers(watched) => End::Wrong(format!("its browser is lost: {broken:?}")),
        };
        self.sandbox.inspect(watched);
        end
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
    }
}

struct Conversation {
    requests: ChildStdin,
    lines: Lines<ChildStdout>,
    errors: ChildStderr,
    answered: Vec<u64>,
}

impl Conversation {
    async fn hello(&mut self, heard: &mut Heard) -> Result<Hello, HelloError> {
        loop {
            match self.next(heard).await {
                Some(Line::Hello(hello)) if hello.protocol == PROTOCOL => return Ok(hello),
                Some(Line::Hello(hello)) => return Err(HelloError::Version(hello.protocol)),
                Some(Line::Answer(_)) => return Err(HelloError::Wrong("it is an answer".to_owned())),
                Some(Line::Wrong(problem)) => return Err(HelloError::Wrong(problem)),
                Some(Line::Output) => {}
                None => return Err(HelloError::Ended),
            }
        }
    }

    async fn ask(&mut self, request: &Request, heard: &mut Heard) -> End {
        let Ok(mut line) = serde_json::to_vec(request) else { return End::Wrong("the request cannot be written".to_owned()) };
        line.push(b'\n');
        if self.requests.write_all(&line).await.is_err() {
            return End::Gone;
        }
        loop {
            match self.next(heard).await {
                Some(Line::Answer(answer)) if answer.id == request.id => {
                    self.answered.push(answer.id);
                    heard.rest_of(&self.errors);
                    return End::Answered(answer);
                }
                // said twice: the first time counted
                Some(Line::Answer(answer)) if self.answered.contains(&answer.id) => {}
                Some(Line::Answer(answer)) => return End::Wrong(format!("its answer has the id {}, asked was {}", answer.id, request.id)),
                Some(Line::Wrong(problem)) => return End::Wrong(format!("its answer cannot be read: {problem}")),
                Some(Line::Hello(_)) => return End::Wrong("it said hello again".to_owned()),
                Some(Line::Output) => {}
                None => {
                    heard.rest_of(&self.errors);
                    return End::Gone;
                }
            }
        }
    }

    /// The next line on standard output, with everything heard until then.
    async fn next(&mut self, heard: &mut Heard) -> Option<Line> {
        let mut buffer = vec![0; 16 * 1024];
        let mut errors_end = false;
        loop {
            tokio::select! {
                line = self.lines.next() => {
                    return match line? {
                        Read::Line(text) => {
                            let line = Line::read(&text);
                            if line == Line::Output {
                                keep(&mut heard.out, format!("{text}\n").as_bytes());
                            }
                            Some(line)
                        }
                        Read::Overlong(text) => {
                            keep(&mut heard.out, text.as_bytes());
                            Some(Line::Output)
                        }
                    };
                }
                count = self.errors.read(&mut buffer), if !errors_end => match count {
                    Ok(count @ 1..) => keep(&mut heard.err, &buffer[..count]),
                    _ => errors_end = true,
                },
            }
        }
    }
}

impl Heard {
    /// What lies in the pipe already: all that was said on standard error before the answer.
    fn rest_of(&mut self, errors: &ChildStderr) {
        let mut buffer = vec![0; 16 * 1024];
        // the pipe does not block, and a client that never stops does not keep us here
        while let Ok(count @ 1..) = nix::unistd::read(errors, &mut buffer) {
            keep(&mut self.err, &buffer[..count]);
            if self.err.len() >= KEPT_OUTPUT {
                break;
            }
        }
    }
}

fn keep(kept: &mut Vec<u8>, bytes: &[u8]) {
    let room = KEPT_OUTPUT.saturating_sub(kept.len()).min(bytes.len());
    kept.extend_from_slice(&bytes[..room]);
}
