//! One process of a client that takes scenario after scenario, one at a time.

use std::io;
use std::time::Duration;

use nix::unistd::Pid;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};

use super::line_reader::{Lines, Read};
use super::protocol::{Line, PROTOCOL, PersistentAnswer, PersistentHello, PersistentRequest};
use crate::driver::launch::WorldHandle;
use crate::driver::process::{Captured, CommandClient, NOT_EXECUTABLE, NOT_FOUND, Sandbox, Told};

/// Tells a program that serves both modes which one is wanted. Its value is [`PROTOCOL`].
const MODE_VARIABLE: &str = "MCP_AUTHSPEC_PERSISTENT";

/// How often standard error is read after an answer: twice what a pipe can hold.
const MOST_READS: u32 = 8;
/// How much of what the client said without being asked is repeated, in characters.
const REPEATED: usize = 500;

/// A client process, from its hello to its end. Dropping it closes its input, and so its guard ends
/// it with all that it started.
pub(super) struct Worker {
    conversation: Conversation,
    /// Where the process itself lives; what it stores belongs into the home of each request.
    sandbox: Sandbox,
    /// Whether it has served a scenario already.
    pub(super) used: bool,
    /// The guard above the client.
    child: Child,
}

/// Why a process cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum HelloError {
    /// The system does not start it.
    #[error("cannot start the client: {0}")]
    NotStarted(#[from] io::Error),
    /// It ended before.
    #[error("the client ended without a hello{0}\n  help: {HELP}")]
    Ended(String),
    /// It said nothing in time.
    #[error("the client said no hello within {} s\n  help: {HELP}", .0.as_secs_f64())]
    Silent(Duration),
    /// It said something like it.
    #[error("the client's first line is no hello: {0}\n  help: {HELP}")]
    Wrong(String),
    /// It speaks another version.
    #[error(
        "the client speaks version {0} of persistent mode, and this is version {PROTOCOL}\n  help: bring one of them up to date"
    )]
    Version(u32),
}

const HELP: &str = "with --persistent a client starts with a line like {\"protocol\":1,\"name\":\"my-client\"}; ci/clients/PERSISTENT.md tells the rest";

/// How a request ended.
pub(super) enum End {
    Answered(PersistentAnswer),
    /// The process is gone.
    Gone,
    /// It answered something that is no answer to this.
    Wrong(String),
}

/// What was heard from a client besides answers, to a bound.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) out: Captured,
    pub(super) err: Captured,
}

impl Worker {
    /// Starts a process and waits for its hello.
    pub(super) async fn start(
        client: &CommandClient,
        umask: Option<u32>,
        heard: &mut Heard,
    ) -> Result<(Self, PersistentHello), HelloError> {
        let sandbox = Sandbox::new()?;
        let mode = vec![(MODE_VARIABLE, PROTOCOL.to_string())];
        let mut child = client.spawn(
            &client.written,
            &sandbox,
            &Told {
                umask,
                contract: mode,
                ..Told::default()
            },
        )?;
        let streams = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(requests), Some(stdout), Some(errors)) = streams else {
            return Err(HelloError::Ended(String::new()));
        };
        let conversation = Conversation {
            requests,
            lines: Lines::new(stdout),
            errors,
            answered: Vec::new(),
        };
        let mut worker = Self {
            conversation,
            sandbox,
            used: false,
            child,
        };
        let Some(hello) = worker.conversation.hello(heard).await? else {
            return Err(worker.why_it_ended(heard).await);
        };
        Ok((worker, hello))
    }

    async fn why_it_ended(self, heard: &Heard) -> HelloError {
        match self.end().await {
            Some(NOT_EXECUTABLE | NOT_FOUND) => {
                HelloError::NotStarted(io::Error::other(heard.said()))
            }
            _ => HelloError::Ended(
                Some(heard.said())
                    .filter(|said| !said.is_empty())
                    .map_or_else(String::new, |said| format!(": {said}")),
            ),
        }
    }

    /// Ends the process and all that it started; returns when that is done, with its exit code.
    pub(super) async fn end(self) -> Option<i32> {
        let Self {
            conversation,
            mut child,
            sandbox,
            ..
        } = self;
        drop(conversation);
        let code = child.wait().await.ok().and_then(|status| status.code());
        drop(sandbox);
        code
    }

    /// The guard, which all processes of the client descend from.
    pub(super) fn guard(&self) -> Option<Pid> {
        self.child
            .id()
            .and_then(|pid| pid.try_into().ok())
            .map(Pid::from_raw)
    }

    /// Lets the process serve one request. What it leaves outside the request's home is looked at
    /// and removed.
    pub(super) async fn serve(
        &mut self,
        client: &CommandClient,
        request: &PersistentRequest,
        watched: &WorldHandle,
        heard: &mut Heard,
    ) -> End {
        self.used = true;
        let bell = match self
            .sandbox
            .clear()
            .and_then(|()| self.sandbox.bell_of_browsers())
        {
            Ok(bell) => bell,
            Err(error) => return End::Wrong(format!("its own folder is lost: {error}")),
        };
        let end = tokio::select! {
            end = self.conversation.ask(request, heard) => end,
            () = self.sandbox.watch_browsers(bell, watched) => End::Gone,
        };
        client.record_files(&self.sandbox, watched);
        end
    }
}

struct Conversation {
    requests: ChildStdin,
    lines: Lines<ChildStdout>,
    errors: ChildStderr,
    answered: Vec<u64>,
}

impl Conversation {
    /// Its first line that is no output; `None`: it has ended.
    async fn hello(&mut self, heard: &mut Heard) -> Result<Option<PersistentHello>, HelloError> {
        loop {
            match self.next(heard).await {
                Some(Line::Hello(hello)) if hello.protocol == PROTOCOL => return Ok(Some(hello)),
                Some(Line::Hello(hello)) => return Err(HelloError::Version(hello.protocol)),
                Some(Line::Answer(_)) => {
                    return Err(HelloError::Wrong("it is an answer".to_owned()));
                }
                Some(Line::Wrong(problem)) => return Err(HelloError::Wrong(problem)),
                Some(Line::Output) => {}
                None => {
                    heard.rest_of(&self.errors);
                    return Ok(None);
                }
            }
        }
    }

    async fn ask(&mut self, request: &PersistentRequest, heard: &mut Heard) -> End {
        let Ok(mut line) = serde_json::to_vec(request) else {
            return End::Wrong("the request cannot be written".to_owned());
        };
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
                Some(Line::Answer(answer)) => {
                    return End::Wrong(format!(
                        "its answer has the id {}, asked was {}",
                        answer.id, request.id
                    ));
                }
                Some(Line::Wrong(problem)) => {
                    return End::Wrong(format!("its answer cannot be read: {problem}"));
                }
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
                                heard.out.keep(format!("{text}\n").as_bytes());
                            }
                            Some(line)
                        }
                        Read::Overlong(text) => {
                            heard.out.keep(text.as_bytes());
                            Some(Line::Output)
                        }
                    };
                }
                count = self.errors.read(&mut buffer), if !errors_end => match count {
                    Ok(count @ 1..) => heard.err.keep(&buffer[..count]),
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
        // the pipe does not block; a client that goes on and on is not listened to for ever
        for _ in 0..MOST_READS {
            let Ok(count @ 1..) = nix::unistd::read(errors, &mut buffer) else {
                return;
            };
            self.err.keep(&buffer[..count]);
        }
    }

    /// The beginning of what was heard, in one line.
    fn said(&self) -> String {
        let words = format!("{} {}", self.err.text(), self.out.text());
        let line = words
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|w| !w.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        line.chars().take(REPEATED).collect()
    }
}
