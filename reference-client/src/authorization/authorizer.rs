//! The authorization of one MCP server: which token is current, and what to do when it is not good
//! enough.
//!
//! One lock guards it, held over the whole renewal: of many requests that find the token expired
//! the first renews it for all.

use crate::authorization::authorize::{self, AuthorizationRequest, GrantedAuthorization};
use crate::defect::Defect;
use crate::discovery::challenge::Challenge;
use crate::discovery::resource_metadata;
use crate::discovery::server_metadata::{self, ServerMetadata};
use crate::error::ClientError;
use crate::registration::{self, AuthMethod, RegisteredClient};
use crate::revision::ProtocolRevision;
use crate::run_context::RunContext;
use crate::scope::{self, Scope};
use crate::server_address::ServerAddress;
use crate::store::TokenSet;
use crate::token;
use std::sync::Arc;
use tokio::sync::Mutex;

const MOST_SERVERS: usize = 5;

pub(crate) struct Authorizer {
    run: Arc<RunContext>,
    mcp: ServerAddress,
    state: Mutex<AuthorizationState>,
}

/// A token to go on with.
pub(crate) struct Renewal {
    pub token: String,
    /// Whether the user had to be asked for it.
    pub asked_user: bool,
}

#[derive(Default)]
struct AuthorizationState {
    grant: Option<IssuedTokens>,
    /// Everything that was asked for at the present authorization server.
    asked: Scope,
    /// Only a defective client keeps it.
    remembered: Option<DiscoveryResult>,
}

/// TokenSet, and whom they are from: they are of use nowhere else.
#[derive(Clone)]
struct IssuedTokens {
    issuer: String,
    client: RegisteredClient,
    resource: Option<String>,
    tokens: TokenSet,
}

/// What the metadata says at this moment.
#[derive(Clone)]
struct DiscoveryResult {
    server: ServerMetadata,
    resource: Option<String>,
    listed: Scope,
}

impl Authorizer {
    pub(crate) fn new(run: Arc<RunContext>, mcp: ServerAddress) -> Self {
        Self {
            run,
            mcp,
            state: Mutex::default(),
        }
    }

    /// The token to try first.
    pub(crate) async fn current(&self) -> Option<String> {
        let own = self
            .state
            .lock()
            .await
            .grant
            .as_ref()
            .map(|grant| grant.tokens.access_token.clone());
        if own.is_none() && self.run.has(Defect::TOKEN_TO_OTHER_SERVER) {
            return self.run.defect_state().latest_token.clone();
        }
        own
    }

    /// After a 401: a token that may be better than the one that was used. Remembered, refreshed,
    /// or newly authorized.
    pub(crate) async fn renew(
        &self,
        challenge: Option<&Challenge>,
        used: Option<&str>,
    ) -> Result<Renewal, ClientError> {
        if self.run.has(Defect::UNAUTHORIZED_IS_FATAL)
            || (used.is_some() && self.run.has(Defect::TOKEN_LIFETIME_TRUSTED))
        {
            return Err(ClientError::Unauthorized);
        }
        if self.run.has(Defect::REFRESH_NOT_SHARED)
            && let Some(token) = self.refresh_without_lock(used).await
        {
            return Ok(Renewal {
                token,
                asked_user: false,
            });
        }
        let mut state = self.state.lock().await;
        if let Some(renewal) = renewed_by_another(&state, used) {
            return Ok(renewal);
        }
        let now = self.discover(&mut state, challenge, used).await?;
        let old = state.grant.take();
        let stays = old
            .as_ref()
            .is_none_or(|old| old.issuer == now.server.issuer);
        if !stays {
            self.leave(&mut state, old.as_ref(), &now).await?;
        } else if let Some(old) = old {
            if let Some(renewal) = self.refreshed(&mut state, old, &now).await? {
                return Ok(renewal);
            }
        } else if let Some(renewal) = self.remembered(&mut state, &now, used)? {
            return Ok(renewal);
        }
        let scope = if state.asked.is_empty() {
            self.with_offline_access(
                scope::initial(
                    challenge,
                    &now.listed,
                    &now.server.scopes,
                    self.run.defects(),
                ),
                &now.server,
            )
        } else {
            state.asked.union(&challenged(challenge))
        };
        self.authorize(&mut state, &now, scope).await
    }

    /// After a 403 `insufficient_scope`: a token with what was asked for before, and what is asked
    /// for now.
    pub(crate) async fn step_up(
        &self,
        challenge: Option<&Challenge>,
        used: Option<&str>,
    ) -> Result<Renewal, ClientError> {
        let mut state = self.state.lock().await;
        if let Some(renewal) = renewed_by_another(&state, used) {
            return Ok(renewal);
        }
        let now = self.discover(&mut state, challenge, used).await?;
        if state
            .grant
            .as_ref()
            .is_some_and(|old| old.issuer != now.server.issuer)
        {
            let old = state.grant.take();
            self.leave(&mut state, old.as_ref(), &now).await?;
        }
        let granted = state
            .grant
            .as_ref()
            .map(|grant| Scope::parse(&grant.tokens.scope))
            .unwrap_or_default();
        if self.run.has(Defect::SCOPE_ASSUMED_GRANTED)
            && granted.union(&challenged(challenge)) == granted
        {
            return Err(ClientError::Forbidden);
        }
        let scope = if self.run.has(Defect::SCOPE_NOT_UNITED) {
            challenged(challenge)
        } else {
            state.asked.union(&granted).union(&challenged(challenge))
        };
        if let Some(grant) = state
            .grant
            .as_ref()
            .filter(|_| self.run.has(Defect::STEP_UP_BY_REFRESH))
        {
            token::widen(
                &self.run,
                &now.server,
                &grant.client,
                grant.resource.as_deref(),
                &grant.tokens,
                &scope,
            )
            .await;
        }
        self.authorize(&mut state, &now, scope).await
    }

    /// A refresh token spares the user a sign-in: where the server offers `offline_access`, it is
    /// asked for besides what the resource takes.
    fn with_offline_access(&self, scope: Scope, server: &ServerMetadata) -> Scope {
        let offline = Scope::parse("offline_access");
        let offered = server.scopes.union(&offline) == server.scopes
            && self.run.config.revision >= ProtocolRevision::July2026;
        if offered && !scope.is_empty() && !self.run.has(Defect::OFFLINE_ACCESS_NEVER) {
            scope.union(&offline)
        } else {
            scope
        }
    }

    async fn authorize(
        &self,
        state: &mut AuthorizationState,
        now: &DiscoveryResult,
        scope: Scope,
    ) -> Result<Renewal, ClientError> {
        let request = AuthorizationRequest {
            mcp: &self.mcp,
            server: &now.server,
            resource: now.resource.as_deref(),
            scope: &scope,
        };
        let granted = if self.run.config.acts_for_itself {
            self.sign_in_itself(&request).await
        } else {
            authorize::authorize(&self.run, &request).await
        };
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
        state.asked = scope;
        self.accept(
            state,
            IssuedTokens {
                issuer: now.server.issuer.clone(),
                client,
                resource,
                tokens,
            },
        )?;
        self.run.tell("authorized");
        Ok(Renewal {
            token: current(state)?,
            asked_user: true,
        })
    }

    /// No user, no browser, no registration: the credentials are there.
    async fn sign_in_itself(
        &self,
        request: &AuthorizationRequest<'_>,
    ) -> Result<GrantedAuthorization, ClientError> {
        let (run, defects) = (&self.run, self.run.defects());
        if defects.has(Defect::CLIENT_CREDENTIALS_REGISTERS)
            && let Some(endpoint) = &request.server.registration_endpoint
        {
            let _ = run
                .http
                .post(endpoint.clone())
                .json(&registration::request_for_probe())
                .send()
                .await;
        }
        if defects.has(Defect::CLIENT_CREDENTIALS_ASKS_USER) {
            let _ = run
                .platform
                .open_url(&request.server.authorization_endpoint);
        }
        let client = registration::known(run, request.server, &self.mcp, defects)?
            .ok_or(ClientError::NoClientId)?;
        let tokens = match token::for_itself(
            run,
            request.server,
            &client,
            request.resource,
            request.scope,
            defects,
        )
        .await
        {
            Err(error) if defects.any_refused() && error.is_refusal() => {
                token::for_itself(
                    run,
                    request.server,
                    &client,
                    request.resource,
                    request.scope,
                    &defects.without_refused(),
                )
                .await?
            }
            outcome => outcome?,
        };
        Ok(GrantedAuthorization {
            tokens,
            client,
            resource: request.resource.map(str::to_owned),
        })
    }

    /// Refreshes if that is possible. If it fails the refresh token is dead, and not used again.
    async fn refreshed(
        &self,
        state: &mut AuthorizationState,
        mut old: IssuedTokens,
        now: &DiscoveryResult,
    ) -> Result<Option<Renewal>, ClientError> {
        self.forget_tokens(&old)?;
        if self.run.has(Defect::REFRESH_TOKEN_ASSUMED) {
            old.tokens
                .refresh_token
                .get_or_insert_with(|| "undefined".to_owned());
        }
        if old.tokens.refresh_token.is_none()
            || (now.resource.is_some() && old.resource.is_some() && now.resource != old.resource)
        {
            return Ok(None);
        }
        let attempts = if self.run.has(Defect::REFRESH_FOR_EVER) {
            6
        } else {
            1
        };
        for _ in 0..attempts {
            match token::refresh(
                &self.run,
                &now.server,
                &old.client,
                old.resource.as_deref(),
                &old.tokens,
            )
            .await
            {
                Ok(tokens) => {
                    old.tokens = tokens;
                    self.accept(state, old)?;
                    self.run.tell("refreshed");
                    return Ok(Some(Renewal {
                        token: current(state)?,
                        asked_user: false,
                    }));
                }
                Err(error) => self.run.tell(&format!("not refreshed: {error}")),
            }
        }
        Ok(None)
    }

    /// TokenSet of an earlier run, if they are from this server, for this resource, and to the client
    /// ID of today.
    fn remembered(
        &self,
        state: &mut AuthorizationState,
        now: &DiscoveryResult,
        used: Option<&str>,
    ) -> Result<Option<Renewal>, ClientError> {
        let key = self.store_key(now.resource.as_deref());
        let Some(tokens) = self
            .run
            .store
            .tokens(&now.server.issuer, &key)
            .filter(|_| used.is_none())
        else {
            return Ok(None);
        };
        let client = registration::known(&self.run, &now.server, &self.mcp, self.run.defects())?;
        let Some(client) = client.filter(|client| client.id == tokens.client_id) else {
            return Ok(None);
        };
        state.asked = Scope::parse(&tokens.scope);
        state.grant = Some(IssuedTokens {
            issuer: now.server.issuer.clone(),
            client,
            resource: now.resource.clone(),
            tokens,
        });
        Ok(Some(Renewal {
            token: current(state)?,
            asked_user: false,
        }))
    }

    /// The MCP server has moved to another authorization server: nothing of the old one is of use
    /// there.
    async fn leave(
        &self,
        state: &mut AuthorizationState,
        old: Option<&IssuedTokens>,
        now: &DiscoveryResult,
    ) -> Result<(), ClientError> {
        state.asked = Scope::default();
        let Some(old) = old else { return Ok(()) };
        self.forget_tokens(old)?;
        if self.run.has(Defect::ISSUER_CHANGE_FATAL) {
            return Err(ClientError::IssuerChanged);
        }
        if self.run.has(Defect::REFRESH_TO_NEW_ISSUER) {
            let nobody = RegisteredClient {
                id: String::new(),
                secret: None,
                auth_method: AuthMethod::None,
                registered_as: None,
            };
            let _ = token::refresh(
                &self.run,
                &now.server,
                &nobody,
                old.resource.as_deref(),
                &old.tokens,
            )
            .await;
        }
        Ok(())
    }

    fn accept(
        &self,
        state: &mut AuthorizationState,
        grant: IssuedTokens,
    ) -> Result<(), ClientError> {
        self.run.store.set_tokens(
            &grant.issuer,
            &self.store_key(grant.resource.as_deref()),
            Some(grant.tokens.clone()),
        )?;
        if self.run.has(Defect::STORE_IN_TMP) {
            self.run.store.copy_to_tmp();
        }
        if self.run.has(Defect::TOKEN_LOGGED) {
            self.run
                .platform
                .print(&format!("token: {}", grant.tokens.access_token));
        }
        if self.run.has(Defect::REFRESH_TOKEN_LOGGED) {
            self.run.platform.print(&format!(
                "refresh token: {}",
                grant.tokens.refresh_token.as_deref().unwrap_or("none")
            ));
        }
        {
            let mut defect_state = self.run.defect_state();
            defect_state.latest_token = Some(grant.tokens.access_token.clone());
            let refresh = grant.tokens.refresh_token.clone();
            defect_state
                .refresh_tokens
                .extend(refresh.map(|refresh| (grant.tokens.access_token.clone(), refresh)));
        }
        state.grant = Some(grant);
        Ok(())
    }

    fn forget_tokens(&self, grant: &IssuedTokens) -> Result<(), ClientError> {
        self.run.store.set_tokens(
            &grant.issuer,
            &self.store_key(grant.resource.as_deref()),
            None,
        )
    }

    fn store_key(&self, resource: Option<&str>) -> String {
        if self.run.has(Defect::TOKENS_KEYED_BY_ISSUER) {
            return "any".to_owned();
        }
        resource.unwrap_or(&self.mcp.canonical).to_owned()
    }

    /// Reads the metadata anew: what was true when the last token was issued need not be true any
    /// more.
    async fn discover(
        &self,
        state: &mut AuthorizationState,
        challenge: Option<&Challenge>,
        used: Option<&str>,
    ) -> Result<DiscoveryResult, ClientError> {
        if let Some(discovery) = state
            .remembered
            .clone()
            .filter(|_| self.run.has(Defect::METADATA_CACHED_FOR_EVER))
        {
            return Ok(discovery);
        }
        let at_origin = self.run.config.revision == ProtocolRevision::March2025;
        let discovery = if at_origin || self.run.has(Defect::PRM_SKIPPED) {
            let server = server_metadata::discover_at_origin(&self.run, &self.mcp, used).await?;
            let resource = (!at_origin).then(|| self.mcp.canonical.clone());
            DiscoveryResult {
                server,
                resource,
                listed: Scope::default(),
            }
        } else {
            match (
                resource_metadata::discover(&self.run, &self.mcp, challenge, used).await,
                self.configured_issuer(),
            ) {
                (Ok(metadata), _) => DiscoveryResult {
                    server: self.choose(&metadata.authorization_servers, used).await?,
                    resource: Some(metadata.resource),
                    listed: metadata.scopes,
                },
                (Err(ClientError::NoResourceMetadata), Some(issuer)) => DiscoveryResult {
                    server: self.choose(&[issuer], used).await?,
                    resource: Some(self.mcp.canonical.clone())
                        .filter(|_| !self.run.has(Defect::RESOURCE_ONLY_WITH_METADATA)),
                    listed: Scope::default(),
                },
                (Err(_), _) if self.run.has(Defect::GUESS_WITHOUT_PRM) => {
                    let server =
                        server_metadata::discover_at_origin(&self.run, &self.mcp, used).await?;
                    DiscoveryResult {
                        server,
                        resource: Some(self.mcp.canonical.clone()),
                        listed: Scope::default(),
                    }
                }
                (Err(error), _) => return Err(error),
            }
        };
        let unlisted = discovery
            .server
            .protected_resources
            .as_ref()
            .zip(discovery.resource.as_ref());
        if unlisted.is_some_and(|(listed, resource)| !listed.contains(resource))
            && !self.run.has(Defect::PROTECTED_RESOURCES_UNCHECKED)
        {
            return Err(ClientError::ResourceNotListed);
        }
        state.remembered = Some(discovery.clone());
        Ok(discovery)
    }

    /// The authorization server that the user named together with the credentials.
    fn configured_issuer(&self) -> Option<String> {
        self.run.config.credentials.as_ref()?.issuer.clone()
    }

    /// The first listed server that works; first of all the one that the configured credentials are
    /// from.
    async fn choose(
        &self,
        issuers: &[String],
        used: Option<&str>,
    ) -> Result<ServerMetadata, ClientError> {
        let own = self
            .run
            .config
            .credentials
            .as_ref()
            .and_then(|credentials| {
                let issuer = credentials
                    .issuer
                    .clone()
                    .or_else(|| self.run.store.issuer_of(&credentials.client_id))?;
                issuers.iter().position(|listed| *listed == issuer)
            });
        let most = if self.run.has(Defect::FIRST_AUTHORIZATION_SERVER_ONLY) {
            1
        } else {
            MOST_SERVERS
        };
        let mut failure = None;
        for position in own.into_iter().chain(0..issuers.len().min(most)) {
            let Some(issuer) = issuers.get(position) else {
                continue;
            };
            match server_metadata::discover(&self.run, issuer, used).await {
                Ok(mut server) => {
                    if self.run.has(Defect::AUTHORIZATION_SERVERS_MIXED)
                        && let Some(other) = issuers.iter().find(|listed| **listed != server.issuer)
                        && let Ok(other) = server_metadata::discover(&self.run, other, used).await
                    {
                        server.token_endpoint = other.token_endpoint;
                    }
                    return Ok(server);
                }
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        Err(failure.unwrap_or(ClientError::NoServerMetadata))
    }

    /// Every caller for itself, with the refresh token that came with the access token that it
    /// used: [`Defect::REFRESH_NOT_SHARED`].
    async fn refresh_without_lock(&self, used: Option<&str>) -> Option<String> {
        let (mut grant, server) = {
            let state = self.state.lock().await;
            (state.grant.clone()?, state.remembered.clone()?.server)
        };
        grant.tokens.refresh_token =
            Some(self.run.defect_state().refresh_tokens.get(used?)?.clone());
        let tokens = token::refresh(
            &self.run,
            &server,
            &grant.client,
            grant.resource.as_deref(),
            &grant.tokens,
        )
        .await
        .ok()?;
        let token = tokens.access_token.clone();
        let mut state = self.state.lock().await;
        self.accept(&mut state, IssuedTokens { tokens, ..grant })
            .ok()?;
        Some(token)
    }
}

fn renewed_by_another(state: &AuthorizationState, used: Option<&str>) -> Option<Renewal> {
    let token = state.grant.as_ref()?.tokens.access_token.clone();
    (used != Some(token.as_str())).then_some(Renewal {
        token,
        asked_user: false,
    })
}

fn current(state: &AuthorizationState) -> Result<String, ClientError> {
    state
        .grant
        .as_ref()
        .map(|grant| grant.tokens.access_token.clone())
        .ok_or(ClientError::Internal)
}

fn challenged(challenge: Option<&Challenge>) -> Scope {
    challenge
        .and_then(Challenge::scope)
        .map(Scope::parse)
        .unwrap_or_default()
}
