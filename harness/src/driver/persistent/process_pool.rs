//! The processes of one persistent client.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::persistent_process::PersistentProcess;
use crate::driver::process::CommandClient;

/// The processes of one persistent client.
pub(super) struct ProcessPool {
    pub(super) command: CommandClient,
    /// Processes that wait for a scenario.
    idle: Mutex<Vec<PersistentProcess>>,
    /// How many requests were made.
    requests: AtomicU64,
}

impl ProcessPool {
    pub(super) fn new(command: CommandClient) -> Self {
        Self {
            command,
            idle: Mutex::default(),
            requests: AtomicU64::new(0),
        }
    }

    /// Takes a process that waits for a scenario, if there is one.
    pub(super) fn take_idle(&self) -> Option<PersistentProcess> {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
    }

    /// Puts back a process that can take another scenario.
    pub(super) fn put_back(&self, process: PersistentProcess) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(process);
    }

    /// The id of a new request.
    pub(super) fn next_request_id(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed) + 1
    }
}
