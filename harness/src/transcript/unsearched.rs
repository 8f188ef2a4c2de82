//! What of a client's files and output was not searched.

use serde::{Deserialize, Serialize};

/// What of a client's files and output was not searched for secrets, because there was too much of
/// it. Nothing may be concluded from not having found something there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsearched {
    /// How many files were not searched to their end. With files in folders that were not entered,
    /// there are more.
    pub files: u64,
    /// How many bytes of output were not searched.
    pub output_bytes: u64,
}

impl Unsearched {
    /// Whether everything was searched.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Adds what else was not searched.
    pub fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.output_bytes += other.output_bytes;
    }
}
