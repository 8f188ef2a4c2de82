//! What a scenario writes without any effect: the case would look as if it tested something.
//!
//! Input: the tree of a case with its parties, steps and deviations. Output: problems, each with
//! its place and a remedy.

use super::model::{
    Action, AuthorizationServer, ClientAuth, Deviation, Dpop, EventKind, EventName, Flow, Grant,
    Host, Party, Refresh, Registration, Role, Scheme, SecretName, Start, Step,
};
use super::node::Node;
use super::reader::CaseReader;
use super::values::ReadValues;

/// A setting that has an effect only together with another one.
struct DependentSetting {
    name: &'static str,
    has_effect: fn(&Party) -> bool,
    /// What the party lacks, as the rest of a sentence.
    lack: &'static str,
    remedy: &'static str,
}

const DEPENDENT_SETTINGS: [DependentSetting; 8] = [
    DependentSetting {
        name: "certificate",
        has_effect: |party| party.scheme == Scheme::Https,
        lack: "the party speaks http, which shows no certificate",
        remedy: "write `scheme = \"https\"`, or leave `certificate` out",
    },
    DependentSetting {
        name: "tls_versions",
        has_effect: |party| party.scheme == Scheme::Https,
        lack: "the party speaks http, without TLS",
        remedy: "write `scheme = \"https\"`, or leave `tls_versions` out",
    },
    DependentSetting {
        name: "http_versions",
        has_effect: |party| party.scheme == Scheme::Https,
        lack: "the party speaks http, where nothing is negotiated",
        remedy: "write `scheme = \"https\"`, or leave `http_versions` out",
    },
    DependentSetting {
        name: "address",
        has_effect: |party| party.host == Some(Host::Named),
        lack: "the party has no name that could stand for an address",
        remedy: "write `host = \"named\"`, or leave `address` out",
    },
    DependentSetting {
        name: "adds_slash",
        has_effect: |party| match &party.role {
            Role::McpServer(server) => server.path.len() > 1 && server.path.ends_with('/'),
            _ => true,
        },
        lack: "the party's URL has no final slash",
        remedy: "write a `path` with a final slash, or leave `adds_slash` out",
    },
    DependentSetting {
        name: "client_secret_lifetime",
        has_effect: |party| server_of(party).is_none_or(registers_clients),
        lack: "no client can register at the party",
        remedy: "write `registration = [\"dcr\"]`, or leave `client_secret_lifetime` out",
    },
    DependentSetting {
        name: "refresh",
        has_effect: |party| server_of(party).is_none_or(takes_refresh_tokens),
        lack: "the party does not take refresh tokens",
        remedy: "put `refresh_token` into `grants`, or leave `refresh` out",
    },
    DependentSetting {
        name: "dpop_algorithms",
        has_effect: |party| match &party.role {
            Role::AuthorizationServer(server) | Role::IdentityProvider(server) => {
                server.dpop != Dpop::Off
            }
            Role::McpServer(server) => server.dpop != Dpop::Off,
            Role::WebSite => true,
        },
        lack: "the party verifies no proofs",
        remedy: "write `dpop = \"bound\"`, or leave `dpop_algorithms` out",
    },
];

impl CaseReader<'_> {
    /// Refuses settings, steps and starts without effect.
    pub(super) fn check_effects(&mut self, tree: &Node, steps: &[Step], deviations: &[Deviation]) {
        if !self.problems.is_empty() {
            return;
        }
        self.check_settings(tree, steps, deviations);
        let nodes = tree.get("step").and_then(|step| step.value.as_list());
        let nodes = nodes.unwrap_or_default();
        // a plain start that the loader has put first has no node
        let written = &steps[steps.len().saturating_sub(nodes.len())..];
        for (index, (node, step)) in nodes.iter().zip(written).enumerate() {
            match step {
                Step::Start(start) => self.check_start(node, start),
                Step::Change(change) => {
                    let rest = &written[index + 1..];
                    let starts_again = rest.iter().any(|step| matches!(step, Step::Start(_)));
                    let waits_for_end = matches!(
                        &change.after.event,
                        EventName::Kind { kind, .. } if *kind == EventKind::ClientFinished
                    );
                    if waits_for_end && !starts_again {
                        self.problem_with(
                            &node.span,
                            "the step has no effect: it waits for the end of the client, and \
                             nothing follows",
                            "write one more step with `connect`, or wait for another event",
                        );
                    }
                }
            }
        }
        let starts: Vec<&Start> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Start(start) => Some(start),
                Step::Change(_) => None,
            })
            .collect();
        for (node, step) in nodes.iter().zip(written) {
            if let Step::Change(change) = step {
                for (key, names) in [("expire", &change.expire), ("revoke", &change.revoke)] {
                    self.check_secrets(node, key, names, &starts);
                }
            }
        }
    }

    /// Refuses settings that depend on another one which the party never has.
    fn check_settings(&mut self, tree: &Node, steps: &[Step], deviations: &[Deviation]) {
        let Some(world) = tree.get("world").and_then(|world| world.value.as_table()) else {
            return;
        };
        for entry in world {
            let Some(party) = self.world.get(&entry.key) else {
                continue;
            };
            let states = states_of(party, steps, deviations);
            for setting in entry.value.as_table().unwrap_or_default() {
                let known = DEPENDENT_SETTINGS.iter().find(|d| d.name == setting.key);
                let Some(dependent) = known else { continue };
                if !states.iter().any(dependent.has_effect) {
                    self.problem_with(
                        &setting.key_span,
                        format!("`{}` has no effect: {}", dependent.name, dependent.lack),
                        dependent.remedy,
                    );
                }
            }
        }
    }

    fn check_start(&mut self, node: &Node, start: &Start) {
        if let Some(after) = node.get("after") {
            self.problem_with(
                &after.key_span,
                "`after` has no effect in a step that starts the client: it waits until the \
                 previous start has finished",
                "leave it out",
            );
        }
        let one_call = start.call.as_ref().is_none_or(|call| call.len() < 2);
        if start.at_once && start.connect.len() < 2 && one_call {
            let place = node.get("at_once").map_or(&node.span, |yes| &yes.key_span);
            let place = place.clone();
            self.problem_with(
                &place,
                "`at_once` has no effect: there is one server and no list of calls",
                "connect to several servers, or write `call = [\"test-tool\", \"test-tool\"]`",
            );
        }
    }

    /// Refuses secrets that nothing in this world ever issues.
    fn check_secrets(&mut self, step: &Node, key: &str, names: &[SecretName], starts: &[&Start]) {
        let items = step.get(key).and_then(|entry| entry.value.as_list());
        for (item, name) in items.unwrap_or_default().iter().zip(names) {
            let server = self.world.get(&name.party).and_then(server_of);
            let Some(lack) = server.and_then(|server| why_never_issued(server, name, starts))
            else {
                continue;
            };
            self.problem_with(
                &item.span,
                format!(
                    "the step has no effect on `{}.{}`: {lack}",
                    name.party, name.kind
                ),
                "name a secret that the party issues in this world, or leave it out",
            );
        }
    }
}

/// The party as it begins, and with everything that steps and deviations set.
fn states_of(party: &Party, steps: &[Step], deviations: &[Deviation]) -> Vec<Party> {
    let by_steps = steps.iter().filter_map(|step| match step {
        Step::Start(_) => None,
        Step::Change(change) => {
            let own = change.set.iter().filter(|(name, ..)| *name == party.name);
            Some(
                own.map(|(_, setting, value)| (setting, value))
                    .collect::<Vec<_>>(),
            )
        }
    });
    let by_deviations = deviations.iter().filter_map(|deviation| {
        let is_own = deviation.at.iter().any(|target| target.party == party.name);
        match &deviation.action {
            Action::Settings(set) if is_own => Some(
                set.iter()
                    .map(|(setting, value)| (setting, value))
                    .collect(),
            ),
            _ => None,
        }
    });
    let changed = by_steps.chain(by_deviations).map(|settings| {
        let mut changed = party.clone();
        for (setting, value) in settings {
            // what cannot be applied was refused where it was read
            let _ = changed.apply(setting, value);
        }
        changed
    });
    std::iter::once(party.clone()).chain(changed).collect()
}

fn server_of(party: &Party) -> Option<&AuthorizationServer> {
    match &party.role {
        Role::AuthorizationServer(server) | Role::IdentityProvider(server) => Some(server),
        Role::McpServer(_) | Role::WebSite => None,
    }
}

fn registers_clients(server: &AuthorizationServer) -> bool {
    server.registration.contains(&Registration::Dcr)
}

fn takes_refresh_tokens(server: &AuthorizationServer) -> bool {
    server.grants.contains(&Grant::RefreshToken)
}

/// Why an authorization server never issues a secret of this kind; `None`: it may.
fn why_never_issued(
    server: &AuthorizationServer,
    name: &SecretName,
    starts: &[&Start],
) -> Option<&'static str> {
    let is_handed_out = || starts.iter().any(|start| hands_out_client(start.flow));
    match name.kind.as_str() {
        "client_id" | "client_secret" if !registers_clients(server) && !is_handed_out() => {
            Some("no client registers there")
        }
        "client_secret" if server.client_auth == [ClientAuth::None] => {
            Some("its clients have no secret")
        }
        "refresh_token" if server.refresh == Refresh::None || !takes_refresh_tokens(server) => {
            Some("it issues no refresh tokens")
        }
        _ => None,
    }
}

/// Whether the client is handed a client ID that a server knows.
const fn hands_out_client(flow: Flow) -> bool {
    !matches!(flow, Flow::Plain | Flow::Dpop)
}
