//! The inside of a private network: makes the runs that it is asked for, one at a time.
//!
//! A worker is this program with the same arguments, started once more with [`FOLDER_VARIABLE`]. It
//! reads a [`RunRequest`] from each line of its standard input and writes a [`RunAnswer`] to its
//! standard output. It ends when its input does.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::place_error::PlaceError;
use crate::scenario::model::Revision;
use crate::transcript::Transcript;
use crate::world::NamedNetwork;

/// Makes a program a worker. Its value is a folder for the worker's files, which is empty.
pub(super) const FOLDER_VARIABLE: &str = "MCP_AUTHSPEC_PRIVATE_NETWORK";

/// Asks for one run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunRequest {
    pub(crate) revision: Revision,
    pub(crate) seed: String,
    /// The case; its id has the suffix of control runs if its deviations are left out.
    pub(crate) case: String,
    /// Whether it is run as the control run of others.
    pub(crate) control: bool,
}

/// What a worker says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RunAnswer {
    /// It is in a user namespace of its own, and waits for a line until its ids are mapped.
    NeedsIds,
    /// It is inside of the network and waits for requests.
    Ready,
    /// There is no network, or the run could not be made.
    Failed(String),
    Done(Box<Transcript>),
}

impl RunAnswer {
    /// Writes the answer as one line to standard output.
    pub(crate) fn send(&self) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        let mut out = std::io::stdout().lock();
        out.write_all(&line)?;
        out.flush()
    }
}

/// Whether this process is a worker. It then enters the private network, which must happen before
/// it has a second thread. The error has been reported to whoever started it.
pub fn enter_private_network_if_asked() -> Result<bool, PlaceError> {
    let Some(folder) = std::env::var_os(FOLDER_VARIABLE).map(PathBuf::from) else {
        return Ok(false);
    };
    let entered = enter(&folder);
    if let Err(error) = &entered {
        // whoever started this worker is gone if nobody reads it
        let _ = RunAnswer::Failed(error.to_string()).send();
    }
    entered.map(|()| true)
}

#[cfg(target_os = "linux")]
fn enter(folder: &std::path::Path) -> Result<(), PlaceError> {
    let authority = crate::world::trusted_authority().unwrap_or_default();
    super::namespaces::enter_namespaces(folder, authority, ask_for_ids)
}

/// Waits until the parent has mapped the ids that this process is to keep.
#[cfg(target_os = "linux")]
fn ask_for_ids() -> std::io::Result<()> {
    RunAnswer::NeedsIds.send()?;
    std::io::stdin().read_line(&mut String::new())?;
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn enter(_: &std::path::Path) -> Result<(), PlaceError> {
    Err(PlaceError::NotLinux)
}

/// Sets up the network of this worker: every address leads here, and names are resolved here.
#[cfg(target_os = "linux")]
pub(crate) async fn open_network() -> Result<Arc<NamedNetwork>, PlaceError> {
    super::local_routes::route_everything_here().await?;
    let network = Arc::new(NamedNetwork::default());
    super::resolver::start_resolver(Arc::clone(&network)).await?;
    Ok(network)
}

#[cfg(not(target_os = "linux"))]
pub(crate) async fn open_network() -> Result<Arc<NamedNetwork>, PlaceError> {
    Err(PlaceError::NotLinux)
}
