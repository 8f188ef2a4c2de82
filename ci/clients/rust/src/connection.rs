//! The connection to one MCP server: the SDK's client, and its authorization manager.

use std::error::Error;
use std::sync::Arc;

use rmcp::RoleClient;
use rmcp::model::{
    CallToolRequestParams, ClientCapabilities, ClientConfig, Implementation, ProtocolVersion,
};
use rmcp::service::{
    ClientInitializeError, ClientLifecycleMode, ClientServiceExt, Peer, RunningService,
    ServiceError,
};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::auth::{
    AuthClient, AuthError, AuthorizationManager, AuthorizationRequest, OAuthState,
    WWWAuthenticateParams,
};
use rmcp::transport::streamable_http_client::{
    AuthRequiredError, InsufficientScopeError, StreamableHttpClientTransportConfig,
    StreamableHttpError,
};
use tokio::sync::Mutex;
use url::Url;

use crate::run_each::run_each;
use crate::sign_in::{Browser, SignIn};
use crate::state_file::StateFile;
use crate::{Credentials, Failure, Job};

const CLIENT_METADATA_URL: &str = "https://conformance-test.local/client-metadata.json";
const FIRST_STATELESS_VERSION: &str = "2026-07-28";
const MAX_AUTHORIZATIONS_PER_OPERATION: u32 = 3;

/// A connection to one MCP server.
pub struct Connection {
    authorization: Authorization,
    service: Mutex<Option<RunningService<RoleClient, ClientConfig>>>,
    peer: Peer<RoleClient>,
}

impl Connection {
    pub async fn open(server: &str, job: &Job) -> Result<Self, Failure> {
        let authorization = Authorization::new(server, job).await?;
        let service = authorization
            .authorized(|| async {
                let transport = StreamableHttpClientTransport::with_client(
                    authorization.client.clone(),
                    StreamableHttpClientTransportConfig::with_uri(server),
                );
                Ok(client_info(&job.version)?
                    .serve_with_lifecycle(transport, lifecycle(&job.version))
                    .await?)
            })
            .await?;
        let peer = service.peer().clone();
        Ok(Self {
            authorization,
            service: Mutex::new(Some(service)),
            peer,
        })
    }

    pub async fn use_tools(self: &Arc<Self>, job: &Job) -> Result<(), Failure> {
        self.authorization
            .authorized(|| async { Ok(self.peer.list_all_tools().await?) })
            .await?;
        let calls = job.tools.iter().map(|tool| {
            let (connection, tool) = (Arc::clone(self), tool.clone());
            async move { connection.call(&tool).await }
        });
        run_each(calls, job.at_once).await
    }

    async fn call(&self, tool: &str) -> Result<(), Failure> {
        let call = || async {
            Ok(self
                .peer
                .call_tool(CallToolRequestParams::new(tool.to_owned()))
                .await?)
        };
        let result = self.authorization.authorized(call).await?;
        if result.is_error == Some(true) {
            Err(format!("tool {tool} failed").into())
        } else {
            Ok(())
        }
    }

    pub async fn close(&self) {
        if let Some(service) = self.service.lock().await.take() {
            let _ = service.cancel().await;
        }
    }
}

/// What the client offers in the handshake.
fn client_info(version: &str) -> Result<ClientConfig, Failure> {
    let itself = Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let info = ClientConfig::new(ClientCapabilities::default(), itself);
    Ok(if is_stateless(version) {
        info
    } else {
        info.with_protocol_version(protocol_version(version)?)
    })
}

fn lifecycle(version: &str) -> ClientLifecycleMode {
    if is_stateless(version) {
        let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
        ClientLifecycleMode::Auto {
            preferred_versions,
            legacy_version: Some(ProtocolVersion::V_2025_11_25),
        }
    } else {
        ClientLifecycleMode::Initialize
    }
}

fn is_stateless(version: &str) -> bool {
    version.is_empty() || version >= FIRST_STATELESS_VERSION
}

fn protocol_version(version: &str) -> Result<ProtocolVersion, Failure> {
    Ok(serde_json::from_value(serde_json::Value::from(version))?)
}

/// The authorization of one server.
struct Authorization {
    client: AuthClient<reqwest::Client>,
    server: Url,
    credentials: Option<Credentials>,
    browser: Arc<Browser>,
    sign_in: SignIn,
    /// How often the user has signed in. The lock is held during a sign-in.
    signed_in: Mutex<u32>,
    state_file: StateFile,
}

/// The response of a server that demands authorization.
enum Refusal {
    /// 401, with the challenge if there is one.
    Unauthorized(Option<String>),
    /// 403 with a challenge.
    InsufficientScope {
        challenge: String,
        scope: Option<String>,
    },
}

impl Authorization {
    async fn new(server: &str, job: &Job) -> Result<Self, Failure> {
        let state_file = StateFile::open(job.folder.as_deref(), server);
        let sign_in = SignIn::listen(&state_file).await?;
        let mut manager = AuthorizationManager::new(server).await?;
        manager.set_credential_store(state_file.clone());
        manager.initialize_from_store().await?;
        Ok(Self {
            client: AuthClient::new(reqwest::Client::default(), manager),
            server: server.parse()?,
            credentials: job.credentials.clone(),
            browser: Arc::clone(&job.browser),
            sign_in,
            signed_in: Mutex::new(0),
            state_file,
        })
    }

    /// Runs an operation. Each time the server demands authorization, obtains it and tries again,
    /// at most three times.
    async fn authorized<T, F>(&self, operation: impl Fn() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let mut authorizations = 0;
        loop {
            let before = *self.signed_in.lock().await;
            let error = match operation().await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let Some(refusal) = Refusal::in_error(&*error, &self.server) else {
                return Err(error);
            };
            if authorizations == MAX_AUTHORIZATIONS_PER_OPERATION {
                return Err(error);
            }
            authorizations += 1;
            let mut signed_in = self.signed_in.lock().await;
            // Another operation may have signed in at the same time.
            if *signed_in == before {
                self.authorize(refusal).await?;
                *signed_in += 1;
            }
        }
    }

    async fn authorize(&self, refusal: Refusal) -> Result<(), Failure> {
        let mut place = self.client.auth_manager.lock().await;
        let mut blank = AuthorizationManager::new(self.server.as_str()).await?;
        blank.set_credential_store(self.state_file.clone());
        let manager = std::mem::replace(&mut *place, blank);
        let mut state = match refusal {
            Refusal::InsufficientScope { scope: Some(_), .. } => OAuthState::Authorized(manager),
            _ => OAuthState::Unauthorized(manager),
        };
        let outcome = self.sign_in(&mut state, refusal).await;
        match state {
            OAuthState::Unauthorized(manager) | OAuthState::Authorized(manager) => *place = manager,
            OAuthState::Session(session) => *place = session.auth_manager,
            _ => {}
        }
        outcome
    }

    async fn sign_in(&self, state: &mut OAuthState, refusal: Refusal) -> Result<(), Failure> {
        let redirect_uri = self.sign_in.redirect_uri.as_str();
        match refusal {
            Refusal::InsufficientScope {
                scope: Some(scope), ..
            } => drop(state.request_scope_upgrade(&scope, redirect_uri).await?),
            Refusal::InsufficientScope { challenge, .. } => {
                state
                    .start_authorization(self.request(Some(challenge)))
                    .await?
            }
            Refusal::Unauthorized(challenge) => {
                state.start_authorization(self.request(challenge)).await?
            }
        }
        let callback = self
            .sign_in
            .go(&state.get_authorization_url().await?, &*self.browser)
            .await?;
        Ok(state.handle_callback_url(&callback).await?)
    }

    fn request(&self, challenge: Option<String>) -> AuthorizationRequest {
        let mut request = AuthorizationRequest::new(&self.sign_in.redirect_uri)
            .with_client_name("mcp-authspec adapter, rmcp")
            .with_client_metadata_url(CLIENT_METADATA_URL);
        if let Some(Credentials {
            client_id,
            client_secret,
        }) = &self.credentials
        {
            request = request.with_preregistered_client(client_id);
            if let Some(secret) = client_secret {
                request = request.with_client_secret(secret);
            }
        }
        match challenge {
            Some(challenge) => request.with_challenge(challenge),
            None => request,
        }
    }
}

impl Refusal {
    /// Finds the server's refusal among the causes of an error. Two errors of the SDK do not return
    /// their cause as `source`.
    fn in_error(error: &(dyn Error + 'static), server: &Url) -> Option<Self> {
        match (error.downcast_ref(), error.downcast_ref()) {
            (Some(ClientInitializeError::TransportError { error, .. }), _)
            | (_, Some(ServiceError::TransportSend(error))) => {
                return Self::in_error(error.error.as_ref(), server);
            }
            (Some(ClientInitializeError::LegacyFallbackFailed { fallback, .. }), _) => {
                return Self::in_error(fallback.as_ref(), server);
            }
            _ => {}
        }
        if let Some(AuthRequiredError {
            www_authenticate_header,
            ..
        }) = error.downcast_ref()
        {
            return Some(Self::Unauthorized(Some(www_authenticate_header.clone())));
        }
        // The SDK returns this for every 403 with a challenge.
        if let Some(InsufficientScopeError {
            www_authenticate_header,
            required_scope,
            ..
        }) = error.downcast_ref()
        {
            let challenge = WWWAuthenticateParams::parse(www_authenticate_header, server);
            let refusal = || Self::InsufficientScope {
                challenge: www_authenticate_header.clone(),
                scope: required_scope.clone(),
            };
            return challenge.is_insufficient_scope().then(refusal);
        }
        match (error.downcast_ref(), error.downcast_ref()) {
            (Some(AuthError::AuthorizationRequired), _) => Some(Self::Unauthorized(None)),
            // Only this text shows a 401 without a challenge.
            (_, Some(StreamableHttpError::<reqwest::Error>::UnexpectedServerResponse(text)))
                if text.starts_with("HTTP 401") =>
            {
                Some(Self::Unauthorized(None))
            }
            _ => error
                .source()
                .and_then(|source| Self::in_error(source, server)),
        }
    }
}
