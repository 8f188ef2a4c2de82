//! Values that nobody can guess, all derived from one seed.
//!
//! They do not come from the system's random source on purpose: the transcript names the seed, so
//! that a run can be repeated with the same identifiers, codes and tokens. Each party draws from a
//! stream of its own, so that what one party draws does not depend on how many requests another
//! one has answered before.

use sha2::{Digest, Sha256};

/// A stream of unguessable texts.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    seed: String,
    drawn: u64,
}

impl Random {
    pub(crate) fn new(seed: impl Into<String>) -> Self {
        Self {
            seed: seed.into(),
            drawn: 0,
        }
    }

    /// Draws 128 bits, as 32 hexadecimal digits.
    pub(crate) fn draw_hex(&mut self) -> String {
        self.drawn += 1;
        let digest = Sha256::digest(format!("{}/{}", self.seed, self.drawn));
        digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
    }
}
