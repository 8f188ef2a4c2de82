//! A client that takes many scenarios in one process.

use std::sync::Arc;
use std::time::Duration;

use super::conversation::HelloError;
use super::persistent_home::PersistentHome;
use super::persistent_process::PersistentProcess;
use super::process_pool::ProcessPool;
use super::protocol::PersistentHello;
use crate::driver::client::{Client, ClientHome};
use crate::driver::process::{CapturedStreams, CommandClient, CommandError};

/// A client that takes many scenarios in one process.
pub struct PersistentClient {
    processes: Arc<ProcessPool>,
}

impl PersistentClient {
    /// A client whose command starts a process in persistent mode. The URL comes with each request,
    /// so the command cannot contain it.
    pub fn new(command: CommandClient) -> Result<Self, CommandError> {
        if command.written.contains_url() {
            return Err(CommandError::UrlInPersistentMode);
        }
        Ok(Self {
            processes: Arc::new(ProcessPool::new(command)),
        })
    }

    /// Starts the first process, and returns what it says about itself. This needs a Tokio runtime.
    pub async fn greet(&self, timeout: Duration) -> Result<PersistentHello, HelloError> {
        let mut streams = CapturedStreams::default();
        let start = PersistentProcess::start(&self.processes.command, None, &mut streams);
        let (process, hello) = tokio::time::timeout(timeout, start)
            .await
            .map_err(|_| HelloError::TimedOut(timeout))??;
        self.processes.put_back(process);
        Ok(hello)
    }
}

impl Client for PersistentClient {
    fn prepare_home(&self) -> std::io::Result<Box<dyn ClientHome>> {
        let home = PersistentHome::new(Arc::clone(&self.processes))?;
        Ok(Box::new(home))
    }

    fn is_separate_process(&self) -> bool {
        true
    }
}
