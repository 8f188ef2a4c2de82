//! What a client is told for each kind of flow: `scenarios/flows.toml`, embedded.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::scenario::model::Flow;
use crate::words::words;

words! {
    /// Members of `MCP_CONFORMANCE_CONTEXT` that the official schema has beside `name`.
    pub(in crate::driver) enum Member {
        ClientId = "client_id",
        ClientSecret = "client_secret",
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

/// One kind of flow.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::driver) struct Told {
    /// The name by which an adapter of the official suite knows it.
    pub(in crate::driver) name: String,
    /// What such an adapter is given.
    #[serde(default)]
    pub(in crate::driver) context: Vec<Member>,
}

static FLOWS: LazyLock<BTreeMap<String, Told>> =
    LazyLock::new(|| toml::from_str(scenarios::FLOWS).unwrap_or_default());

/// What a client is told for this kind of flow.
pub(in crate::driver) fn told(flow: Flow) -> Told {
    FLOWS.get(flow.as_str()).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::OFFICIAL_SCENARIOS;

    #[test]
    fn every_kind_of_flow_is_there_under_an_official_name() {
        assert_eq!(
            FLOWS.len(),
            Flow::ALL.len(),
            "the file parses, and has no other"
        );
        for flow in Flow::ALL {
            assert!(
                OFFICIAL_SCENARIOS.contains(&told(*flow).name.as_str()),
                "{flow}"
            );
        }
    }
}
