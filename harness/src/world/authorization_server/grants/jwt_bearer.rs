//! The JWT bearer grant (RFC 7523 section 2.1): an issuer that the server trusts vouches for
//! whoever presents its JWT. No refresh token comes of it.
//!
//! The JWT is that of a workload. The platform vouches for the workload itself, so the request
//! needs no client authentication.

use super::super::super::http_request::Parameters;
use super::super::super::workload_platform::verify_workload_token;
use super::super::authorize::default_scope;
use super::super::client::RegisteredClient;
use super::super::oauth_error::OAuthError;
use super::super::role::{AuthorizationContext, AuthorizationServerRole};
use super::granted::{Granted, RefreshPolicy};

/// Whether the assertion says who sends it, so that the client need not authenticate.
pub(super) fn identifies_client(_parameters: &Parameters) -> bool {
    true
}

/// Accepts the JWT of an issuer that this server trusts.
pub(super) fn accept_assertion(
    server: &mut AuthorizationServerRole,
    client: &RegisteredClient,
    parameters: &Parameters,
    context: &mut AuthorizationContext<'_>,
) -> Result<Granted, OAuthError> {
    let assertion = parameters
        .filled("assertion")
        .ok_or(("invalid_request", "no assertion"))?;
    // a hostile server accepts any assertion
    if !server.hostile {
        check_workload_token(server, assertion)?;
    }
    let requested = parameters.filled("resource");
    let audience = server.token_audience(requested, context.resources)?;
    let scope = match parameters.filled("scope") {
        Some(scope) => scope.to_owned(),
        None => default_scope(context.resources),
    };
    server.memory.grants += 1;
    Ok(Granted {
        client_id: client.id.clone(),
        audience,
        scope,
        requested_resource: requested.map(str::to_owned),
        grant: server.memory.grants,
        refresh: RefreshPolicy::Never,
    })
}

/// Verifies signature, issuer, audience and expiry. The audience is the issuer of this server or
/// its token endpoint (position 32). A workload may present its JWT until it expires.
fn check_workload_token(
    server: &AuthorizationServerRole,
    assertion: &str,
) -> Result<(), OAuthError> {
    if server.memory.void.contains(assertion) {
        return Err(("invalid_grant", "the workload's token has expired"));
    }
    let addresses = &server.addresses;
    let audiences = [addresses.issuer.as_str(), addresses.token_endpoint.as_str()];
    match verify_workload_token(assertion, &audiences) {
        Ok(_) => Ok(()),
        Err(_) => Err(("invalid_grant", "the assertion does not verify")),
    }
}
