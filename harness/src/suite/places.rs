//! The places that runs take which happen at the same time.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places for runs. There is always at least one.
pub(super) struct Places {
    free: Arc<Semaphore>,
    /// How many there are, free or not.
    count: usize,
}

impl Places {
    pub(super) fn new(count: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(count)),
            count,
        }
    }

    /// Waits for a free place and takes it. It is free again when it is dropped.
    pub(super) async fn take(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// Gives a place up for good, unless it is the last one.
    pub(super) fn give_up(&mut self, place: OwnedSemaphorePermit) {
        if self.count > 1 {
            self.count -= 1;
            place.forget();
        }
    }
}
