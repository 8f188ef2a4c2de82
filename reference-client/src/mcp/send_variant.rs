//! The ways in which a request can be sent. A conforming client uses one of them.

use url::Url;

/// How a request is sent.
pub(super) struct SendVariant {
    pub token_placement: TokenPlacement,
    pub has_version_header: bool,
    /// Whether the proof of possession has the client's defects.
    pub has_defective_proof: bool,
    /// The session ID of another server.
    pub foreign_session: Option<String>,
    /// The URL, if it is not that of the MCP server.
    pub url: Option<Url>,
}

/// Where the access token is.
#[derive(Clone, Copy)]
pub(super) enum TokenPlacement {
    AuthorizationHeader,
    OwnHeader,
    /// As a bearer token, although it is bound to a key.
    BearerDespiteBinding,
    Omitted,
}

impl SendVariant {
    /// The way in which a conforming client sends every request.
    pub(super) fn conforming() -> Self {
        Self {
            token_placement: TokenPlacement::AuthorizationHeader,
            has_version_header: true,
            has_defective_proof: false,
            foreign_session: None,
            url: None,
        }
    }

    pub(super) fn with_token(token_placement: TokenPlacement) -> Self {
        Self {
            token_placement,
            ..Self::conforming()
        }
    }
}
