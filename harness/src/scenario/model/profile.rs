//! Profiles: cases whose servers are shaped like deployments that people meet.

use serde::Serialize;

use super::variety::VariantMark;
use crate::words::words;

words! {
    /// What the texts say of a fact about a deployment.
    pub enum FactMark {
        /// The server is right.
        Legal = "legal",
        /// The server refuses, as it may.
        Policy = "policy",
        /// The server is at fault, and a client may cope.
        Tolerated = "tolerated",
        /// The server is at fault, and a client must not cope. The profile is built without it.
        Refuse = "refuse",
    }
}

/// What makes a case a profile: deployments of this shape, and what is known of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Profile {
    /// Deployments whose servers have this shape.
    pub shaped_like: Vec<String>,
    /// The month in which the facts were gathered.
    pub as_of: String,
    /// What a client may make of these servers.
    pub mark: VariantMark,
    /// What is known of the deployments.
    pub facts: Vec<ProfileFact>,
    /// Set if deployments of this shape have a fault that a right client refuses: what it is.
    pub out_of_reach: Option<String>,
}

/// One fact about deployments of a shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProfileFact {
    /// The fact, in a sentence.
    pub says: String,
    /// Where it is documented or reported.
    pub source: String,
    pub mark: FactMark,
}

impl Profile {
    /// Whether it is run only on demand.
    pub fn is_rare(&self) -> bool {
        self.mark == VariantMark::Tolerated
    }
}
