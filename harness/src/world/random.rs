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

    /// The stream of a party in a case.
    pub(crate) fn of_party(seed: &str, case: &str, party: &str) -> Self {
        Self::new(format!("{seed}/{case}/{party}"))
    }

    /// Draws 128 bits, as 32 hexadecimal digits.
    pub(crate) fn draw_hex(&mut self) -> String {
        self.drawn += 1;
        let digest = Sha256::digest(format!("{}/{}", self.seed, self.drawn));
        digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
    }
}

/// All texts that a party draws in a case, in order. Whoever knows the seed of a run can tell
/// whether a text comes from it.
pub(crate) fn party_draws(seed: &str, case: &str, party: &str) -> impl Iterator<Item = String> {
    let mut random = Random::of_party(seed, case, party);
    std::iter::repeat_with(move || random.draw_hex())
}
