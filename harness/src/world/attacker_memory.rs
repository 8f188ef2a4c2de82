//! What attackers have tried already.

use std::collections::BTreeSet;

use crate::transcript::Secret;

/// What attackers have tried already.
#[derive(Debug, Default)]
pub(crate) struct AttackerMemory {
    /// Tags of the secrets that were used.
    tried: BTreeSet<String>,
}

impl AttackerMemory {
    /// Notes that a secret is used. Returns whether it is for the first time.
    pub(super) fn note_attempt(&mut self, secret: &Secret) -> bool {
        self.tried.insert(secret.tag())
    }
}
