//! What a client under test can reach of the world that it runs in.

use std::sync::Arc;

use super::browser::UserAgent;
use crate::machine::Shortage;
use crate::world::SharedWorld;

/// What a client under test can reach of the world that it runs in: a browser, and the record that
/// its output and files go into.
#[derive(Clone)]
pub struct WorldHandle {
    pub(crate) shared: Arc<SharedWorld>,
    pub(crate) browser: UserAgent,
}

impl WorldHandle {
    /// Gives the world a browser of its own.
    pub(super) fn new(shared: Arc<SharedWorld>) -> Self {
        Self {
            browser: UserAgent::new(Arc::clone(&shared)),
            shared,
        }
    }

    /// Notes the shortage that kept something from being started, if that is the reason.
    pub(super) fn note_start_error(&self, error: &std::io::Error) {
        if let Some(shortage) = Shortage::of_start(error) {
            self.shared.note_shortage(shortage);
        }
    }
}

impl std::fmt::Debug for WorldHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorldHandle").finish_non_exhaustive()
    }
}
