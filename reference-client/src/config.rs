//! The configuration of one run: revision, servers, tools, credentials and defects.

use crate::defect::Defects;
use crate::reference_client_kind::ReferenceClientKind;
use crate::revision::ProtocolRevision;
use crate::sign_in::SignIn;
use crate::trust::TrustedAuthorities;
use std::fmt;
use std::time::Duration;

/// The configuration of one run.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// The revision of the protocol to speak.
    pub revision: ProtocolRevision,
    /// The kind of application that the client is.
    pub application: ReferenceClientKind,
    /// How the client obtains access tokens.
    pub sign_in: SignIn,
    /// Whether the client has its access tokens bound to a key, and accepts no others where servers
    /// offer it (extension `auth/dpop`).
    pub binds_tokens: bool,
    /// The URL of the client's metadata document, if it is not the default one.
    pub client_metadata_url: Option<String>,
    /// The URLs of the MCP servers to connect to, as the user wrote them.
    pub servers: Vec<String>,
    /// The tools to call at each server, after `tools/list`. An agent calls those that its model
    /// asks for.
    pub call: Vec<String>,
    /// The language model of an agent.
    pub model: Option<ModelAddress>,
    /// With several servers, whether to connect to all of them at once. With one server, whether to
    /// make all calls at once.
    pub at_once: bool,
    /// Whether to report progress on standard error. Secrets are never reported.
    pub verbose: bool,
    /// The credentials of a client that was registered beforehand.
    pub credentials: Option<ConfiguredCredentials>,
    /// Whose certificates the client accepts.
    pub trusted_authorities: TrustedAuthorities,
    /// The port on which the client always listens for its callback; `None`: any free one.
    pub callback_port: Option<u16>,
    /// The defects of the client: normally none or one.
    pub defects: Defects,
    /// How long to wait for the user, and for each HTTP response.
    pub patience: Duration,
}

impl ClientConfig {
    /// A run against one server, with defaults for everything else.
    pub fn new(revision: ProtocolRevision, url: impl Into<String>) -> Self {
        Self {
            revision,
            application: ReferenceClientKind::default(),
            sign_in: SignIn::default(),
            binds_tokens: false,
            client_metadata_url: None,
            servers: vec![url.into()],
            call: vec!["test-tool".to_owned()],
            model: None,
            at_once: false,
            verbose: false,
            credentials: None,
            trusted_authorities: TrustedAuthorities::System,
            callback_port: None,
            defects: Defects::none(),
            patience: Duration::from_secs(30),
        }
    }
}

/// Where the language model of an agent is.
#[derive(Clone)]
pub struct ModelAddress {
    /// The base URL of a provider with the Chat Completions interface.
    pub url: String,
    /// The key for the provider.
    pub key: String,
}

impl fmt::Debug for ModelAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelAddress")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

/// The credentials of a client that was registered beforehand.
#[derive(Clone)]
pub struct ConfiguredCredentials {
    /// The client ID.
    pub client_id: String,
    /// The secret of a confidential client.
    pub client_secret: Option<String>,
    /// The private key of a client that authenticates with assertions: PKCS #8 PEM, ES256.
    pub private_key_pem: Option<String>,
    /// The authorization server that issued them. If it is absent, they are bound to the first
    /// authorization server that they are used with.
    pub issuer: Option<String>,
}

impl fmt::Debug for ConfiguredCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfiguredCredentials")
            .field("client_id", &self.client_id)
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}
