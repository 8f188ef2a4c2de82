//! The contract of the official conformance suite: turns the environment and the last argument into
//! a [`ClientConfig`].
//!
//! The client reads only the kind of flow from `MCP_CONFORMANCE_SCENARIO`, because a client that
//! behaves according to the scenario's name proves nothing.

use crate::config::{ClientConfig, ConfiguredCredentials};
use crate::defect::Defects;
use crate::error::ClientError;
use crate::revision::ProtocolRevision;
use crate::sign_in::{EnterpriseIdentity, SignIn, UnusableTokens, WorkloadIdentity};
use serde::Deserialize;
use std::path::PathBuf;

/// Reads the contract. `url` is the last argument, `variable` looks up an environment variable.
pub fn from_contract(
    url: &str,
    variable: impl Fn(&str) -> Option<String>,
    defects: Defects,
) -> Result<ClientConfig, ClientError> {
    let revision = match variable("MCP_CONFORMANCE_PROTOCOL_VERSION") {
        Some(date) if !date.is_empty() => date.parse().map_err(|_| {
            ClientError::Configuration("unknown revision in MCP_CONFORMANCE_PROTOCOL_VERSION")
        })?,
        _ => ProtocolRevision::NEWEST,
    };
    let mut context: ContractContext = match variable("MCP_CONFORMANCE_CONTEXT") {
        // The parser's own message could repeat a secret.
        Some(json) if !json.trim().is_empty() => serde_json::from_str(&json).map_err(|_| {
            ClientError::Configuration("MCP_CONFORMANCE_CONTEXT does not have the expected form")
        })?,
        _ => ContractContext::default(),
    };
    let extension = context.authspec.take().unwrap_or_default();
    let scenario = variable("MCP_CONFORMANCE_SCENARIO").unwrap_or_default();
    let mut config = ClientConfig::new(revision, url);
    config.sign_in = read_sign_in(&scenario, &mut context, &extension)?;
    if let Some(servers) = extension.servers.filter(|servers| !servers.is_empty()) {
        config.servers = servers;
    }
    if let Some(call) = extension.call.filter(|call| !call.is_empty()) {
        config.call = call;
    }
    config.at_once = extension.at_once;
    config.verbose = extension.verbose;
    config.credentials = context.client_id.map(|client_id| ConfiguredCredentials {
        client_id,
        client_secret: context.client_secret,
        private_key_pem: context.private_key_pem,
        issuer: extension.credentials_issuer,
    });
    config.binds_tokens = scenario.starts_with("auth/dpop");
    config.defects = defects;
    Ok(config)
}

/// How the client is to obtain access tokens.
fn read_sign_in(
    scenario: &str,
    context: &mut ContractContext,
    extension: &ContractExtension,
) -> Result<SignIn, ClientError> {
    if scenario.starts_with("auth/client-credentials-") {
        return Ok(SignIn::ClientCredentials);
    }
    if scenario.starts_with("auth/enterprise-managed-authorization") {
        let id_token = context.idp_id_token.take();
        let identity = id_token.zip(context.idp_token_endpoint.take());
        let (id_token, token_endpoint) = identity.ok_or(ClientError::Configuration(
            "MCP_CONFORMANCE_CONTEXT has no ID token and identity provider",
        ))?;
        return Ok(SignIn::Enterprise(EnterpriseIdentity {
            client_id: context.idp_client_id.take().unwrap_or_default(),
            client_secret: extension.idp_client_secret.clone(),
            id_token,
            refresh_token: extension.idp_refresh_token.clone(),
            token_endpoint,
        }));
    }
    if scenario.starts_with("auth/wif-") {
        let jwt = context.valid_jwt.take();
        return Ok(SignIn::Workload(WorkloadIdentity {
            jwt: jwt.ok_or(ClientError::Configuration(
                "MCP_CONFORMANCE_CONTEXT has no valid_jwt",
            ))?,
            token_file: extension.workload_token_file.clone(),
            unusable: UnusableTokens {
                wrong_audience: context.wrong_audience_jwt.take(),
                expired: context.expired_jwt.take(),
            },
        }));
    }
    Ok(SignIn::User)
}

/// The members of `MCP_CONFORMANCE_CONTEXT` that the client reads.
#[derive(Default, Deserialize)]
struct ContractContext {
    client_id: Option<String>,
    client_secret: Option<String>,
    private_key_pem: Option<String>,
    idp_client_id: Option<String>,
    idp_id_token: Option<String>,
    idp_token_endpoint: Option<String>,
    valid_jwt: Option<String>,
    wrong_audience_jwt: Option<String>,
    expired_jwt: Option<String>,
    authspec: Option<ContractExtension>,
}

/// The members that this suite adds to the official contract.
#[derive(Default, Deserialize)]
struct ContractExtension {
    servers: Option<Vec<String>>,
    call: Option<Vec<String>>,
    #[serde(default)]
    at_once: bool,
    #[serde(default)]
    verbose: bool,
    credentials_issuer: Option<String>,
    idp_client_secret: Option<String>,
    idp_refresh_token: Option<String>,
    workload_token_file: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: &str = r#"{
        "name": "auth/x", "client_id": "c", "client_secret": "s",
        "authspec": {
            "servers": ["a", "b"], "call": ["t"], "at_once": true, "verbose": true,
            "credentials_issuer": "i"
        }
    }"#;

    #[test]
    fn every_part_of_the_contract_is_read() {
        let variable = |name: &str| match name {
            "MCP_CONFORMANCE_PROTOCOL_VERSION" => Some("2025-06-18".to_owned()),
            "MCP_CONFORMANCE_CONTEXT" => Some(CONTEXT.to_owned()),
            _ => None,
        };
        let config = from_contract("http://localhost:1/mcp", variable, Defects::none()).unwrap();
        assert_eq!(config.revision, ProtocolRevision::June2025);
        assert_eq!(config.servers, ["a", "b"]);
        assert_eq!(config.call, ["t"]);
        assert!(config.at_once && config.verbose);
        assert_eq!(config.credentials.unwrap().issuer.as_deref(), Some("i"));
    }

    #[test]
    fn a_url_is_enough() {
        let config = from_contract("u", |_| None, Defects::none()).unwrap();
        assert_eq!(config.revision, ProtocolRevision::NEWEST);
        assert_eq!(config.servers, ["u"]);
        assert_eq!(config.call, ["test-tool"]);
    }
}
