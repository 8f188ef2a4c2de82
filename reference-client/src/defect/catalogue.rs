//! The list of all defects, and the lookup by name.

use crate::defect::areas;
use crate::defect::defect::{Defect, DefectInfo};
use std::str::FromStr;

/// The tables in the order in which `--list-defects` shows them.
const AREAS: &[&[Defect]] = &[
    areas::agent::DEFECTS,
    areas::resource_metadata::DEFECTS,
    areas::server_metadata::DEFECTS,
    areas::registration::DEFECTS,
    areas::authorization_request::DEFECTS,
    areas::issuer_parameter::DEFECTS,
    areas::state_parameter::DEFECTS,
    areas::pkce::DEFECTS,
    areas::resource_parameter::DEFECTS,
    areas::token_request::DEFECTS,
    areas::bearer_token::DEFECTS,
    areas::scope::DEFECTS,
    areas::refresh::DEFECTS,
    areas::server_binding::DEFECTS,
    areas::client_credentials::DEFECTS,
    areas::workload::DEFECTS,
    areas::dpop::DEFECTS,
    areas::enterprise::DEFECTS,
    areas::endpoint_address::DEFECTS,
    areas::legal_variety::DEFECTS,
    areas::transport_security::DEFECTS,
    areas::internal_addresses::DEFECTS,
    areas::revision_march_2025::DEFECTS,
];

/// The descriptions of all defects, in the order of their areas.
pub fn defects() -> impl Iterator<Item = &'static DefectInfo> + Clone {
    all_defects().map(Defect::info)
}

fn all_defects() -> impl Iterator<Item = Defect> + Clone {
    AREAS.iter().copied().flatten().copied()
}

/// No defect has the given name.
#[derive(Debug, thiserror::Error)]
#[error("no defect has this name; see --list-defects")]
pub struct UnknownDefect;

impl FromStr for Defect {
    type Err = UnknownDefect;

    fn from_str(name: &str) -> Result<Self, UnknownDefect> {
        all_defects()
            .find(|defect| defect.info().name == name)
            .ok_or(UnknownDefect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_name_is_unique_and_found() {
        let names: HashSet<_> = defects().map(|info| info.name).collect();
        assert_eq!(names.len(), defects().count());
        for info in defects() {
            let defect: Defect = info.name.parse().unwrap();
            assert_eq!(defect.info(), info);
            assert!(
                info.name
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c == '-' || c.is_ascii_digit()),
                "{}",
                info.name
            );
        }
    }
}
