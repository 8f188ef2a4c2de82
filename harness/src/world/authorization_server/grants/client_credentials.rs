//! The client credentials grant: a client that acts for itself (RFC 6749 section 4.4). A secret or
//! a key has shown who it is, and no refresh token comes of it.

use super::super::super::http_request::Parameters;
use super::super::authorize::default_scope;
use super::super::client::RegisteredClient;
use super::super::oauth_error::OAuthError;
use super::super::role::{AuthorizationContext, AuthorizationServerRole};
use super::granted::{Granted, RefreshPolicy};

/// Grants access to the client itself.
pub(super) fn grant_to_client(
    server: &mut AuthorizationServerRole,
    client: &RegisteredClient,
    parameters: &Parameters,
    context: &mut AuthorizationContext<'_>,
) -> Result<Granted, OAuthError> {
    if client.secret.is_none() && client.keys.is_none() {
        return Err((
            "unauthorized_client",
            "this grant is for confidential clients",
        ));
    }
    let requested = server.requested_resource(parameters, context.resources);
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
