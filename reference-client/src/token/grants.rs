//! The grants that the client uses at the token endpoint.

use crate::authorization::PendingAuthorization;
use crate::defect::{Defect, Defects};
use crate::discovery::ServerMetadata;
use crate::error::ClientError;
use crate::registration::ClientIdentity;
use crate::run_context::RunContext;
use crate::scope::Scope;
use crate::store::TokenSet;
use crate::token::grant_names::JWT_BEARER;
use crate::token::token_request::TokenRequest;

/// Redeems a code, with what the pending authorization has recorded. A conforming client sends each
/// code once.
pub(crate) async fn redeem_code(
    run: &RunContext,
    pending: &PendingAuthorization,
    code: &str,
    defects: &Defects,
) -> Result<TokenSet, ClientError> {
    let mut redirect_uri = pending.redirect_uri.clone();
    if defects.has(Defect::TOKEN_REDIRECT_URI_DIFFERS) {
        redirect_uri.push('/');
    }
    let mut parameters = vec![
        ("grant_type", "authorization_code".to_owned()),
        ("code", code.to_owned()),
        ("redirect_uri", redirect_uri),
    ];
    if let Some(verifier) = &pending.verifier {
        if defects.has(Defect::VERIFIER_LOGGED) {
            run.platform.print_error(&format!("verifier: {verifier}"));
        }
        if defects.has(Defect::VERIFIER_MISMATCH) {
            parameters.push(("code_verifier", verifier.chars().rev().collect()));
        } else if !defects.has(Defect::NO_CODE_VERIFIER) {
            parameters.push(("code_verifier", verifier.clone()));
        }
    }
    if let Some(resource) = &pending.resource
        && !defects.has(Defect::NO_RESOURCE_IN_TOKEN_REQUEST)
    {
        let mut resource = resource.clone();
        if defects.has(Defect::RESOURCE_SLASH_IN_TOKEN_REQUEST) {
            resource.push('/');
        }
        parameters.push(("resource", resource));
    }
    let request = TokenRequest {
        run,
        server: &pending.server,
        client: &pending.client,
        parameters,
        defects,
    };
    request.obtain_tokens(&pending.scope).await
}

/// What a refresh needs.
pub(crate) struct RefreshGrant<'a> {
    /// The authorization server that issued the tokens.
    pub server: &'a ServerMetadata,
    pub client: &'a ClientIdentity,
    /// The resource that the tokens were issued for.
    pub resource: Option<&'a str>,
    pub old: &'a TokenSet,
}

/// Refreshes a token. The old refresh token is kept if the response contains no new one.
pub(crate) async fn refresh(
    run: &RunContext,
    grant: RefreshGrant<'_>,
) -> Result<TokenSet, ClientError> {
    let Some(refresh_token) = grant.old.refresh_token.clone() else {
        return Err(ClientError::TokenResponse("there is no refresh token"));
    };
    let mut parameters = vec![
        ("grant_type", "refresh_token".to_owned()),
        ("refresh_token", refresh_token.clone()),
    ];
    if let Some(resource) = grant.resource
        && !run.has(Defect::NO_RESOURCE_IN_REFRESH)
    {
        parameters.push(("resource", resource.to_owned()));
    }
    let request = TokenRequest {
        run,
        server: grant.server,
        client: grant.client,
        parameters,
        defects: run.defects(),
    };
    let granted_before = Scope::parse(&grant.old.scope);
    let mut new = request.obtain_tokens(&granted_before).await?;
    let keeps_old = new.refresh_token.is_none() && !run.has(Defect::REFRESH_LOST_WHEN_NOT_ROTATED);
    let ignores_new = run.has(Defect::ROTATED_REFRESH_IGNORED)
        || (grant.resource.is_none() && run.has(Defect::MARCH_ROTATION_IGNORED));
    if keeps_old || ignores_new {
        new.refresh_token = Some(refresh_token);
    }
    Ok(new)
}

/// Refreshes for more scope than was granted, and ignores the result:
/// [`Defect::STEP_UP_BY_REFRESH`].
pub(crate) async fn try_wider_refresh(run: &RunContext, grant: RefreshGrant<'_>, scope: &Scope) {
    let Some(refresh_token) = grant.old.refresh_token.clone() else {
        return;
    };
    let mut parameters = vec![
        ("grant_type", "refresh_token".to_owned()),
        ("refresh_token", refresh_token),
        ("scope", scope.to_parameter(run.defects())),
    ];
    let resource = grant.resource.map(str::to_owned);
    parameters.extend(resource.map(|resource| ("resource", resource)));
    let request = TokenRequest {
        run,
        server: grant.server,
        client: grant.client,
        parameters,
        defects: run.defects(),
    };
    let _ = request.send(grant.server.token_endpoint.clone()).await;
}

/// Signs in as the client itself, with its configured credentials (RFC 6749 section 4.4).
pub(crate) async fn request_with_client_credentials(
    run: &RunContext,
    server: &ServerMetadata,
    client: &ClientIdentity,
    resource: Option<&str>,
    scope: &Scope,
    defects: &Defects,
) -> Result<TokenSet, ClientError> {
    let grant_type = if defects.has(Defect::CLIENT_CREDENTIALS_BY_JWT_BEARER) {
        JWT_BEARER
    } else {
        "client_credentials"
    };
    let mut parameters = vec![("grant_type", grant_type.to_owned())];
    if let Some(resource) = resource
        && !defects.has(Defect::NO_RESOURCE)
    {
        parameters.push(("resource", resource.to_owned()));
    }
    if !scope.is_empty() {
        parameters.push(("scope", scope.to_parameter(defects)));
    }
    if defects.has(Defect::CLIENT_SECRET_LOGGED) {
        let secret = client.secret.as_deref().unwrap_or_default();
        run.report_progress(&format!("signing in with {secret}"));
    }
    let request = TokenRequest {
        run,
        server,
        client,
        parameters,
        defects,
    };
    request.obtain_tokens(scope).await
}
