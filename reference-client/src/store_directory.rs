//! Where the client keeps its store.

use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use crate::store::Store;
use std::ffi::OsString;
use std::path::PathBuf;

/// Opens the store in a directory, or in memory if there is no directory.
pub(crate) fn open_store(
    directory: Option<PathBuf>,
    defects: &Defects,
) -> Result<Store, ClientError> {
    let store = match directory {
        Some(directory) => Store::in_directory(directory)?,
        None => Store::in_memory(),
    };
    Ok(if defects.has(Defect::STORE_READABLE) {
        store.readable_by_everybody()
    } else {
        store
    })
}

/// The directory `$XDG_STATE_HOME/reference-client`, or `$HOME/.local/state/reference-client` if
/// the first variable is not set.
pub(crate) fn default_directory(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute_directory = |name: &str| {
        variable(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let state = absolute_directory("XDG_STATE_HOME")
        .or_else(|| Some(absolute_directory("HOME")?.join(".local").join("state")))?;
    Some(state.join("reference-client"))
}
