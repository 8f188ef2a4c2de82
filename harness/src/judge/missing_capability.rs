//! A capability that the client is not known to have.

use serde::{Deserialize, Serialize};

use crate::requirements::Capability;

/// A capability that something needs and that the client is not known to have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MissingCapability {
    pub capability: Capability,
    #[serde(flatten)]
    pub gap: CapabilityGap,
}

/// Why the client is not known to have a capability.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "gap", rename_all = "kebab-case")]
pub enum CapabilityGap {
    /// The client is declared to lack it.
    DeclaredLacking,
    /// The client cannot be made to use it, whether it has it or not.
    CannotBeUsed { explanation: String },
    /// The client is not declared to have it and did not show it in any run.
    NotShown,
}
