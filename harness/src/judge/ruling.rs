//! What the judge decides about a requirement: verdict, level and reason.

use super::capabilities::KnownCapabilities;
use super::missing_capability::{CapabilityGap, MissingCapability};
use super::reason::Reason;
use super::verdict::Verdict;
use crate::requirements::{Capability, Requirement};
use crate::scenario::model::Level;

/// A verdict with its level and reason.
#[derive(Debug, Clone)]
pub(super) struct Ruling {
    pub(super) verdict: Verdict,
    pub(super) level: Level,
    pub(super) reason: Option<Reason>,
}

impl Ruling {
    /// Takes into account that a requirement can bind only clients with some capability, or have
    /// another level for them.
    ///
    /// If the client is not known to have the capability, the requirement cannot fail the run by
    /// itself: silence makes it not applicable, and a failed MUST becomes a warning.
    pub(super) fn adjust_to_capabilities(
        mut self,
        requirement: &Requirement,
        capabilities: &KnownCapabilities<'_>,
    ) -> Self {
        for (capability, level) in &requirement.level_if {
            if self.level < *level && capabilities.gap(*capability).is_none() {
                self.level = *level;
                self.reason = Some(Reason::LevelWithCapability {
                    level: *level,
                    capability: *capability,
                });
            }
        }
        for capability in &requirement.applies_if {
            if let Some(gap) = capabilities.gap(*capability) {
                self.adjust_to_gap(*capability, gap);
            }
        }
        self
    }

    fn adjust_to_gap(&mut self, capability: Capability, gap: CapabilityGap) {
        if gap == CapabilityGap::NotShown {
            match self.verdict {
                Verdict::Pass | Verdict::NotApplicable => return,
                Verdict::Fail if self.level != Level::Must => return,
                Verdict::Fail => {
                    self.level = Level::Should;
                    self.reason = Some(Reason::WarningOnly { capability });
                    return;
                }
                Verdict::NotExercised => {}
            }
        }
        self.verdict = Verdict::NotApplicable;
        self.reason = Some(Reason::BindsOnlyWith(MissingCapability { capability, gap }));
    }
}
