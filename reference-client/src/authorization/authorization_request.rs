//! What is to be authorized, and the result.

use crate::discovery::ServerMetadata;
use crate::registration::ClientIdentity;
use crate::scope::Scope;
use crate::server_address::ServerAddress;
use crate::store::TokenSet;

/// What is to be authorized, and by which authorization server.
pub(super) struct AuthorizationRequest<'a> {
    pub mcp: &'a ServerAddress,
    pub server: &'a ServerMetadata,
    /// Absent in revision 2025-03-26, which has no resource indicators.
    pub resource: Option<&'a str>,
    pub scope: &'a Scope,
}

/// The result of an authorization.
pub(super) struct GrantedAuthorization {
    pub tokens: TokenSet,
    pub client: ClientIdentity,
    pub resource: Option<String>,
}

impl GrantedAuthorization {
    /// What was granted for a request in which no user had a part.
    pub(super) fn without_user(
        tokens: TokenSet,
        client: ClientIdentity,
        request: &AuthorizationRequest<'_>,
    ) -> Self {
        Self {
            tokens,
            client,
            resource: request.resource.map(str::to_owned),
        }
    }
}
