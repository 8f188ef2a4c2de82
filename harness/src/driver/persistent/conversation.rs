//! The lines that harness and client exchange in persistent mode.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};

use super::line_reader::{BoundedLine, LineReader};
use super::protocol::{ClientLine, PROTOCOL, PersistentAnswer, PersistentHello, PersistentRequest};
use crate::driver::process::CapturedStreams;

/// How often standard error is read after an answer: twice what a pipe can hold.
const MAX_READS: u32 = 8;
/// How much of a client's output is quoted in an error, in characters.
const MAX_QUOTED: usize = 500;

/// Why a process cannot take scenarios.
#[derive(Debug, thiserror::Error)]
pub enum HelloError {
    /// The system cannot start it.
    #[error("cannot start the client: {0}")]
    NotStarted(#[from] io::Error),
    /// It ended without a hello. The text is empty, or what the client wrote after a colon.
    #[error("the client ended before it wrote a hello line{0}\n  help: {HELP}")]
    Ended(String),
    /// It did not write a hello in time.
    #[error("the client wrote no hello line within {} s\n  help: {HELP}", .0.as_secs_f64())]
    TimedOut(Duration),
    /// It wrote a JSON line that is not a hello.
    #[error("the client's first JSON line is not a hello line: {0}\n  help: {HELP}")]
    Invalid(String),
    /// It speaks another version of the protocol.
    #[error(
        "the client speaks version {0} of persistent mode, and the suite speaks version \
         {PROTOCOL}\n  help: update the older of the two"
    )]
    Version(u32),
}

const HELP: &str = "with --persistent, a client starts by writing a line such as \
    {\"protocol\":1,\"name\":\"my-client\"} to its standard output; see ci/clients/PERSISTENT.md";

/// How a request ended.
pub(super) enum RequestEnd {
    Answered(PersistentAnswer),
    /// The process has ended.
    ProcessEnded,
    /// The client wrote something that the protocol does not allow here.
    ProtocolViolation(String),
}

/// The standard streams of a client process in persistent mode.
pub(super) struct Conversation {
    requests: ChildStdin,
    lines: LineReader<ChildStdout>,
    errors: ChildStderr,
    /// The ids of the requests that were answered.
    answered: Vec<u64>,
}

impl Conversation {
    /// Takes over the streams of a process. `None`: it has none.
    pub(super) fn new(child: &mut Child) -> Option<Self> {
        Some(Self {
            requests: child.stdin.take()?,
            lines: LineReader::new(child.stdout.take()?),
            errors: child.stderr.take()?,
            answered: Vec::new(),
        })
    }

    /// Reads the client's hello. `None`: the process has ended.
    pub(super) async fn read_hello(
        &mut self,
        streams: &mut CapturedStreams,
    ) -> Result<Option<PersistentHello>, HelloError> {
        loop {
            match self.next_line(streams).await {
                Some(ClientLine::Hello(hello)) if hello.protocol == PROTOCOL => {
                    return Ok(Some(hello));
                }
                Some(ClientLine::Hello(hello)) => return Err(HelloError::Version(hello.protocol)),
                Some(ClientLine::Answer(_)) => {
                    return Err(HelloError::Invalid("it is an answer".to_owned()));
                }
                Some(ClientLine::Invalid(problem)) => return Err(HelloError::Invalid(problem)),
                Some(ClientLine::Output) => {}
                None => {
                    self.read_pending_errors(streams);
                    return Ok(None);
                }
            }
        }
    }

    /// Sends a request and waits for its answer.
    pub(super) async fn exchange(
        &mut self,
        request: &PersistentRequest,
        streams: &mut CapturedStreams,
    ) -> RequestEnd {
        let violation = |problem: String| RequestEnd::ProtocolViolation(problem);
        let Ok(mut line) = serde_json::to_vec(request) else {
            return violation("the request cannot be written as JSON".to_owned());
        };
        line.push(b'\n');
        if self.requests.write_all(&line).await.is_err() {
            return RequestEnd::ProcessEnded;
        }
        loop {
            match self.next_line(streams).await {
                Some(ClientLine::Answer(answer)) if answer.id == request.id => {
                    self.answered.push(answer.id);
                    self.read_pending_errors(streams);
                    return RequestEnd::Answered(answer);
                }
                // a second answer to an earlier request; the first one counted
                Some(ClientLine::Answer(answer)) if self.answered.contains(&answer.id) => {}
                Some(ClientLine::Answer(answer)) => {
                    let (found, expected) = (answer.id, request.id);
                    return violation(format!(
                        "its answer has the id {found}, and the request has the id {expected}"
                    ));
                }
                Some(ClientLine::Invalid(problem)) => {
                    return violation(format!("its answer cannot be read: {problem}"));
                }
                Some(ClientLine::Hello(_)) => {
                    return violation("it wrote a second hello line".to_owned());
                }
                Some(ClientLine::Output) => {}
                None => {
                    self.read_pending_errors(streams);
                    return RequestEnd::ProcessEnded;
                }
            }
        }
    }

    /// The next line on standard output. Everything that is written until then is captured.
    async fn next_line(&mut self, streams: &mut CapturedStreams) -> Option<ClientLine> {
        let mut buffer = vec![0; 16 * 1024];
        let mut has_read_errors = false;
        loop {
            tokio::select! {
                line = self.lines.next() => {
                    return match line? {
                        BoundedLine::Whole(text) => {
                            let line = ClientLine::parse(&text);
                            if line == ClientLine::Output {
                                streams.stdout.add(format!("{text}\n").as_bytes());
                            }
                            Some(line)
                        }
                        BoundedLine::TooLong(text) => {
                            streams.stdout.add(text.as_bytes());
                            Some(ClientLine::Output)
                        }
                    };
                }
                count = self.errors.read(&mut buffer), if !has_read_errors => match count {
                    Ok(count @ 1..) => streams.stderr.add(&buffer[..count]),
                    _ => has_read_errors = true,
                },
            }
        }
    }

    /// Captures what is in the pipe of standard error already: everything that the client wrote
    /// there before its answer.
    fn read_pending_errors(&self, streams: &mut CapturedStreams) {
        let mut buffer = vec![0; 16 * 1024];
        // The pipe does not block. The limit is for a client that writes without end.
        for _ in 0..MAX_READS {
            let Ok(count @ 1..) = nix::unistd::read(&self.errors, &mut buffer) else {
                return;
            };
            streams.stderr.add(&buffer[..count]);
        }
    }
}

/// The beginning of what a client wrote, in one line.
pub(super) fn first_words(streams: &CapturedStreams) -> String {
    let text = format!(
        "{} {}",
        streams.stderr.beginning(),
        streams.stdout.beginning()
    );
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ").chars().take(MAX_QUOTED).collect()
}
