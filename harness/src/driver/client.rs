//! What the harness needs of a client under test, whatever kind it is.
//!
//! A new kind of client implements [`Client`] and [`ClientHome`] in a folder of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::Pin;

use super::home_not_removed::HomeNotRemoved;
use super::launch::Launch;
use super::outcome::ClientOutcome;
use super::stop_signal::StopSignal;
use super::world_handle::WorldHandle;
use crate::world::ClientDocument;

/// A client under test.
pub trait Client: Send + Sync {
    /// Prepares a home for one run of a world. Nothing from another run is visible in it.
    fn prepare_home(&self) -> std::io::Result<Box<dyn ClientHome>>;

    /// Whether the client runs as a process of its own, with files and arguments that can be
    /// inspected.
    fn is_separate_process(&self) -> bool {
        false
    }

    /// Whether a person drives the client, with a browser that is not the harness's. Such a browser
    /// follows redirects and does nothing else for a scenario.
    fn is_driven_by_person(&self) -> bool {
        false
    }

    /// Client ID metadata documents that the harness can read from the client without a network, by
    /// URL.
    fn client_documents(&self) -> BTreeMap<String, ClientDocument> {
        BTreeMap::new()
    }
}

/// A client's home during one run. What the client stores here is still there at its next start.
pub trait ClientHome: Send + Sync {
    /// Starts the client. The future completes when the client has ended.
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = ClientOutcome> + Send + '_>>;

    /// What the client is doing during the current start, or `None` if that cannot be observed.
    fn activity(&self) -> Option<ClientActivity> {
        None
    }

    /// The folder on the disk that the client lives in, if it has one.
    fn folder(&self) -> Option<&Path> {
        None
    }

    /// Undoes what was set up for the client outside its files. It returns soon once the run is
    /// `interrupted`.
    fn tear_down(&self, _interrupted: StopSignal) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }

    /// Searches the files that the client left behind, and records in the world those in which
    /// something was found.
    fn record_files<'a>(
        &'a self,
        _world: &'a WorldHandle,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(std::future::ready(()))
    }

    /// Saves the home and the client's output in a folder, for a person to look at.
    fn save_to(&self, _folder: &Path) -> std::io::Result<()> {
        Ok(())
    }

    /// Removes the home. This is the last call; a home that is dropped without it is removed too,
    /// but errors are lost then.
    fn remove(&self) -> Result<(), HomeNotRemoved> {
        Ok(())
    }
}

/// What a running client is doing, as far as the operating system shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientActivity {
    /// Processor time used so far, in clock ticks.
    pub ticks: u64,
    /// Whether all its threads sleep.
    pub asleep: bool,
    /// How many bytes it has written to its output so far.
    pub output: u64,
}
