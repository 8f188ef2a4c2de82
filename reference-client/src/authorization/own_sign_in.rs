//! Signing in as the client itself: without a user, a browser or a registration (extension
//! `oauth-client-credentials`).

use crate::authorization::authorization_request::{AuthorizationRequest, GrantedAuthorization};
use crate::authorization::authorize::authorize;
use crate::defect::{Defect, Defects};
use crate::discovery::ServerMetadata;
use crate::error::ClientError;
use crate::registration::{self, ClientIdentity};
use crate::run_context::RunContext;
use crate::store::TokenSet;
use crate::token;

/// Obtains a token with the configured credentials.
pub(super) async fn sign_in_as_itself(
    run: &RunContext,
    request: &AuthorizationRequest<'_>,
) -> Result<GrantedAuthorization, ClientError> {
    let defects = run.defects();
    if defects.has(Defect::CLIENT_CREDENTIALS_REGISTERS) {
        register(run, request.server).await;
    }
    if defects.has(Defect::CLIENT_CREDENTIALS_ASKS_USER) {
        let url = &request.server.authorization_endpoint;
        let _ = run.platform.open_url(url);
    }
    let client = registration::find_known_client(run, request.server, request.mcp, defects)?
        .ok_or(ClientError::NoClientId)?;
    let tokens = match request_token(run, request, &client, defects).await {
        Err(error) if defects.any_refused() && error.is_refusal() => {
            request_token(run, request, &client, &defects.without_refused()).await?
        }
        Err(error) if error.is_refusal() => {
            if defects.has(Defect::CLIENT_CREDENTIALS_REFUSED_REGISTERS) {
                register(run, request.server).await;
            }
            if defects.has(Defect::CLIENT_CREDENTIALS_REFUSED_ASKS_USER) {
                let _ = authorize(run, request).await;
            }
            return Err(error);
        }
        outcome => outcome?,
    };
    Ok(GrantedAuthorization::without_user(tokens, client, request))
}

async fn request_token(
    run: &RunContext,
    request: &AuthorizationRequest<'_>,
    client: &ClientIdentity,
    defects: &Defects,
) -> Result<TokenSet, ClientError> {
    let (server, resource, scope) = (request.server, request.resource, request.scope);
    token::request_with_client_credentials(run, server, client, resource, scope, defects).await
}

/// Registers without need. Only defective clients do.
pub(super) async fn register(run: &RunContext, server: &ServerMetadata) {
    if let Some(endpoint) = &server.registration_endpoint {
        let registration = registration::build_probe_request();
        let request = run.http.post(endpoint.clone()).json(&registration);
        let _ = request.send().await;
    }
}
