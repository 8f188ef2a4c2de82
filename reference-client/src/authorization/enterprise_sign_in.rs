//! Enterprise-managed authorization: the company's identity provider exchanges the user's ID token
//! for an ID-JAG, and the authorization server accepts the ID-JAG as a grant.
//!
//! The identity provider decides. If it refuses, the client ends the attempt: it neither asks the
//! user nor turns to the authorization server.

use crate::authorization::authorization_request::{AuthorizationRequest, GrantedAuthorization};
use crate::authorization::authorize::authorize;
use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use crate::registration::{self, AuthMethod, ClientIdentity};
use crate::run_context::RunContext;
use crate::sign_in::EnterpriseIdentity;
use crate::store::TokenSet;
use crate::token;

/// Obtains a token by way of the company's identity provider.
pub(super) async fn sign_in_by_enterprise(
    run: &RunContext,
    identity: &EnterpriseIdentity,
    request: &AuthorizationRequest<'_>,
) -> Result<GrantedAuthorization, ClientError> {
    let defects = run.defects();
    let outcome = match exchange_and_present(run, identity, request, defects).await {
        Err(error) if defects.any_refused_in("ext-ema-") && error.is_refusal() => {
            exchange_and_present(run, identity, request, &defects.without_refused()).await
        }
        Err(error) if asks_user(&error, defects) => {
            let _ = authorize(run, request).await;
            Err(error)
        }
        outcome => outcome,
    };
    let (tokens, client) = outcome?;
    Ok(GrantedAuthorization::without_user(tokens, client, request))
}

/// Whether a defective client asks the user after this error.
fn asks_user(error: &ClientError, defects: &Defects) -> bool {
    match error {
        ClientError::PolicyDenied(_) => defects.has(Defect::ENTERPRISE_DENIAL_ASKS_USER),
        ClientError::TokenRefused(_) => defects.has(Defect::ENTERPRISE_ASKS_USER),
        _ => false,
    }
}

async fn exchange_and_present(
    run: &RunContext,
    identity: &EnterpriseIdentity,
    request: &AuthorizationRequest<'_>,
    defects: &Defects,
) -> Result<(TokenSet, ClientIdentity), ClientError> {
    let server = request.server;
    let any_server = run.defects().has(Defect::ENTERPRISE_JAG_TO_ANY_SERVER);
    let client = if any_server {
        find_client_of_any_server(run)?
    } else {
        // This fails if the credentials belong to another authorization server.
        registration::find_known_client(run, server, request.mcp, defects)?
            .ok_or(ClientError::NoClientId)?
    };
    let configured = run
        .config
        .credentials
        .as_ref()
        .and_then(|c| c.issuer.clone());
    let audience = match configured {
        Some(issuer) if any_server => issuer,
        _ => server.issuer.clone(),
    };
    let id_jag = obtain_id_jag(run, identity, request, &audience, defects).await?;
    let is_first = run.defect_state().id_jag.replace(id_jag.clone()).is_none();
    if is_first && defects.has(Defect::ENTERPRISE_JAG_AS_ACCESS_TOKEN) {
        let tokens = TokenSet {
            access_token: id_jag,
            refresh_token: None,
            scope: String::new(),
            client_id: client.id.clone(),
            proof_algorithm: None,
        };
        return Ok((tokens, client));
    }
    if defects.has(Defect::ENTERPRISE_JAG_LOGGED) {
        run.report_progress(&format!("presenting {id_jag}"));
    }
    let client = break_client(client, identity, defects);
    // The scope is that of the ID-JAG, which the identity provider may have narrowed.
    let grant = token::AssertionGrant {
        server,
        client: &client,
        assertion: &id_jag,
        resource: request.resource,
        scope: &crate::scope::Scope::default(),
    };
    let tokens = token::request_with_assertion(run, grant, defects).await?;
    Ok((tokens, client))
}

/// The ID-JAG for the authorization server that is the audience.
async fn obtain_id_jag(
    run: &RunContext,
    identity: &EnterpriseIdentity,
    request: &AuthorizationRequest<'_>,
    audience: &str,
    defects: &Defects,
) -> Result<String, ClientError> {
    let cached = run.defect_state().id_jag.clone();
    if let Some(id_jag) = cached.filter(|_| defects.has(Defect::ENTERPRISE_JAG_CACHED)) {
        return Ok(id_jag);
    }
    if defects.has(Defect::ENTERPRISE_ID_TOKEN_TO_SERVER) {
        return Ok(identity.id_token.clone());
    }
    let exchange = token::IdentityExchange {
        identity,
        server: request.server,
        audience,
        resource: request.resource,
        scope: request.scope,
    };
    match token::exchange_identity(run, exchange, defects).await {
        Err(ClientError::PolicyDenied(_)) if defects.has(Defect::ENTERPRISE_DENIAL_IGNORED) => {
            Ok(identity.id_token.clone())
        }
        outcome => outcome,
    }
}

/// The configured client, for whichever server: [`Defect::ENTERPRISE_JAG_TO_ANY_SERVER`].
fn find_client_of_any_server(run: &RunContext) -> Result<ClientIdentity, ClientError> {
    let credentials = run.config.credentials.as_ref();
    let credentials = credentials.ok_or(ClientError::NoClientId)?;
    Ok(ClientIdentity {
        secret: credentials.client_secret.clone(),
        auth_method: AuthMethod::Basic,
        ..ClientIdentity::public(credentials.client_id.clone())
    })
}

/// The client as a defective one introduces itself to the authorization server.
fn break_client(
    client: ClientIdentity,
    identity: &EnterpriseIdentity,
    defects: &Defects,
) -> ClientIdentity {
    if defects.has(Defect::ENTERPRISE_PUBLIC) {
        return ClientIdentity::public(client.id);
    }
    if defects.has(Defect::ENTERPRISE_WRONG_CREDENTIALS) {
        return ClientIdentity {
            secret: identity.client_secret.clone(),
            ..ClientIdentity {
                id: identity.client_id.clone(),
                ..client
            }
        };
    }
    client
}
