//! `doctor`: says what this machine can do for a run.

use super::console::print;
use super::error::CliError;
use crate::place::{PlaceError, PrivateNetwork};

/// Tries what runs need of the machine, and prints what is missing and what to do about it.
pub(super) fn doctor() -> Result<u8, CliError> {
    let program = std::env::current_exe().map_err(CliError::harness)?;
    let runtime = tokio::runtime::Runtime::new().map_err(CliError::harness)?;
    let network = PrivateNetwork::new(program, vec!["run".into()]);
    let text = match runtime.block_on(network.check()) {
        Ok(()) => "loopback: yes\nprivate network: yes\n".to_owned(),
        Err(error) => format!(
            "loopback: yes\nprivate network: no, {error}\n  help: {}\n",
            PlaceError::REMEDY
        ),
    };
    print(&text)
}
