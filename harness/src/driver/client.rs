//! What the harness needs of a client under test, whatever kind it is.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::Pin;

use super::launch::{Launch, Outcome, Stop, Watched};
use crate::world::ClientDocument;

/// A client under test.
pub trait Client: Send + Sync {
    /// A fresh home for one run of a world: nothing that another run left is seen in it.
    fn settle(&self) -> std::io::Result<Box<dyn Home>>;

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
pub trait Home: Send + Sync {
    /// Starts the client; the future ends when the client has ended.
    fn start(&self, launch: Launch) -> Pin<Box<dyn Future<Output = Outcome> + Send + '_>>;

    /// Signs of life of the start under way; `None`: there is no telling.
    fn signs(&self) -> Option<Signs> {
        None
    }

    /// Undoes outside the client's files what was set up for it; soon, when the run is
    /// `interrupted`.
    fn end(&self, _interrupted: Stop) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }

    /// Tells the world what files the client left.
    fn inspect(&self, _world: &Watched) {}

    /// Leaves the home and the client's output in a folder, for a person to look at.
    fn keep(&self, _to: &Path) -> std::io::Result<()> {
        Ok(())
    }
}

/// Signs of life of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signs {
    /// Processor time used so far, in clock ticks.
    pub ticks: u64,
    /// Whether all its threads sleep.
    pub asleep: bool,
    /// Bytes of output so far.
    pub output: u64,
}
