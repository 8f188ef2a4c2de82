//! What the harness needs of a client under test, whatever kind it is.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::Pin;

use super::launch::{ClientOutcome, Launch, StopSignal, WorldHandle};
use crate::world::ClientDocument;

/// A client under test.
pub trait Client: Send + Sync {
    /// A fresh home for one run of a world: nothing that another run left is seen in it.
    fn prepare_home(&self) -> std::io::Result<Box<dyn ClientHome>>;

    /// Whether the client runs as a process of its own, with files and arguments that can be looked
    /// at.
    fn is_separate_process(&self) -> bool {
        false
    }

    /// Client ID metadata documents that can be had from the client without a network, by URL.
    fn client_documents(&self) -> BTreeMap<String, ClientDocument> {
        BTreeMap::new()
    }
}

/// A client's home during one run: what it stores stays between starts.
pub trait ClientHome: Send + Sync {
    /// Starts the client; the future ends when the client has ended.
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = ClientOutcome> + Send + '_>>;

    /// ClientActivity of life of the start under way; `None`: there is no telling.
    fn activity(&self) -> Option<ClientActivity> {
        None
    }

    /// Undoes outside the client's files what was set up for it; soon, when the run is
    /// `interrupted`.
    fn tear_down(&self, _interrupted: StopSignal) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }

    /// Tells the world what files the client left.
    fn record_files(&self, _world: &WorldHandle) {}

    /// Leaves the home and the client's output in a folder, for a person to look at.
    fn save_to(&self, _folder: &Path) -> std::io::Result<()> {
        Ok(())
    }
}

/// ClientActivity of life of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientActivity {
    /// Processor time used so far, in clock ticks.
    pub ticks: u64,
    /// Whether all its threads sleep.
    pub asleep: bool,
    /// Bytes of output so far.
    pub output: u64,
}
