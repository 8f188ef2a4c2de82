//! Places in scenario files.

use serde::{Deserialize, Serialize};

/// Where something was written: a scenario file and a line in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Source {
    /// The file, as the loader was given it (`iss/two-values.toml`).
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
}
