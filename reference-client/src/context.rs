//! The contract of the official conformance suite: environment and last argument become a
//! [`Config`].
//!
//! Of `MCP_CONFORMANCE_SCENARIO` only the kind of flow is read, on purpose: a client that knows
//! which test it is in proves nothing.

use crate::config::{Config, Credentials, Revision, Server};
use crate::defect::Defects;
use crate::error::Error;
use serde::Deserialize;

const NEWEST: Revision = Revision::July2026;

/// Reads the contract: `url` is the last argument, `variable` looks up the environment.
pub fn from_contract(
    url: &str,
    variable: impl Fn(&str) -> Option<String>,
    defects: Defects,
) -> Result<Config, Error> {
    let revision =
        match variable("MCP_CONFORMANCE_PROTOCOL_VERSION").filter(|text| !text.is_empty()) {
            Some(date) => date
                .parse()
                .map_err(|_| Error::Configuration("unknown protocol revision".to_owned()))?,
            None => NEWEST,
        };
    let context: Context =
        match variable("MCP_CONFORMANCE_CONTEXT").filter(|text| !text.trim().is_empty()) {
            // The parser's own message could repeat a secret.
            Some(json) => serde_json::from_str(&json).map_err(|_| {
                Error::Configuration("MCP_CONFORMANCE_CONTEXT is no such JSON".to_owned())
            })?,
            None => Context::default(),
        };
    let more = context.authspec.unwrap_or_default();
    let mut config = Config::new(revision, url);
    if let Some(servers) = more.servers.filter(|servers| !servers.is_empty()) {
        config.servers = servers.into_iter().map(|url| Server { url }).collect();
    }
    if let Some(call) = more.call.filter(|call| !call.is_empty()) {
        config.call = call;
    }
    config.at_once = more.at_once;
    config.verbose = more.verbose;
    config.credentials = context.client_id.map(|client_id| Credentials {
        client_id,
        client_secret: context.client_secret,
        private_key_pem: context.private_key_pem,
        issuer: more.credentials_issuer,
    });
    config.acts_for_itself = variable("MCP_CONFORMANCE_SCENARIO")
        .is_some_and(|name| name.starts_with("auth/client-credentials-"));
    config.defects = defects;
    Ok(config)
}

#[derive(Default, Deserialize)]
struct Context {
    client_id: Option<String>,
    client_secret: Option<String>,
    private_key_pem: Option<String>,
    authspec: Option<Additions>,
}

#[derive(Default, Deserialize)]
struct Additions {
    servers: Option<Vec<String>>,
    call: Option<Vec<String>>,
    #[serde(default)]
    at_once: bool,
    #[serde(default)]
    verbose: bool,
    credentials_issuer: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_contract() {
        let config = from_contract(
            "http://localhost:1/mcp",
            |name| match name {
                "MCP_CONFORMANCE_PROTOCOL_VERSION" => Some("2025-06-18".to_owned()),
                "MCP_CONFORMANCE_CONTEXT" => Some(
                    r#"{"name":"auth/x","client_id":"c","client_secret":"s","authspec":{"servers":["a","b"],"call":["t"],"at_once":true,"verbose":true,"credentials_issuer":"i"}}"#
                        .to_owned(),
                ),
                _ => None,
            },
            Defects::none(),
        )
        .unwrap();
        assert_eq!(config.revision, Revision::June2025);
        assert_eq!(config.servers.len(), 2);
        assert_eq!(config.call, ["t"]);
        assert!(config.at_once && config.verbose);
        assert_eq!(config.credentials.unwrap().issuer.as_deref(), Some("i"));
    }

    #[test]
    fn nothing_but_a_url() {
        let config = from_contract("u", |_| None, Defects::none()).unwrap();
        assert_eq!(config.revision, Revision::July2026);
        assert_eq!(
            (config.servers[0].url.as_str(), config.call[0].as_str()),
            ("u", "test-tool")
        );
    }
}
