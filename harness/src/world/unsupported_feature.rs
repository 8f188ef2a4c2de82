//! What a case has and this version does not support.

use crate::scenario::model::{Capability, Case};

/// Something that a case has and that this version does not support.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnsupportedFeature {
    /// The case needs something of the machine.
    Facility(Capability),
}

/// The first feature of a case that this version does not support.
pub fn unsupported_feature(case: &Case) -> Option<UnsupportedFeature> {
    case.needs
        .iter()
        .find(|need| matches!(need, Capability::ExecTrace))
        .copied()
        .map(UnsupportedFeature::Facility)
}
