//! The `resource` parameter (RFC 8707).

use crate::authorization::authorization_request::AuthorizationRequest;
use crate::defect::{Defect, Defects};
use crate::run_context::RunContext;
use url::Url;

/// The value of `resource`. A conforming client sends the identifier from the resource's own
/// metadata.
pub(super) fn choose_resource(
    resource: &str,
    run: &RunContext,
    request: &AuthorizationRequest<'_>,
    defects: &Defects,
) -> Option<String> {
    let first = run
        .defect_state()
        .first_resource
        .get_or_insert_with(|| resource.to_owned())
        .clone();
    match () {
        () if defects.has(Defect::NO_RESOURCE) => None,
        () if defects.has(Defect::RESOURCE_ONLY_IF_ANNOUNCED)
            && request.server.protected_resources.is_none() =>
        {
            None
        }
        () if defects.has(Defect::RESOURCE_SLASH_ADDED) => {
            Some(format!("{}/", resource.trim_end_matches('/')))
        }
        () if defects.has(Defect::RESOURCE_IS_AUTHORIZATION_SERVER) => {
            Some(request.server.issuer.clone())
        }
        () if defects.has(Defect::RESOURCE_OF_FIRST_SERVER) => Some(first),
        () if defects.has(Defect::RESOURCE_HOST_ONLY) => Some(request.mcp.origin()),
        () if defects.has(Defect::RESOURCE_BARE_HOST) => {
            request.mcp.url.host_str().map(str::to_owned)
        }
        () if defects.has(Defect::RESOURCE_RESPELLED) => {
            Url::parse(resource).ok().map(String::from)
        }
        () if defects.has(Defect::RESOURCE_AS_CONFIGURED) => Some(request.mcp.configured.clone()),
        () if defects.has(Defect::RESOURCE_FROM_ENDPOINT) => {
            let of_endpoint = find_resource_in_query(&request.server.authorization_endpoint);
            Some(of_endpoint.unwrap_or_else(|| resource.to_owned()))
        }
        () => Some(resource.to_owned()),
    }
}

/// The `resource` that the query of an endpoint contains.
fn find_resource_in_query(endpoint: &str) -> Option<String> {
    Url::parse(endpoint)
        .ok()?
        .query_pairs()
        .find(|(name, _)| name == "resource")
        .map(|(_, value)| value.into_owned())
}
