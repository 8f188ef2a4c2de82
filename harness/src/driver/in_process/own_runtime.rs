//! A Tokio runtime for one start of a client.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

/// How long tasks that a client left running may take to end with their start.
const SHUTDOWN_LIMIT: Duration = Duration::from_millis(500);

/// A Tokio runtime for one start of a client. Tasks that the client has spawned end with the start,
/// as they would with a process.
pub(super) struct OwnRuntime(Option<Runtime>);

impl OwnRuntime {
    pub(super) fn new() -> std::io::Result<Self> {
        Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("client")
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
    }

    pub(super) fn spawn<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Option<JoinHandle<T>> {
        self.0.as_ref().map(|runtime| runtime.spawn(future))
    }

    /// Drops everything that runs here. A task that blocks its thread is left alone.
    pub(super) async fn shut_down(mut self) {
        if let Some(runtime) = self.0.take() {
            let shutdown = move || runtime.shutdown_timeout(SHUTDOWN_LIMIT);
            let _ = tokio::task::spawn_blocking(shutdown).await;
        }
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
