//! The environment variables of the official contract.

use serde_json::{Map, Value as Json, json};

use super::flow_contract::{ContextMember, FlowContract};
use crate::driver::launch::Launch;
use crate::driver::provision::Provision;

/// The environment variables that tell the client what to do. `named`: the user wants official
/// names of scenarios, not only the kind of flow.
pub(in crate::driver) fn environment(launch: &Launch, named: bool) -> Vec<(&'static str, String)> {
    let scenario = scenario(launch, named);
    let context = context(launch, &scenario);
    let mut variables = vec![
        ("MCP_CONFORMANCE_SCENARIO", scenario),
        (
            "MCP_CONFORMANCE_PROTOCOL_VERSION",
            launch.revision.as_str().to_owned(),
        ),
    ];
    if context.len() > 1 {
        variables.push(("MCP_CONFORMANCE_CONTEXT", Json::Object(context).to_string()));
    }
    variables
}

/// The value of `MCP_CONFORMANCE_SCENARIO`: the name of the kind of flow, or of the official
/// scenario.
pub(in crate::driver) fn scenario(launch: &Launch, named: bool) -> String {
    launch
        .official
        .clone()
        .filter(|_| named)
        .unwrap_or_else(|| FlowContract::of(launch.flow).name)
}

/// The value of `MCP_CONFORMANCE_CONTEXT`. It always has the member `name`.
pub(in crate::driver) fn context(launch: &Launch, scenario: &str) -> Map<String, Json> {
    let mut context = Map::new();
    context.insert("name".to_owned(), json!(scenario));
    for member in FlowContract::of(launch.flow).context {
        if let Some(value) = provided_value(member, &launch.provision) {
            context.insert(member.to_string(), json!(value));
        }
    }
    let additions = additional_members(launch);
    if !additions.is_empty() {
        context.insert("authspec".to_owned(), Json::Object(additions));
    }
    context
}

/// The member `authspec` of the context: what the official contract cannot say.
fn additional_members(launch: &Launch) -> Map<String, Json> {
    let mut members = Map::new();
    let mut add = |name: &str, value: Json| drop(members.insert(name.to_owned(), value));
    if let Some(issuer) = launch.provision.issuer() {
        add("credentials_issuer", json!(issuer));
    }
    if let Some(identity) = launch.provision.identity() {
        add("idp_client_secret", json!(identity.client_secret));
        add("idp_refresh_token", json!(identity.refresh_token));
    }
    if let Some(tokens) = launch.provision.workload() {
        add("workload_token_file", json!(tokens.file));
    }
    if launch.urls.len() > 1 {
        add("servers", json!(launch.urls));
    }
    if let Some(tools) = &launch.call {
        add("call", json!(tools));
    }
    if launch.at_once {
        add("at_once", json!(true));
    }
    if launch.verbose {
        add("verbose", json!(true));
    }
    // not worth a context of its own: a strict adapter refuses a context where the official schema
    // has none for this name
    if launch.run > 1 && !members.is_empty() {
        members.insert("restart".to_owned(), json!(launch.run));
    }
    members
}

/// The value that was provided for a member of the context, if any.
fn provided_value(member: ContextMember, provision: &Provision) -> Option<&str> {
    match member {
        ContextMember::ClientId => provision.client_id(),
        ContextMember::ClientSecret => provision.client_secret(),
        ContextMember::Issuer => provision.issuer(),
        ContextMember::PrivateKeyPem => provision.private_key_pem(),
        ContextMember::SigningAlgorithm => provision
            .private_key_pem()
            .map(|_| Provision::SIGNING_ALGORITHM),
        ContextMember::ValidJwt => provision.workload().map(|tokens| tokens.valid.as_str()),
        ContextMember::WrongAudienceJwt => provision
            .workload()
            .map(|tokens| tokens.wrong_audience.as_str()),
        ContextMember::ExpiredJwt => provision.workload().map(|tokens| tokens.expired.as_str()),
        ContextMember::IdpClientId => provision.identity().map(|idp| idp.client_id.as_str()),
        ContextMember::IdpIdToken => provision.identity().map(|idp| idp.id_token.as_str()),
        ContextMember::IdpIssuer => provision.identity().map(|idp| idp.issuer.as_str()),
        ContextMember::IdpTokenEndpoint => {
            provision.identity().map(|idp| idp.token_endpoint.as_str())
        }
    }
}
