//! The codes and refresh tokens that any authorization server has issued, with what the client
//! asked for.
//!
//! Event fields compare a token request with the authorization request that the client made,
//! whichever server it sends the code to, and an attacker knows what came along with a stolen
//! code. The authorization servers keep their own records and decide by those alone.

use std::collections::BTreeMap;

use crate::transcript::Actor;

/// What the client asked for when it was issued a code.
#[derive(Debug, Clone)]
pub(crate) struct IssuedCode {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    /// `resource` as the client wrote it in its own authorization request.
    pub(crate) requested_resource: Option<String>,
    /// Who loaded the authorization request.
    pub(crate) requested_by: Actor,
}

/// What the client asked for when it was issued a refresh token.
#[derive(Debug, Clone)]
pub(crate) struct IssuedRefreshToken {
    pub(crate) client_id: String,
    pub(crate) requested_resource: Option<String>,
}

/// All codes and refresh tokens of a world, by their text.
#[derive(Debug, Default)]
pub(crate) struct IssuedGrants {
    pub(crate) codes: BTreeMap<String, IssuedCode>,
    pub(crate) refresh_tokens: BTreeMap<String, IssuedRefreshToken>,
}
