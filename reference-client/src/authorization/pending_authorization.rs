//! The record of an authorization request that waits for its response.

use crate::discovery::ServerMetadata;
use crate::registration::ClientIdentity;
use crate::scope::Scope;

/// The record of one authorization request, made before the browser opens.
///
/// It contains everything that the response is compared with and everything that the token request
/// repeats, so that nothing has to be looked up after the response has arrived.
pub(crate) struct PendingAuthorization {
    pub server: ServerMetadata,
    pub client: ClientIdentity,
    pub state: Option<String>,
    pub verifier: Option<String>,
    pub redirect_uri: String,
    pub resource: Option<String>,
    pub scope: Scope,
}

#[cfg(test)]
impl PendingAuthorization {
    pub(crate) fn for_tests(issuer: &str, advertises_iss: bool) -> Self {
        Self {
            server: ServerMetadata::for_tests(issuer, advertises_iss),
            client: ClientIdentity::public("c".into()),
            state: Some("s".into()),
            verifier: Some("v".into()),
            redirect_uri: "http://127.0.0.1:1/callback".into(),
            resource: Some("http://localhost:1/mcp".into()),
            scope: Scope::parse("a b"),
        }
    }
}
