//! Which parts of the scenario format this version cannot run.

use crate::scenario::model::{Capability, Case, Flow, Host, Role, Scheme, Step};

/// Why a case cannot be run by this version, if it cannot: it needs something of the machine, or
/// uses a part of the format that is not supported yet.
pub fn unsupported_features(case: &Case) -> Option<String> {
    let needed = case.needs.iter().find(|need| {
        matches!(
            need,
            Capability::Tls | Capability::PrivateNetwork | Capability::ExecTrace
        )
    });
    if let Some(need) = needed {
        return Some(format!("needs {}", need.as_str()));
    }
    let mut parties = case.world.values();
    if parties.clone().any(|party| party.scheme == Scheme::Https) {
        return Some("needs tls".to_owned());
    }
    if parties.clone().any(|p| p.effective_host() == Host::Named) {
        return Some("needs private-network".to_owned());
    }
    if parties.any(|party| matches!(party.role, Role::IdentityProvider(_))) {
        return Some("the role identity provider is not supported yet".to_owned());
    }
    let mut flows = case.steps.iter().filter_map(|step| match step {
        Step::Start(start) => Some(start.flow),
        Step::Change(_) => None,
    });
    let is_unsupported =
        |flow: &Flow| matches!(flow, Flow::Enterprise | Flow::Workload | Flow::Dpop);
    let flow = flows.find(is_unsupported)?;
    Some(format!("the flow {flow} is not supported yet"))
}
