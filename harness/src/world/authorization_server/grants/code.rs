//! The authorization code grant: a code is used once, and bound to client, redirect URI, challenge
//! and resource.

use serde_json::json;

use super::super::super::http_request::Parameters;
use super::super::super::observe::fields::fields;
use super::super::super::pkce::s256_challenge;
use super::super::client::RegisteredClient;
use super::super::oauth_error::OAuthError;
use super::super::role::{AuthorizationCode, AuthorizationContext, AuthorizationServerRole};
use super::granted::{Granted, RefreshPolicy};
use super::possession::check_key;
use crate::scenario::model::{EventField, EventKind, Pkce, ResourceIndicators};

/// Redeems a code.
pub(super) fn redeem_code(
    server: &mut AuthorizationServerRole,
    client: &RegisteredClient,
    parameters: &Parameters,
    context: &mut AuthorizationContext<'_>,
) -> Result<Granted, OAuthError> {
    let value = parameters
        .filled("code")
        .ok_or(("invalid_request", "no code"))?;
    let code = match server.memory.codes.get(value) {
        Some(code) => code.clone(),
        // a hostile server accepts any code
        None if server.hostile => make_up_code(client, parameters, context),
        None => return Err(("invalid_grant", "this code was not issued here")),
    };
    check_code(server, &code, client, parameters)?;
    check_key(code.bound_to.as_deref(), context)?;
    if let Some(stored) = server.memory.codes.get_mut(value) {
        stored.used = true;
    }
    server.memory.grants += 1;
    if code.is_attackers {
        let gain = fields([
            (EventField::What, json!("code-injected")),
            (EventField::From, json!(server.name)),
        ]);
        context.recorder.record(None, EventKind::AttackerGain, gain);
    }
    let resource = parameters.filled("resource").map(str::to_owned);
    Ok(Granted {
        client_id: client.id.clone(),
        audience: code.audience,
        scope: code.scope,
        requested_resource: code.requested_resource.or(resource),
        grant: server.memory.grants,
        refresh: RefreshPolicy::First,
    })
}

/// What a hostile server takes a code for that it has not issued.
fn make_up_code(
    client: &RegisteredClient,
    parameters: &Parameters,
    context: &AuthorizationContext<'_>,
) -> AuthorizationCode {
    let redirect_uri = parameters.get("redirect_uri").unwrap_or_default();
    let audience = context.resources.first().map(|known| &known.resource);
    AuthorizationCode {
        client_id: client.id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        challenge: parameters.get("code_verifier").map(s256_challenge),
        requested_resource: parameters.filled("resource").map(str::to_owned),
        audience: audience.cloned().unwrap_or_default(),
        scope: String::new(),
        used: false,
        is_attackers: false,
        bound_to: None,
    }
}

fn check_code(
    server: &AuthorizationServerRole,
    code: &AuthorizationCode,
    client: &RegisteredClient,
    parameters: &Parameters,
) -> Result<(), OAuthError> {
    if code.used {
        return Err(("invalid_grant", "this code was used before"));
    }
    if code.client_id != client.id {
        return Err(("invalid_grant", "this code belongs to another client"));
    }
    let redirect_uri = parameters.filled("redirect_uri");
    if redirect_uri.is_some_and(|uri| uri != code.redirect_uri) {
        return Err((
            "invalid_grant",
            "redirect_uri is not that of the authorization request",
        ));
    }
    if server.settings.pkce == Pkce::Required {
        let verifier = parameters
            .filled("code_verifier")
            .ok_or(("invalid_grant", "no code_verifier"))?;
        if code.challenge.as_deref() != Some(s256_challenge(verifier).as_str()) {
            return Err((
                "invalid_grant",
                "code_verifier does not match the challenge",
            ));
        }
    }
    let mut resources = parameters.all_filled("resource").peekable();
    let authorized = code.requested_resource.as_deref();
    let indicators = server.settings.resource_indicators;
    if indicators == ResourceIndicators::Required && resources.peek().is_none() {
        return Err(("invalid_target", "resource is missing"));
    }
    if indicators != ResourceIndicators::Ignored
        && authorized.is_some()
        && resources.peek().is_some()
        && !resources.any(|resource| Some(resource) == authorized)
    {
        return Err((
            "invalid_target",
            "resource is not that of the authorization request",
        ));
    }
    Ok(())
}
