//! The JWT bearer grant (RFC 7523 section 2.1): an issuer that the server trusts vouches for
//! whoever presents its JWT. No refresh token comes of it.
//!
//! The JWT is that of a workload, or an ID-JAG. The platform vouches for the workload itself, so
//! that request needs no client authentication. An ID-JAG is bound to a client, which has to
//! authenticate (draft-ietf-oauth-identity-assertion-authz-grant section 4.4).

use super::super::super::http_request::Parameters;
use super::super::super::tokens::id_jag::{IdJagClaims, is_id_jag};
use super::super::super::workload_platform::verify_workload_token;
use super::super::authorize::default_scope;
use super::super::client::RegisteredClient;
use super::super::oauth_error::OAuthError;
use super::super::role::{AuthorizationContext, AuthorizationServerRole};
use super::granted::{Granted, RefreshPolicy};

/// Whether the assertion says who sends it, so that the client need not authenticate.
pub(super) fn identifies_client(
    _server: &AuthorizationServerRole,
    parameters: &Parameters,
) -> bool {
    !parameters.filled("assertion").is_some_and(is_id_jag)
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
    if server.memory.void.contains(assertion) {
        return Err(("invalid_grant", "the assertion has expired"));
    }
    let mut id_jag = None;
    // a hostile server accepts any assertion
    if !server.hostile {
        if is_id_jag(assertion) {
            id_jag = Some(check_id_jag(server, client, assertion, context)?);
        } else {
            check_workload_token(server, assertion)?;
        }
    }
    let named = id_jag
        .as_ref()
        .and_then(|claims| claims.resource.as_deref());
    let requested = parameters.filled("resource").or(named);
    let audience = server.token_audience(requested, context.resources)?;
    let scope = match (&id_jag, parameters.filled("scope")) {
        (Some(claims), requested) => narrow_scope(claims, requested)?,
        (None, Some(scope)) => scope.to_owned(),
        (None, None) => default_scope(context.resources),
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
    let addresses = &server.addresses;
    let audiences = [addresses.issuer.as_str(), addresses.token_endpoint.as_str()];
    match verify_workload_token(assertion, &audiences) {
        Ok(_) => Ok(()),
        Err(_) => Err(("invalid_grant", "the assertion does not verify")),
    }
}

/// Verifies an ID-JAG: signature, issuer, audience, expiry and the client that it is bound to. The
/// client may present it again until it expires.
fn check_id_jag(
    server: &AuthorizationServerRole,
    client: &RegisteredClient,
    assertion: &str,
    context: &AuthorizationContext<'_>,
) -> Result<IdJagClaims, OAuthError> {
    let mut trusted = context.identity_providers.iter();
    let issuer = &server.addresses.issuer;
    let claims = trusted.find_map(|provider| {
        let (key, own_issuer) = (provider.key, &provider.issuer);
        key.verify::<IdJagClaims>(assertion, own_issuer, &[issuer])
            .ok()
    });
    let claims = claims.ok_or(("invalid_grant", "the ID-JAG does not verify"))?;
    if claims.client_id != client.id {
        return Err(("invalid_grant", "the ID-JAG belongs to another client"));
    }
    Ok(claims)
}

/// The scope of the access token: that of the ID-JAG, or a part of it.
fn narrow_scope(claims: &IdJagClaims, requested: Option<&str>) -> Result<String, OAuthError> {
    let is_granted = |word: &str| claims.scope.split(' ').any(|granted| granted == word);
    match requested {
        None => Ok(claims.scope.clone()),
        Some(scope) if scope.split(' ').all(is_granted) => Ok(scope.to_owned()),
        Some(_) => Err(("invalid_scope", "the ID-JAG does not grant this scope")),
    }
}
