//! The official suite's contract with a client: a URL as the last argument and three environment variables.
//!
//! The scenario variable names only the kind of flow, never the attack, unless the run is named. One additive member of the context,
//! `authspec`, carries what the official contract cannot; a client that ignores it runs everything that needs none of it.

use serde_json::{Map, Value as Json, json};

use super::Launch;

/// The environment variables that tell the client what to do.
pub(super) fn environment(launch: &Launch, named: bool) -> Vec<(&'static str, String)> {
    let kind = launch.flow.official_name().to_owned();
    let scenario = launch.official.clone().filter(|_| named).unwrap_or(kind);
    let mut out =
        vec![("MCP_CONFORMANCE_SCENARIO", scenario.clone()), ("MCP_CONFORMANCE_PROTOCOL_VERSION", launch.revision.as_str().to_owned())];
    let context = context(launch, &scenario);
    if context.len() > 1 {
        out.push(("MCP_CONFORMANCE_CONTEXT", Json::Object(context).to_string()));
    }
    out
}

fn context(launch: &Launch, scenario: &str) -> Map<String, Json> {
    let mut context = Map::new();
    let mut authspec = Map::new();
    context.insert("name".to_owned(), json!(scenario));
    if let Some(credentials) = &launch.credentials {
        context.insert("client_id".to_owned(), json!(credentials.client_id));
        context.extend(credentials.client_secret.as_ref().map(|secret| ("client_secret".to_owned(), json!(secret))));
        if let Some(key) = &credentials.private_key_pem {
            context.insert("private_key_pem".to_owned(), json!(key));
            context.insert("signing_algorithm".to_owned(), json!("ES256"));
        }
        authspec.insert("credentials_issuer".to_owned(), json!(credentials.issuer));
    }
    if launch.urls.len() > 1 {
        authspec.insert("servers".to_owned(), json!(launch.urls));
    }
    if let Some(call) = &launch.call {
        authspec.insert("call".to_owned(), json!(call));
    }
    if launch.at_once {
        authspec.insert("at_once".to_owned(), json!(true));
    }
    if launch.verbose {
        authspec.insert("verbose".to_owned(), json!(true));
    }
    if launch.run > 1 {
        authspec.insert("restart".to_owned(), json!(launch.run));
    }
    if !authspec.is_empty() {
        context.insert("authspec".to_owned(), Json::Object(authspec));
    }
    context
}
