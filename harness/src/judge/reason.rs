//! Why a check has its verdict or its level.

use serde::{Deserialize, Serialize};

use super::missing_capability::MissingCapability;
use super::not_run_reason::NotRunReason;
use super::stage::Stage;
use crate::requirements::Capability;
use crate::scenario::model::{Level, Revision};

/// Why a check is not applicable or not exercised, or why its level differs from the requirement's.
///
/// A reason is data. The sentences are written by [`crate::report`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Reason {
    /// The case was not run.
    NotRun(NotRunReason),
    /// The case needs a capability that the client is not known to have.
    CapabilityNeeded(MissingCapability),
    /// The control run did not reach its goal either, so the deviation need not be what stopped
    /// the client.
    ControlFailed,
    /// There is no control run, so the deviation need not be what stopped the client.
    ControlNotRun,
    /// A deviation never reached the client.
    BaitNotDelivered { deviation: String, stopped: Stage },
    /// The client stopped before the check could show anything.
    Stopped { stopped: Stage },
    /// The case asks a monitor to judge this requirement, and the run gave it nothing to judge.
    NothingShown { stopped: Stage },
    /// Not all that the client wrote and left was searched.
    NotAllSearched,
    /// A person drove the client, so that its output, its files and its end were not observed.
    NotObserved,
    /// The client does not do what the requirement is about.
    NeverDone,
    /// No run of the whole suite gave the monitor anything to judge.
    NothingToJudge,
    /// None of the selected cases gave the monitor anything to judge.
    NothingToJudgeInSelection,
    /// The requirement does not bind in this revision.
    NotBinding { revision: Revision },
    /// The requirement binds only clients with a capability that this one is not known to have.
    BindsOnlyWith(MissingCapability),
    /// The failure of a MUST is only a warning: the requirement binds clients with a capability
    /// that this one is not known to have.
    WarningOnly { capability: Capability },
    /// The requirement has this level only for clients with a capability that this one has.
    LevelWithCapability {
        level: Level,
        capability: Capability,
    },
    /// The scenario sets the level, with this explanation.
    LevelOfCase { explanation: String },
    /// The requirement is scored only from a later revision on.
    ScoredLater { revision: Revision },
    /// The requirement is not part of the frozen set by which the run is scored.
    NotInFrozenSet { revision: Revision },
}

impl Reason {
    /// The stage at which the client stopped, if that is part of the reason.
    pub fn stopped(&self) -> Option<Stage> {
        match self {
            Self::BaitNotDelivered { stopped, .. }
            | Self::Stopped { stopped }
            | Self::NothingShown { stopped } => Some(*stopped),
            _ => None,
        }
    }
}
