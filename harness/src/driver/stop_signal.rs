//! Tells a start of a client when it has to end.

use tokio::sync::watch;

/// Tells a start of a client when it has to end.
#[derive(Debug, Clone)]
pub struct StopSignal(watch::Receiver<bool>);

impl StopSignal {
    /// The signal is given when the value becomes true.
    pub(super) fn new(requested: watch::Receiver<bool>) -> Self {
        Self(requested)
    }

    /// Returns when the start has to end. The client is then to be stopped and cleaned up, and the
    /// outcome is [`Killed`](super::ClientOutcome::Killed).
    pub async fn requested(&mut self) {
        if self.0.wait_for(|requested| *requested).await.is_err() {
            // nobody is left who could request it
            std::future::pending().await
        }
    }
}
