//! The outside of private networks: starts workers and hands them runs.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::place_error::PlaceError;
use super::worker::{FOLDER_VARIABLE, RunAnswer, RunRequest};
use crate::transcript::Transcript;

/// Private networks for runs that need names and addresses of their own. Each run has one to
/// itself; a network serves one run after the other.
#[derive(Debug)]
pub struct PrivateNetwork {
    program: PathBuf,
    arguments: Vec<OsString>,
    idle: Mutex<Vec<Worker>>,
}

/// A process in a network of its own. It is killed when this is dropped.
#[derive(Debug)]
struct Worker {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// The files that replace those of the system.
    _folder: TempDir,
}

impl PrivateNetwork {
    /// Networks whose workers are this command: `mcp-authspec run` with the options that describe
    /// the client under test.
    pub fn new(program: PathBuf, arguments: Vec<OsString>) -> Self {
        Self {
            program,
            arguments,
            idle: Mutex::default(),
        }
    }

    /// Makes the first network, to see whether this machine can.
    pub async fn check(&self) -> Result<(), PlaceError> {
        let worker = self.start_worker().await?;
        self.put_back(worker);
        Ok(())
    }

    /// Makes a run in a network that no other run uses meanwhile.
    pub(crate) async fn run(&self, request: &RunRequest) -> Result<Transcript, PlaceError> {
        let idle = self.idle().pop();
        let mut worker = match idle {
            Some(worker) => worker,
            None => self.start_worker().await?,
        };
        let transcript = worker.run(request).await?;
        self.put_back(worker);
        Ok(transcript)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Worker>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put_back(&self, worker: Worker) {
        self.idle().push(worker);
    }

    async fn start_worker(&self) -> Result<Worker, PlaceError> {
        let folder = tempfile::Builder::new()
            .prefix("mcp-authspec-network-")
            .tempdir()
            .map_err(PlaceError::Worker)?;
        let mut process = Command::new(&self.program)
            .args(&self.arguments)
            .env(FOLDER_VARIABLE, folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(PlaceError::Worker)?;
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(ended());
        };
        let mut worker = Worker {
            process,
            input,
            output: BufReader::new(output).lines(),
            _folder: folder,
        };
        loop {
            match worker.read().await? {
                RunAnswer::NeedsIds => worker.map_ids().await?,
                RunAnswer::Ready => return Ok(worker),
                RunAnswer::Failed(problem) => return Err(PlaceError::Reported(problem)),
                RunAnswer::Done(_) => return Err(ended()),
            }
        }
    }
}

impl Worker {
    async fn run(&mut self, request: &RunRequest) -> Result<Transcript, PlaceError> {
        let line = serde_json::to_string(request).map_err(|e| PlaceError::Worker(e.into()))?;
        self.send(&line).await?;
        match self.read().await? {
            RunAnswer::Done(transcript) => Ok(*transcript),
            RunAnswer::Failed(problem) => Err(PlaceError::Reported(problem)),
            RunAnswer::Ready | RunAnswer::NeedsIds => Err(ended()),
        }
    }

    /// Maps the ids that the worker is to keep, and tells it.
    async fn map_ids(&mut self) -> Result<(), PlaceError> {
        #[cfg(target_os = "linux")]
        self.process.id().map(super::namespaces::map_ids);
        self.send("").await
    }

    async fn send(&mut self, line: &str) -> Result<(), PlaceError> {
        let line = format!("{line}\n");
        let sent = self.input.write_all(line.as_bytes()).await;
        sent.map_err(PlaceError::Worker)
    }

    async fn read(&mut self) -> Result<RunAnswer, PlaceError> {
        let line = self.output.next_line().await.map_err(PlaceError::Worker)?;
        let line = line.ok_or_else(ended)?;
        serde_json::from_str(&line).map_err(|e| PlaceError::Worker(e.into()))
    }
}

fn ended() -> PlaceError {
    PlaceError::Worker(io::Error::other("it ended without an answer"))
}
