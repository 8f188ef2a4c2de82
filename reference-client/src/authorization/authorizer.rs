//! The authorization of one MCP server: keeps the current token, and renews it when the server
//! rejects it.

use crate::authorization::authorization_request::{AuthorizationRequest, GrantedAuthorization};
use crate::authorization::discovery_result::{self, DiscoveryResult};
use crate::authorization::issued_tokens::{AuthorizationState, IssuedTokens, RenewedToken};
use crate::authorization::sign_in_method::sign_in;
use crate::defect::Defect;
use crate::discovery::Challenge;
use crate::error::ClientError;
use crate::registration::{self, ClientIdentity};
use crate::revision::ProtocolRevision;
use crate::run_context::RunContext;
use crate::scope::{self, Scope};
use crate::server_address::ServerAddress;
use crate::sign_in::SignIn;
use crate::token;
use crate::url_rules;
use std::sync::Arc;
use tokio::sync::Mutex;

/// How often a client with [`Defect::REFRESH_FOR_EVER`] repeats a refresh.
const DEFECTIVE_REFRESH_ATTEMPTS: usize = 6;

/// The authorization of one MCP server.
///
/// One lock is held over a whole renewal. Of several requests whose token has expired, the first
/// one renews it for all.
pub(crate) struct Authorizer {
    run: Arc<RunContext>,
    mcp: ServerAddress,
    state: Mutex<AuthorizationState>,
}

impl Authorizer {
    pub(crate) fn new(run: Arc<RunContext>, mcp: ServerAddress) -> Self {
        Self {
            run,
            mcp,
            state: Mutex::default(),
        }
    }

    /// The token to send first.
    pub(crate) async fn current_token(&self) -> Option<String> {
        let own = self.state.lock().await.access_token();
        if own.is_none()
            && self.run.has(Defect::WORKLOAD_JWT_AS_ACCESS_TOKEN)
            && let SignIn::Workload(workload) = &self.run.config.sign_in
        {
            return Some(workload.jwt.clone());
        }
        if own.is_none() && self.run.has(Defect::TOKEN_TO_OTHER_SERVER) {
            return self.run.defect_state().latest_token.clone();
        }
        own
    }

    /// Provides another token after a 401 response: one from the store, a refreshed one or a newly
    /// authorized one. `used` is the rejected token.
    pub(crate) async fn renew_token(
        &self,
        challenge: Option<&Challenge>,
        used: Option<&str>,
    ) -> Result<RenewedToken, ClientError> {
        let trusts_lifetime = self.run.has(Defect::TOKEN_LIFETIME_TRUSTED)
            || self.run.has(Defect::TOKEN_REJECTION_HIDDEN);
        if self.run.has(Defect::UNAUTHORIZED_IS_FATAL) || (used.is_some() && trusts_lifetime) {
            return Err(ClientError::Unauthorized);
        }
        if self.run.has(Defect::REFRESH_NOT_SHARED)
            && let Some(token) = self.refresh_without_lock(used).await
        {
            return Ok(RenewedToken {
                token,
                asked_user: false,
            });
        }
        let mut state = self.state.lock().await;
        if let Some(renewed) = state.renewed_by_another(used) {
            return Ok(renewed);
        }
        let discovered = self.discover(&mut state, challenge, used).await?;
        let renewed = match state.issued.take() {
            Some(old) if old.issuer != discovered.server.issuer => {
                self.leave_issuer(&mut state, &old, &discovered).await?;
                None
            }
            Some(old) => self.refresh(&mut state, old, &discovered).await?,
            None => self.restore(&mut state, &discovered, used)?,
        };
        if let Some(renewed) = renewed {
            return Ok(renewed);
        }
        let scope = if state.requested.is_empty() {
            self.choose_initial_scope(challenge, &discovered)
        } else {
            state.requested.union(&challenged_scope(challenge))
        };
        self.authorize(&mut state, &discovered, scope).await
    }

    /// Obtains a token with more scope after a 403 response with `insufficient_scope`: what was
    /// requested before, and what the challenge names.
    pub(crate) async fn step_up(
        &self,
        challenge: Option<&Challenge>,
        used: Option<&str>,
    ) -> Result<RenewedToken, ClientError> {
        let mut state = self.state.lock().await;
        if let Some(renewed) = state.renewed_by_another(used) {
            return Ok(renewed);
        }
        let discovered = self.discover(&mut state, challenge, used).await?;
        let issuer = &discovered.server.issuer;
        if let Some(old) = state.issued.take_if(|old| old.issuer != *issuer) {
            self.leave_issuer(&mut state, &old, &discovered).await?;
        }
        let challenged = challenged_scope(challenge);
        let granted = match &state.issued {
            Some(issued) => Scope::parse(&issued.tokens.scope),
            None => Scope::default(),
        };
        if self.run.has(Defect::SCOPE_ASSUMED_GRANTED) && granted.union(&challenged) == granted {
            return Err(ClientError::Forbidden);
        }
        let scope = if self.run.has(Defect::SCOPE_NOT_UNITED) {
            challenged
        } else {
            state.requested.union(&granted).union(&challenged)
        };
        if self.run.has(Defect::STEP_UP_BY_REFRESH)
            && let Some(issued) = &state.issued
        {
            let grant = issued.refresh_grant(&discovered.server);
            token::try_wider_refresh(&self.run, grant, &scope).await;
        }
        self.authorize(&mut state, &discovered, scope).await
    }

    /// The scope of the first authorization. `offline_access` is added where the server offers it,
    /// because a refresh token saves the user a sign-in.
    fn choose_initial_scope(
        &self,
        challenge: Option<&Challenge>,
        discovered: &DiscoveryResult,
    ) -> Scope {
        let scope = scope::choose_initial_scope(
            challenge,
            &discovered.resource_scopes,
            &discovered.server.scopes,
            self.run.defects(),
        );
        let offline_access = Scope::parse("offline_access");
        let offered = discovered.server.scopes.union(&offline_access) == discovered.server.scopes
            && self.run.config.revision >= ProtocolRevision::July2026;
        if offered && !scope.is_empty() && !self.run.has(Defect::OFFLINE_ACCESS_NEVER) {
            scope.union(&offline_access)
        } else {
            scope
        }
    }

    async fn authorize(
        &self,
        state: &mut AuthorizationState,
        discovered: &DiscoveryResult,
        scope: Scope,
    ) -> Result<RenewedToken, ClientError> {
        let request = AuthorizationRequest {
            mcp: &self.mcp,
            server: &discovered.server,
            resource: discovered.resource.as_deref(),
            scope: &scope,
        };
        let granted = sign_in(&self.run, &request).await;
        let GrantedAuthorization {
            tokens,
            client,
            resource,
        } = match granted {
            Err(ClientError::AuthorizationRefused(code))
                if code == "invalid_scope" && self.run.has(Defect::SCOPE_ERROR_HIDDEN) =>
            {
                return Err(ClientError::ReasonHidden);
            }
            granted => granted?,
        };
        state.requested = scope;
        let issued = IssuedTokens {
            issuer: discovered.server.issuer.clone(),
            client,
            resource,
            tokens,
        };
        self.keep_tokens(state, issued)?;
        self.run.report_progress("authorized");
        Ok(RenewedToken {
            asked_user: true,
            ..state.renewed_token()?
        })
    }

    /// Refreshes the token if there is a refresh token. A refresh token that was refused is not
    /// used again.
    async fn refresh(
        &self,
        state: &mut AuthorizationState,
        mut old: IssuedTokens,
        discovered: &DiscoveryResult,
    ) -> Result<Option<RenewedToken>, ClientError> {
        self.forget_tokens(&old)?;
        if self.run.has(Defect::REFRESH_TOKEN_ASSUMED) {
            let refresh_token = &mut old.tokens.refresh_token;
            refresh_token.get_or_insert_with(|| "undefined".to_owned());
        }
        let is_for_another_resource = discovered.resource.is_some()
            && old.resource.is_some()
            && discovered.resource != old.resource;
        if old.tokens.refresh_token.is_none() || is_for_another_resource {
            return Ok(None);
        }
        let attempts = if self.run.has(Defect::REFRESH_FOR_EVER) {
            DEFECTIVE_REFRESH_ATTEMPTS
        } else {
            1
        };
        for _ in 0..attempts {
            match token::refresh(&self.run, old.refresh_grant(&discovered.server)).await {
                Ok(tokens) => {
                    old.tokens = tokens;
                    self.keep_tokens(state, old)?;
                    self.run.report_progress("refreshed");
                    return state.renewed_token().map(Some);
                }
                Err(error) => {
                    self.run.report_progress(&format!("not refreshed: {error}"));
                    self.forget_unknown_client(&error, &old.client)?;
                    if self.run.has(Defect::SIGN_IN_NOT_REPEATED) {
                        return Err(error);
                    }
                }
            }
        }
        Ok(None)
    }

    /// Drops a registration that the authorization server no longer knows.
    fn forget_unknown_client(
        &self,
        error: &ClientError,
        client: &ClientIdentity,
    ) -> Result<(), ClientError> {
        let is_unknown =
            matches!(error, ClientError::TokenRefused(code) if code == "invalid_client");
        if !is_unknown || self.run.has(Defect::FORGOTTEN_REGISTRATION_KEPT) {
            return Ok(());
        }
        registration::forget_registration(&self.run, client)
    }

    /// Restores tokens of an earlier run, if they belong to this authorization server and resource
    /// and to the present client ID.
    fn restore(
        &self,
        state: &mut AuthorizationState,
        discovered: &DiscoveryResult,
        used: Option<&str>,
    ) -> Result<Option<RenewedToken>, ClientError> {
        if used.is_some() {
            return Ok(None);
        }
        let server = &discovered.server;
        let key = self.store_key(discovered.resource.as_deref());
        let Some(tokens) = self.run.store.tokens(&server.issuer, &key) else {
            return Ok(None);
        };
        let defects = self.run.defects();
        let client = registration::find_known_client(&self.run, server, &self.mcp, defects)?;
        let Some(client) = client.filter(|client| client.id == tokens.client_id) else {
            return Ok(None);
        };
        self.run.dpop.note_tokens(&tokens);
        state.requested = Scope::parse(&tokens.scope);
        state.issued = Some(IssuedTokens {
            issuer: server.issuer.clone(),
            client,
            resource: discovered.resource.clone(),
            tokens,
        });
        state.renewed_token().map(Some)
    }

    /// Discards what belongs to the old authorization server, after the MCP server has moved to
    /// another one.
    async fn leave_issuer(
        &self,
        state: &mut AuthorizationState,
        old: &IssuedTokens,
        discovered: &DiscoveryResult,
    ) -> Result<(), ClientError> {
        state.requested = Scope::default();
        self.forget_tokens(old)?;
        if self.run.has(Defect::ISSUER_CHANGE_FATAL) {
            return Err(ClientError::IssuerChanged);
        }
        if self.run.has(Defect::REFRESH_TO_NEW_ISSUER) {
            let no_client = ClientIdentity::public(String::new());
            let mut grant = old.refresh_grant(&discovered.server);
            grant.client = &no_client;
            let _ = token::refresh(&self.run, grant).await;
        }
        Ok(())
    }

    fn keep_tokens(
        &self,
        state: &mut AuthorizationState,
        issued: IssuedTokens,
    ) -> Result<(), ClientError> {
        let key = self.store_key(issued.resource.as_deref());
        let tokens = &issued.tokens;
        let store = &self.run.store;
        store.set_tokens(&issued.issuer, &key, Some(tokens.clone()))?;
        if self.run.has(Defect::STORE_IN_TMP) {
            store.copy_to_tmp();
        }
        let refresh_token = tokens.refresh_token.as_deref();
        if self.run.has(Defect::TOKEN_LOGGED) {
            let line = format!("token: {}", tokens.access_token);
            self.run.platform.print(&line);
        }
        if self.run.has(Defect::REFRESH_TOKEN_LOGGED) {
            let line = format!("refresh token: {}", refresh_token.unwrap_or("none"));
            self.run.platform.print(&line);
        }
        self.run.defect_state().record_tokens(tokens);
        state.issued = Some(issued);
        Ok(())
    }

    fn forget_tokens(&self, issued: &IssuedTokens) -> Result<(), ClientError> {
        let key = self.store_key(issued.resource.as_deref());
        self.run.store.set_tokens(&issued.issuer, &key, None)
    }

    /// The key under which the store keeps the tokens for a resource.
    fn store_key(&self, resource: Option<&str>) -> String {
        match resource {
            _ if self.run.has(Defect::TOKENS_KEYED_BY_ISSUER) => "any".to_owned(),
            _ if self.run.has(Defect::TOKENS_KEYED_BY_HOST) => url_rules::origin(&self.mcp.url),
            resource => resource.unwrap_or(&self.mcp.canonical).to_owned(),
        }
    }

    /// Reads the metadata again, because it may have changed since the last token was issued.
    async fn discover(
        &self,
        state: &mut AuthorizationState,
        challenge: Option<&Challenge>,
        used: Option<&str>,
    ) -> Result<DiscoveryResult, ClientError> {
        if self.run.has(Defect::METADATA_CACHED_FOR_EVER)
            && let Some(discovered) = &state.last_discovery
        {
            return Ok(discovered.clone());
        }
        let discovered = discovery_result::discover(&self.run, &self.mcp, challenge, used).await?;
        state.last_discovery = Some(discovered.clone());
        Ok(discovered)
    }

    /// Refreshes for one request only, with the refresh token that belongs to the rejected access
    /// token: [`Defect::REFRESH_NOT_SHARED`].
    async fn refresh_without_lock(&self, used: Option<&str>) -> Option<String> {
        let (mut issued, server) = {
            let state = self.state.lock().await;
            (state.issued.clone()?, state.last_discovery.clone()?.server)
        };
        let refresh_token = self.run.defect_state().refresh_tokens.get(used?)?.clone();
        issued.tokens.refresh_token = Some(refresh_token);
        let tokens = token::refresh(&self.run, issued.refresh_grant(&server))
            .await
            .ok()?;
        let token = tokens.access_token.clone();
        let mut state = self.state.lock().await;
        self.keep_tokens(&mut state, IssuedTokens { tokens, ..issued })
            .ok()?;
        Some(token)
    }
}

/// The scope that a challenge names.
fn challenged_scope(challenge: Option<&Challenge>) -> Scope {
    challenge
        .and_then(Challenge::scope)
        .map(Scope::parse)
        .unwrap_or_default()
}
