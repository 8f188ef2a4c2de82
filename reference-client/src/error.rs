//! Every way in which a run can fail.
//!
//! The messages are safe to print: they contain no secret, and text from other parties only after
//! [`printable`](crate::text::printable) has cleaned it.

use thiserror::Error;

/// Why a run, or a part of it, failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The configured URL of the MCP server cannot be used.
    #[error("the MCP server's URL cannot be used: {0}")]
    ServerUrl(&'static str),
    /// The environment or the arguments do not follow the contract.
    #[error("the configuration cannot be used: {0}")]
    Configuration(&'static str),
    /// There was no response, or it was incomplete.
    #[error("no complete response from the {0}")]
    Unreachable(&'static str),
    /// A response had a status that the client cannot continue with.
    #[error("the {0} responded with status {1}")]
    Status(&'static str, u16),
    /// A response did not have the expected form.
    #[error("the {0} responded with something unexpected")]
    Malformed(&'static str),
    /// The MCP server requires authorization and the client must not start one.
    #[error("the MCP server requires authorization")]
    Unauthorized,
    /// The MCP server rejects every new token.
    #[error("the MCP server rejects every token")]
    StillUnauthorized,
    /// The MCP server forbids the request, and does not say that more scope would help.
    #[error("the MCP server forbids the request")]
    Forbidden,
    /// The MCP server asks for more scope although the client has obtained it.
    #[error("the MCP server asks for more scope again and again")]
    ScopeNeverEnough,
    /// A server names a machine of the client's own network.
    #[error("a server names an address of an internal network")]
    InternalAddress,
    /// There is no usable protected resource metadata.
    #[error("no protected resource metadata: the MCP server names no authorization server")]
    NoResourceMetadata,
    /// The metadata belongs to another resource.
    #[error("the protected resource metadata describes another resource")]
    ResourceMismatch,
    /// A listed issuer does not have the form of an issuer identifier.
    #[error("the MCP server names an authorization server by an invalid issuer identifier")]
    IssuerForm,
    /// None of the well-known URLs has metadata.
    #[error("the authorization server has no metadata")]
    NoServerMetadata,
    /// The metadata belongs to another issuer.
    #[error("the authorization server's metadata names another issuer")]
    IssuerMismatch,
    /// PKCE with S256 is not announced.
    #[error("the authorization server does not announce PKCE with S256")]
    PkceUnsupported,
    /// An endpoint is missing or must not be used.
    #[error("the {0} endpoint is missing or is not an https URL")]
    Endpoint(&'static str),
    /// The MCP server names another authorization server than before.
    #[error("the MCP server has moved to another authorization server")]
    IssuerChanged,
    /// The authorization server lists its resources, and the MCP server is not among them.
    #[error("the authorization server does not list this MCP server among its resources")]
    ResourceNotListed,
    /// There is no way to get a client ID.
    #[error("the authorization server offers no registration: configure a client_id for it")]
    NoClientId,
    /// The configured credentials belong to another authorization server.
    #[error(
        "the configured client_id belongs to another authorization server than the one that the \
         MCP server names"
    )]
    ForeignCredentials,
    /// The client and the authorization server have no authentication method in common.
    #[error("the authorization server accepts none of the client's authentication methods")]
    AuthMethod,
    /// The registration was refused.
    #[error("the authorization server refused to register the client: {0}")]
    RegistrationRefused(String),
    /// The client hides the reason of a refusal. Only a defective client does.
    #[error("something went wrong")]
    ReasonHidden,
    /// The browser could not be started.
    #[error("the browser could not be opened")]
    Browser,
    /// The callback listener could not be opened.
    #[error("the callback listener could not be opened")]
    Listener,
    /// No authorization response arrived.
    #[error("no authorization response arrived")]
    NoResponse,
    /// The state is missing or wrong.
    #[error("the authorization response does not belong to the request: state mismatch")]
    State,
    /// The issuer is missing or wrong.
    #[error("issuer mismatch in the authorization response")]
    ResponseIssuer,
    /// A parameter occurs more than once, or a required one is missing.
    #[error("the authorization response is malformed")]
    ResponseForm,
    /// The authorization server sent an error response.
    #[error("the authorization was refused: {0}")]
    AuthorizationRefused(String),
    /// The token endpoint sent an error response.
    #[error("the token request was refused: {0}")]
    TokenRefused(String),
    /// The company's identity provider refused the exchange.
    #[error("the identity provider denied the request: {0}")]
    PolicyDenied(String),
    /// The response of the token endpoint cannot be used.
    #[error("the token response cannot be used: {0}")]
    TokenResponse(&'static str),
    /// The authorization server verifies no proofs that the client can make.
    #[error("the authorization server supports none of the client's algorithms for proofs")]
    ProofAlgorithm,
    /// The MCP server sent a JSON-RPC error.
    #[error("the MCP server reported error {0}")]
    Rpc(i64),
    /// The tool reported an error.
    #[error("a tool reported an error")]
    Tool,
    /// The store could not be read or written.
    #[error("the store cannot be used: {0}")]
    Store(std::io::Error),
    /// The system provides no random numbers.
    #[error("the system provides no random numbers")]
    Random,
    /// A part of the run panicked, or an invariant does not hold.
    #[error("internal error in the client")]
    Internal,
    /// Several servers failed.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Several(Vec<ClientError>),
}

impl ClientError {
    /// Whether the error concerns one tool only, so that the client can call the server's other
    /// tools.
    pub(crate) fn concerns_one_tool(&self) -> bool {
        matches!(
            self,
            Self::Forbidden | Self::ScopeNeverEnough | Self::Rpc(_) | Self::Tool
        )
    }

    /// Whether an honest authorization server may have refused the request. Errors in what the
    /// server sent are no refusals.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::NoResponse
                | Self::AuthorizationRefused(_)
                | Self::TokenRefused(_)
                | Self::PolicyDenied(_)
                | Self::RegistrationRefused(_)
                | Self::Status(_, 400..=499)
        )
    }
}
