//! A world from its start to its transcript.

use std::sync::Arc;

use tokio::net::TcpSocket;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::error::WorldError;
use super::net::http::ServedSite;
use super::net::listener;
use super::setup::build::set_up;
use super::shared_world::SharedWorld;
use super::world_plan::WorldPlan;
use crate::transcript::{Status, Transcript};

/// A running world. Its servers stop when it is dropped.
pub struct World {
    shared: Arc<SharedWorld>,
    /// The servers. They are aborted on drop.
    servers: JoinSet<()>,
    stop: watch::Sender<bool>,
    /// The ports of parties that are down.
    _refusing: Vec<TcpSocket>,
}

impl World {
    /// Starts all parties. Returns when every port listens.
    pub fn start(plan: WorldPlan<'_>) -> Result<Self, WorldError> {
        let (stop, stopped) = watch::channel(false);
        let (state, sockets) = set_up(&plan)?;
        let shared = Arc::new(SharedWorld::new(state, stopped));
        let mut servers = JoinSet::new();
        for (site, socket) in sockets.listening {
            let served = ServedSite {
                origin: shared.origin(site),
                shared: Arc::clone(&shared),
                site,
            };
            servers.spawn(listener::serve(served, socket));
        }
        Ok(Self {
            shared,
            servers,
            stop,
            _refusing: sockets.refusing,
        })
    }

    pub(crate) fn shared(&self) -> Arc<SharedWorld> {
        Arc::clone(&self.shared)
    }

    /// Stops the servers and returns what was recorded, or what went wrong in the harness itself.
    pub async fn finish(mut self, status: Status) -> Result<Transcript, WorldError> {
        let _ = self.stop.send(true);
        self.servers.shutdown().await;
        self.shared.finish(status)
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").finish_non_exhaustive()
    }
}
