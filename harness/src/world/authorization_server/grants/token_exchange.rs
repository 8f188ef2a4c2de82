//! Token exchange at an identity provider (RFC 8693): the user's identity assertion is exchanged
//! for an ID-JAG, which one authorization server accepts
//! (draft-ietf-oauth-identity-assertion-authz-grant section 4.3).

use serde_json::{Value as Json, json};

use super::super::super::clock::unix_seconds;
use super::super::super::http_request::Parameters;
use super::super::super::tokens::id_jag::{
    ID_JAG_LIFETIME, IdJagClaims, IdTokenClaims, sign_id_jag,
};
use super::super::client::RegisteredClient;
use super::super::oauth_error::OAuthError;
use super::super::role::{AuthorizationContext, AuthorizationServerRole, FederatedServer};

/// The type of the token that is asked for, and issued.
const ID_JAG: &str = "urn:ietf:params:oauth:token-type:id-jag";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";

/// Exchanges the user's identity assertion for an ID-JAG. Returns the response.
pub(super) fn exchange_token(
    server: &mut AuthorizationServerRole,
    client: &RegisteredClient,
    parameters: &Parameters,
    context: &mut AuthorizationContext<'_>,
) -> Result<Json, OAuthError> {
    check_request(parameters)?;
    let subject = find_subject(server, client, parameters)?;
    let audience = parameters
        .filled("audience")
        .ok_or(("invalid_request", "no audience"))?;
    let federated = context.federated.iter();
    let target = federated
        .clone()
        .find(|federated| federated.issuer == audience)
        .ok_or(("invalid_target", "no authorization server has this issuer"))?;
    let resource = check_resource(target, parameters)?;
    let scope = grant_scope(server, parameters);
    let now = unix_seconds();
    let claims = IdJagClaims {
        iss: server.addresses.issuer.clone(),
        sub: subject,
        aud: target.issuer.clone(),
        client_id: target.client_id.clone(),
        resource,
        scope: scope.clone(),
        jti: server.random.draw_hex(),
        iat: now,
        exp: now + ID_JAG_LIFETIME,
    };
    let id_jag = sign_id_jag(server.key(), &claims).map_err(|_| ("server_error", "cannot sign"))?;
    let may_see = vec![server.name.clone(), target.name.clone()];
    let recorder = &mut *context.recorder;
    recorder.issue_secret(&server.name, "id_jag", &id_jag, may_see);
    let mut document = json!({
        "issued_token_type": ID_JAG,
        "access_token": id_jag,
        "token_type": "N_A",
        "expires_in": ID_JAG_LIFETIME,
    });
    if !scope.is_empty() {
        document["scope"] = json!(scope);
    }
    Ok(document)
}

fn check_request(parameters: &Parameters) -> Result<(), OAuthError> {
    if parameters.get("requested_token_type") != Some(ID_JAG) {
        return Err(("invalid_request", "this server issues ID-JAGs only"));
    }
    if parameters.filled("actor_token").is_some() {
        return Err(("invalid_request", "actor_token is not used here"));
    }
    Ok(())
}

/// The user whose identity the subject token asserts.
fn find_subject(
    server: &AuthorizationServerRole,
    client: &RegisteredClient,
    parameters: &Parameters,
) -> Result<String, OAuthError> {
    let token = parameters
        .filled("subject_token")
        .ok_or(("invalid_request", "no subject_token"))?;
    if server.memory.void.contains(token) {
        return Err(("invalid_grant", "the subject token has expired"));
    }
    match parameters.get("subject_token_type") {
        Some(ID_TOKEN) => {
            let issuer = &server.addresses.issuer;
            let claims = server
                .key()
                .verify::<IdTokenClaims>(token, issuer, &[&client.id]);
            let claims = claims.map_err(|_| ("invalid_grant", "the ID token does not verify"))?;
            Ok(claims.sub)
        }
        Some(REFRESH_TOKEN) => {
            let known = server.memory.refresh_tokens.get(token);
            known
                .filter(|known| known.client_id == client.id && !known.replaced)
                .map(|_| "the-user".to_owned())
                .ok_or(("invalid_grant", "this refresh token was not issued here"))
        }
        _ => Err((
            "invalid_request",
            "this subject_token_type is not supported",
        )),
    }
}

/// The resource that the ID-JAG is for, if the client names one.
fn check_resource(
    target: &FederatedServer,
    parameters: &Parameters,
) -> Result<Option<String>, OAuthError> {
    let Some(resource) = parameters.filled("resource") else {
        return Ok(None);
    };
    if target.accepts_resource(resource) {
        Ok(Some(resource.to_owned()))
    } else {
        Err(("invalid_target", "this resource is not known here"))
    }
}

/// The scope that the company's policy grants.
fn grant_scope(server: &AuthorizationServerRole, parameters: &Parameters) -> String {
    let requested = parameters.filled("scope").unwrap_or_default();
    let Some(granted) = &server.settings.granted_scopes else {
        return requested.to_owned();
    };
    let allowed = requested
        .split(' ')
        .filter(|scope| granted.iter().any(|granted| granted == scope));
    allowed.collect::<Vec<_>>().join(" ")
}
