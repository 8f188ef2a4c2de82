//! The refresh token grant: a second use of a replaced token revokes the whole grant.

use super::super::super::http_request::Parameters;
use super::super::client::RegisteredClient;
use super::super::oauth_error::OAuthError;
use super::super::role::{AuthorizationContext, AuthorizationServerRole, RefreshToken};
use super::granted::{Granted, RefreshPolicy};
use super::possession::check_key;

/// Uses a refresh token.
pub(super) fn use_refresh_token(
    server: &mut AuthorizationServerRole,
    client: &RegisteredClient,
    parameters: &Parameters,
    context: &mut AuthorizationContext<'_>,
) -> Result<Granted, OAuthError> {
    let value = parameters
        .filled("refresh_token")
        .ok_or(("invalid_request", "no refresh_token"))?;
    let token = server
        .memory
        .refresh_tokens
        .get(value)
        .cloned()
        .ok_or(("invalid_grant", "this refresh token was not issued here"))?;
    if token.replaced {
        revoke_grant(server, token.grant);
        return Err((
            "invalid_grant",
            "this refresh token was used before: the grant is revoked",
        ));
    }
    if server.memory.void.contains(value) {
        return Err(("invalid_grant", "this refresh token is expired or revoked"));
    }
    let scope = check_refresh_request(&token, client, parameters)?;
    check_key(token.bound_to.as_deref(), context)?;
    Ok(Granted {
        client_id: client.id.clone(),
        audience: token.audience,
        scope,
        requested_resource: token.requested_resource,
        grant: token.grant,
        refresh: RefreshPolicy::Replace(value.to_owned()),
    })
}

/// Checks what a valid refresh token is bound to. Returns the scope of the new access token.
fn check_refresh_request(
    token: &RefreshToken,
    client: &RegisteredClient,
    parameters: &Parameters,
) -> Result<String, OAuthError> {
    if token.client_id != client.id {
        return Err((
            "invalid_grant",
            "this refresh token belongs to another client",
        ));
    }
    let authorized = token.requested_resource.as_deref();
    let mut resources = parameters.all_filled("resource").peekable();
    if authorized.is_some()
        && resources.peek().is_some()
        && !resources.any(|resource| Some(resource) == authorized)
    {
        return Err(("invalid_target", "resource is not that of the grant"));
    }
    let requested = parameters.filled("scope").unwrap_or(&token.scope);
    let is_granted = |word: &str| token.scope.split(' ').any(|granted| granted == word);
    if !requested.split(' ').all(is_granted) {
        return Err(("invalid_scope", "a refresh cannot widen the scope"));
    }
    Ok(requested.to_owned())
}

/// Revokes all tokens of one authorization (RFC 9700 section 4.14.2).
fn revoke_grant(server: &mut AuthorizationServerRole, grant: usize) {
    let memory = &mut server.memory;
    let refresh_tokens = memory.refresh_tokens.iter();
    let refresh_tokens = refresh_tokens.filter(|(_, token)| token.grant == grant);
    let access_tokens = memory.access_tokens.iter();
    let access_tokens = access_tokens.filter(|(_, token)| token.grant == grant);
    let refresh_tokens = refresh_tokens.map(|(value, _)| value.clone());
    let access_tokens = access_tokens.map(|(value, _)| value.clone());
    memory.void.extend(refresh_tokens.chain(access_tokens));
}
