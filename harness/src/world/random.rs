//! Values nobody can guess, all made from one seed that the transcript names, so that a run can be
//! repeated to the letter.

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

    /// 128 bits as 32 hexadecimal digits.
    pub(crate) fn hex(&mut self) -> String {
        self.drawn += 1;
        let digest = Sha256::digest(format!("{}/{}", self.seed, self.drawn));
        digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
    }
}
