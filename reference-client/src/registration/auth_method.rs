//! The methods of client authentication.

use crate::discovery::ServerMetadata;
use crate::error::ClientError;

/// How the client authenticates at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuthMethod {
    None,
    Basic,
    Post,
    PrivateKeyJwt,
}

impl AuthMethod {
    /// The name in metadata.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::None, Self::Basic, Self::Post, Self::PrivateKeyJwt]
            .into_iter()
            .find(|method| method.name() == name)
    }

    /// Chooses the first preferred method that the server supports. A server that lists no methods
    /// is assumed to support all of them.
    pub(super) fn choose(preferred: &[Self], server: &ServerMetadata) -> Result<Self, ClientError> {
        let is_supported = |method: &Self| match &server.auth_methods {
            Some(names) => names.iter().any(|name| name == method.name()),
            None => true,
        };
        preferred
            .iter()
            .copied()
            .find(is_supported)
            .ok_or(ClientError::AuthMethod)
    }
}
