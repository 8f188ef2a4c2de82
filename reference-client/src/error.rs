//! Every way a run can end badly. The texts are safe to print: no secrets, and nothing foreign that
//! was not cleaned first.

use thiserror::Error;

/// Why a run, or a part of it, failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// The configured server URL cannot be used.
    #[error("the MCP server's URL cannot be used: {0}")]
    ServerUrl(&'static str),
    /// The contract's environment or arguments make no sense.
    #[error("the configuration cannot be used: {0}")]
    Configuration(String),
    /// Nobody answered, or the answer broke off.
    #[error("no complete answer from the {0}")]
    Unreachable(&'static str),
    /// An answer with a status that leads nowhere.
    #[error("the {0} answered with status {1}")]
    Status(&'static str, u16),
    /// An answer of the wrong form.
    #[error("the {0} answered with something else than it should")]
    Malformed(&'static str),
    /// The MCP server demands authorization and the client is not to start one.
    #[error("the MCP server demands authorization")]
    Unauthorized,
    /// The MCP server keeps refusing tokens.
    #[error("the MCP server refuses every token")]
    StillUnauthorized,
    /// The MCP server forbids the request, and no scope is said to help.
    #[error("the MCP server forbids this")]
    Forbidden,
    /// More scope was asked for, and was not enough.
    #[error("the MCP server asks for more scope again and again")]
    ScopeNeverEnough,
    /// No usable protected resource metadata.
    #[error(
        "no protected resource metadata: the server does not say which authorization server is its own"
    )]
    NoResourceMetadata,
    /// The metadata belongs to another resource.
    #[error("the protected resource metadata describes another resource")]
    ResourceMismatch,
    /// A listed issuer is no issuer identifier.
    #[error("an authorization server is named in an impossible way")]
    IssuerForm,
    /// No metadata under any well-known address.
    #[error("the authorization server has no metadata")]
    NoServerMetadata,
    /// The document is somebody else's.
    #[error("the authorization server's metadata names another issuer")]
    IssuerMismatch,
    /// PKCE with S256 is not announced.
    #[error("the authorization server does not announce PKCE with S256")]
    PkceUnsupported,
    /// An endpoint that must not be used.
    #[error("the {0} endpoint is missing or no https address")]
    Endpoint(&'static str),
    /// The authorization server changed.
    #[error("the MCP server has moved to another authorization server")]
    IssuerChanged,
    /// The authorization server enumerates its resources, and the MCP server is none of them.
    #[error("the authorization server does not know this MCP server")]
    ResourceNotListed,
    /// No way to get a client ID.
    #[error("the authorization server offers no registration: configure a client_id for it")]
    NoClientId,
    /// The configured credentials belong to another authorization server.
    #[error(
        "the configured client_id belongs to another authorization server than the one that the MCP server names"
    )]
    ForeignCredentials,
    /// None of the authentication methods is known.
    #[error("the authorization server takes none of the client's authentication methods")]
    AuthMethod,
    /// The registration was refused.
    #[error("the authorization server refused to register the client: {0}")]
    RegistrationRefused(String),
    /// The registration was refused, and the reason is kept back (a defect).
    #[error("something went wrong")]
    Vague,
    /// The browser could not be started.
    #[error("the browser could not be opened")]
    Browser,
    /// The callback listener could not be opened.
    #[error("the callback listener could not be opened")]
    Listener,
    /// No authorization response came.
    #[error("no authorization response arrived")]
    NoResponse,
    /// The state is missing or wrong.
    #[error("the authorization response does not belong to the request: state")]
    State,
    /// The issuer is missing or wrong.
    #[error("issuer mismatch in the authorization response")]
    ResponseIssuer,
    /// A parameter came twice, or none that matters.
    #[error("the authorization response is malformed")]
    ResponseForm,
    /// A genuine error response.
    #[error("the authorization was refused: {0}")]
    AuthorizationRefused(String),
    /// The token endpoint said no.
    #[error("the token request was refused: {0}")]
    TokenRefused(String),
    /// The token answer cannot be used.
    #[error("the token endpoint's answer cannot be used: {0}")]
    TokenResponse(&'static str),
    /// A JSON-RPC error.
    #[error("the MCP server reported error {0}")]
    Rpc(i64),
    /// The tool reported an error.
    #[error("a tool reported an error")]
    Tool,
    /// The store could not be read or written.
    #[error("the store cannot be used: {0}")]
    Store(std::io::Error),
    /// The system has no random numbers.
    #[error("the system gives no random numbers")]
    Random,
    /// A part of the run crashed.
    #[error("a part of the run broke down")]
    Internal,
    /// Several servers failed.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several(Vec<Error>),
}

impl Error {
    /// Whether the other tools of the same server are worth a try.
    pub(crate) fn concerns_one_tool(&self) -> bool {
        matches!(
            self,
            Self::Forbidden | Self::ScopeNeverEnough | Self::Rpc(_) | Self::Tool
        )
    }

    /// Whether an honest authorization server may have said no to the request as it was made (not
    /// to what came back).
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NoResponse
                | Self::AuthorizationRefused(_)
                | Self::TokenRefused(_)
                | Self::RegistrationRefused(_)
                | Self::Status(_, 400..=499)
        )
    }
}
