//! The official suite's contract with a client: a URL as the last argument and three environment
//! variables.
//!
//! The scenario variable names only the kind of flow (`scenarios/flows.toml`), never the attack,
//! unless the run is named. The context has the members that the official schema has for that kind.
//! One additive member, `authspec`, carries what the official contract cannot; a client that
//! ignores it runs everything that needs none of it.

use serde_json::{Map, Value as Json, json};

use super::flows::{Member, told};
use crate::driver::launch::Launch;

/// The environment variables that tell the client what to do.
pub(in crate::driver) fn environment(launch: &Launch, named: bool) -> Vec<(&'static str, String)> {
    let scenario = scenario(launch, named);
    let context = context(launch, &scenario);
    let mut out = vec![
        ("MCP_CONFORMANCE_SCENARIO", scenario),
        (
            "MCP_CONFORMANCE_PROTOCOL_VERSION",
            launch.revision.as_str().to_owned(),
        ),
    ];
    if context.len() > 1 {
        out.push(("MCP_CONFORMANCE_CONTEXT", Json::Object(context).to_string()));
    }
    out
}

/// The name of the kind of flow, or of the official scenario.
pub(in crate::driver) fn scenario(launch: &Launch, named: bool) -> String {
    launch
        .official
        .clone()
        .filter(|_| named)
        .unwrap_or_else(|| told(launch.flow).name)
}

/// What the client needs to know besides; its `name` is always there.
pub(in crate::driver) fn context(launch: &Launch, scenario: &str) -> Map<String, Json> {
    let mut context = Map::new();
    let mut authspec = Map::new();
    context.insert("name".to_owned(), json!(scenario));
    for member in told(launch.flow).context {
        if let Some(value) = value(member, launch) {
            context.insert(member.to_string(), json!(value));
        }
    }
    if let Some(credentials) = &launch.credentials {
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
    // alone it is not worth a context: a strict adapter refuses one whose name has none in the
    // official schema
    if launch.run > 1 && !authspec.is_empty() {
        authspec.insert("restart".to_owned(), json!(launch.run));
    }
    if !authspec.is_empty() {
        context.insert("authspec".to_owned(), Json::Object(authspec));
    }
    context
}

/// What the world has handed out for a member.
fn value(member: Member, launch: &Launch) -> Option<&str> {
    let credentials = launch.credentials.as_ref();
    match member {
        Member::ClientId => credentials.map(|c| c.client_id.as_str()),
        Member::ClientSecret => credentials.and_then(|c| c.client_secret.as_deref()),
        Member::PrivateKeyPem => credentials.and_then(|c| c.private_key_pem.as_deref()),
        Member::SigningAlgorithm => credentials
            .filter(|c| c.private_key_pem.is_some())
            .map(|_| "ES256"),
        // the worlds of these flows are not built yet
        Member::IdpClientId
        | Member::IdpIdToken
        | Member::IdpIssuer
        | Member::IdpTokenEndpoint
        | Member::ValidJwt
        | Member::WrongAudienceJwt
        | Member::ExpiredJwt => None,
    }
}
