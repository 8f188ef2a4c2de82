//! The circumstances of a run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::short_digest;
use crate::scenario::model::Revision;

/// The circumstances of a run: everything that placeholders stand for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`](super::FORMAT)
    pub format: u32,
    /// Version of the harness that recorded this.
    pub harness: String,
    /// The case, or the control world's name.
    pub case: String,
    /// Whether this is a control run (an honest world).
    pub control: bool,
    /// The revision that the world spoke; `None` in hand-written transcripts.
    pub revision: Option<Revision>,
    /// What all random values of the run were made from.
    pub seed: String,
    /// Addresses by `party.value`: `as.issuer`, `mcp.url`.
    pub addresses: BTreeMap<String, String>,
    /// The parties by name.
    pub parties: BTreeMap<String, PartyInfo>,
}

impl Header {
    /// The unique text that `{canary.NAME}` stands for in this run.
    pub fn canary(&self, name: &str) -> String {
        let digest = short_digest(format!("{}/{}/{name}", self.seed, self.case));
        format!("canary-{name}-{}", &digest[..16])
    }
}

/// What a reader of the transcript needs to know of a party.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PartyInfo {
    /// `authorization server`, `mcp server`, ...
    pub role: String,
    /// Whether it uses the secrets that it gets hold of.
    pub hostile: bool,
}
