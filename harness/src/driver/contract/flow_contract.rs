//! What the official contract tells a client for each kind of flow: `scenarios/flows.toml`, which
//! is compiled in.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::scenario::model::Flow;
use crate::words::words;

words! {
    /// Members that the official schema of `MCP_CONFORMANCE_CONTEXT` has besides `name`.
    pub(in crate::driver) enum ContextMember {
        ClientId = "client_id",
        ClientSecret = "client_secret",
        Issuer = "issuer",
        PrivateKeyPem = "private_key_pem",
        SigningAlgorithm = "signing_algorithm",
        IdpClientId = "idp_client_id",
        IdpIdToken = "idp_id_token",
        IdpIssuer = "idp_issuer",
        IdpTokenEndpoint = "idp_token_endpoint",
        ValidJwt = "valid_jwt",
        WrongAudienceJwt = "wrong_audience_jwt",
        ExpiredJwt = "expired_jwt",
    }
}

/// What the official contract tells a client for one kind of flow.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::driver) struct FlowContract {
    /// The name by which an adapter of the official suite knows the kind of flow.
    pub(in crate::driver) name: String,
    /// The members of the context that such an adapter gets.
    #[serde(default)]
    pub(super) context: Vec<ContextMember>,
}

static CONTRACTS: LazyLock<BTreeMap<String, FlowContract>> =
    LazyLock::new(|| toml::from_str(scenarios::FLOWS).unwrap_or_default());

impl FlowContract {
    /// The contract of this kind of flow.
    pub(in crate::driver) fn of(flow: Flow) -> Self {
        CONTRACTS.get(flow.as_str()).cloned().unwrap_or_default()
    }

    /// Whether the client gets a client ID that was registered beforehand.
    pub(in crate::driver) fn hands_out_credentials(&self) -> bool {
        self.context.contains(&ContextMember::ClientId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::OFFICIAL_SCENARIOS;

    #[test]
    fn every_kind_of_flow_has_an_official_name() {
        assert_eq!(
            CONTRACTS.len(),
            Flow::ALL.len(),
            "the file parses and has no other kinds of flow"
        );
        for flow in Flow::ALL {
            let name = FlowContract::of(*flow).name;
            assert!(OFFICIAL_SCENARIOS.contains(&name.as_str()), "{flow}");
        }
    }
}
