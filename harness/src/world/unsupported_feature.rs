//! What a case has and this version does not support.

use crate::scenario::model::{Capability, Case, Host};

/// Something that a case has and that this version does not support.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnsupportedFeature {
    /// The case needs something of the machine.
    Facility(Capability),
}

/// The first feature of a case that this version does not support.
pub fn unsupported_feature(case: &Case) -> Option<UnsupportedFeature> {
    let facility = case
        .needs
        .iter()
        .find(|need| matches!(need, Capability::PrivateNetwork | Capability::ExecTrace));
    if let Some(facility) = facility {
        return Some(UnsupportedFeature::Facility(*facility));
    }
    let mut parties = case.world.values();
    parties
        .any(|party| party.effective_host() == Host::Named)
        .then_some(UnsupportedFeature::Facility(Capability::PrivateNetwork))
}
