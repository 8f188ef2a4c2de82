//! What a case has and this version does not support.

use crate::scenario::model::{Capability, Case, Flow, Role};

/// Something that a case has and that this version does not support.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnsupportedFeature {
    /// The case needs something of the machine.
    Facility(Capability),
    /// The case has an identity provider.
    IdentityProvider,
    /// The case starts the client in this flow.
    Flow(Flow),
}

/// The first feature of a case that this version does not support.
pub fn unsupported_feature(case: &Case) -> Option<UnsupportedFeature> {
    let facility = case
        .needs
        .iter()
        .find(|need| matches!(need, Capability::ExecTrace));
    if let Some(facility) = facility {
        return Some(UnsupportedFeature::Facility(*facility));
    }
    let mut parties = case.world.values();
    if parties.any(|party| matches!(party.role, Role::IdentityProvider(_))) {
        return Some(UnsupportedFeature::IdentityProvider);
    }
    case.starts()
        .map(|start| start.flow)
        .find(|flow| matches!(flow, Flow::Enterprise | Flow::Dpop))
        .map(UnsupportedFeature::Flow)
}
