//! Why a case was not run.

use serde::{Deserialize, Serialize};

use super::missing_capability::MissingCapability;
use crate::scenario::model::Capability;

/// Why a case was not run, so that there is no transcript of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "kebab-case")]
pub enum NotRunReason {
    /// The case needs a capability that the client lacks or cannot be made to use.
    CapabilityMissing(MissingCapability),
    /// The case needs something of the machine, or of the way in which the client is run.
    FacilityMissing { facility: Capability },
    /// The case needs a private network, and this machine has none.
    NoPrivateNetwork { problem: String },
    /// The case makes the browser do more than follow redirects, and the client has a browser that
    /// is not the harness's.
    OwnBrowser,
    /// The person who drives the client skipped the case.
    Skipped,
    /// The user ended the run before this case was run.
    Interrupted,
    /// The run ended at the first failure, which was in another case.
    EndedByFailure { case: String },
    /// The run ended because the client had sent nothing in any of its first runs.
    ClientSilent { runs: usize },
    /// The harness failed.
    HarnessFault { message: String },
    /// A saved run of a former version gives its reason as a sentence.
    Recorded { text: String },
}
