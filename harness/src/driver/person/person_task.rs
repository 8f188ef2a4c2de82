//! What a person is asked to have the client do.

use crate::driver::launch::Launch;
use crate::driver::provision::Provision;
use crate::driver::world_handle::WorldHandle;
use crate::transcript::Transcript;

/// What a person is asked to have the client do in one start.
#[derive(Debug, Clone)]
pub struct PersonTask {
    /// URLs of the MCP servers to connect to.
    pub urls: Vec<String>,
    /// What is to be typed into the client before it connects.
    pub provision: Provision,
    /// Tools to call.
    pub call: Vec<String>,
    /// Which start of the client this is, counted from 1.
    pub run: u32,
    world: WorldHandle,
}

impl PersonTask {
    pub(super) fn new(launch: &Launch) -> Self {
        Self {
            urls: launch.urls.clone(),
            provision: launch.provision.clone(),
            call: launch.tools(),
            run: launch.run,
            world: launch.world.clone(),
        }
    }

    /// What has been recorded so far.
    pub fn transcript_so_far(&self) -> Transcript {
        Transcript {
            driven_by_person: true,
            ..self.world.shared.transcript_so_far()
        }
    }

    /// How many requests have been recorded so far.
    pub fn count_requests(&self) -> usize {
        self.world.shared.count_exchanges()
    }

    /// Returns when something more has been recorded.
    pub async fn changed(&self) {
        self.world.shared.bell.notified().await;
    }
}
