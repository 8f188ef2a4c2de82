//! What a party can be, and what parties of each kind send, have and issue.

use super::{EventKind, Message};
use crate::words::words;

words! {
    /// What a party can be.
    pub enum RoleKind {
        AuthorizationServer = "authorization server",
        IdentityProvider = "identity provider",
        McpServer = "mcp server",
        WebSite = "web site",
    }
}

/// Addresses of parties, as placeholders name them. Every other value of a party is a secret that
/// it issues.
pub const ADDRESSES: &[&str] = &[
    "origin",
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "registration_endpoint",
    "jwks_uri",
    "url",
    "resource",
    "prm_url",
    "address",
];

/// Secrets that the client makes itself.
const SECRETS_OF_CLIENT: [&str; 5] = [
    "code_verifier",
    "state",
    "client_assertion",
    "private_key",
    "nonce",
];

/// Secrets that no party looks up in its list of revoked ones: they are used once, or they are
/// invalid from the beginning.
const NEVER_REVOKED: &[&str] = &[
    "code",
    "registration_token",
    "attackers_code",
    "session_id",
    "wrong_audience_jwt",
    "expired_jwt",
];

impl RoleKind {
    /// The role with its article, for messages.
    pub const fn with_article(self) -> &'static str {
        match self {
            Self::AuthorizationServer => "an authorization server",
            Self::IdentityProvider => "an identity provider",
            Self::McpServer => "an MCP server",
            Self::WebSite => "a web site",
        }
    }

    /// Whether it issues tokens.
    pub const fn is_authorization_server(self) -> bool {
        matches!(self, Self::AuthorizationServer | Self::IdentityProvider)
    }

    /// The answers of such a party that can deviate.
    pub const fn messages(self) -> &'static [Message] {
        match self {
            Self::AuthorizationServer | Self::IdentityProvider => &[
                Message::Metadata,
                Message::RegistrationResponse,
                Message::AuthorizationResponse,
                Message::TokenResponse,
            ],
            Self::McpServer => &[Message::Prm, Message::Challenge, Message::McpResponse],
            Self::WebSite => &[],
        }
    }

    /// The addresses that such a party has.
    pub const fn addresses(self) -> &'static [&'static str] {
        match self {
            Self::AuthorizationServer | Self::IdentityProvider => &[
                "origin",
                "issuer",
                "authorization_endpoint",
                "token_endpoint",
                "registration_endpoint",
                "jwks_uri",
            ],
            Self::McpServer => &["origin", "url", "resource", "prm_url"],
            Self::WebSite => &["origin", "url", "address"],
        }
    }

    /// The secrets that such a party issues.
    pub const fn secrets(self) -> &'static [&'static str] {
        match self {
            Self::AuthorizationServer | Self::IdentityProvider => &[
                "code",
                "access_token",
                "refresh_token",
                "client_id",
                "client_secret",
                "registration_token",
                "id_token",
                "id_jag",
                "dpop_nonce",
                "attackers_code",
                "workload_jwt",
                "workload_file_jwt",
                "wrong_audience_jwt",
                "expired_jwt",
            ],
            Self::McpServer => &["session_id", "dpop_nonce"],
            Self::WebSite => &[],
        }
    }

    /// The secrets that such a party can let expire or revoke. A revoked `client_id` is a client
    /// that the server has forgotten.
    pub fn revocable_secrets(self) -> impl Iterator<Item = &'static str> {
        let secrets = self.secrets().iter().copied();
        secrets.filter(|secret| !NEVER_REVOKED.contains(secret))
    }

    /// Kinds of secrets, of all parties and of the client, in alphabetical order.
    pub fn all_secrets() -> Vec<&'static str> {
        let issued = Self::ALL.iter().flat_map(|role| role.secrets());
        let mut secrets: Vec<_> = issued.chain(&SECRETS_OF_CLIENT).copied().collect();
        secrets.sort_unstable();
        secrets.dedup();
        secrets
    }

    /// Events that happen at a party of this role. All others belong to the client.
    pub const fn events(self) -> &'static [EventKind] {
        match self {
            Self::AuthorizationServer | Self::IdentityProvider => &[
                EventKind::Request,
                EventKind::MetadataRequest,
                EventKind::RegistrationRequest,
                EventKind::AuthorizationRequest,
                EventKind::TokenRequest,
                EventKind::Metadata,
                EventKind::RegistrationResponse,
                EventKind::AuthorizationResponse,
                EventKind::TokenResponse,
                EventKind::ClientDocument,
                EventKind::AttackerGain,
            ],
            Self::McpServer => &[
                EventKind::Request,
                EventKind::PrmRequest,
                EventKind::McpRequest,
                EventKind::Prm,
                EventKind::Challenge,
                EventKind::McpResponse,
                EventKind::CallAccepted,
                EventKind::ToolCalled,
                EventKind::AttackerGain,
            ],
            Self::WebSite => &[EventKind::Request, EventKind::Handshake],
        }
    }
}

impl Message {
    /// The event that is recorded when it is sent.
    pub const fn event(self) -> EventKind {
        match self {
            Self::Metadata => EventKind::Metadata,
            Self::RegistrationResponse => EventKind::RegistrationResponse,
            Self::AuthorizationResponse => EventKind::AuthorizationResponse,
            Self::TokenResponse => EventKind::TokenResponse,
            Self::Prm => EventKind::Prm,
            Self::Challenge => EventKind::Challenge,
            Self::McpResponse => EventKind::McpResponse,
        }
    }

    /// The request that it answers.
    pub const fn request(self) -> EventKind {
        match self {
            Self::Metadata => EventKind::MetadataRequest,
            Self::RegistrationResponse => EventKind::RegistrationRequest,
            Self::AuthorizationResponse => EventKind::AuthorizationRequest,
            Self::TokenResponse => EventKind::TokenRequest,
            Self::Prm => EventKind::PrmRequest,
            Self::Challenge | Self::McpResponse => EventKind::McpRequest,
        }
    }

    /// The places at which a party serves it, where there are several.
    pub const fn places(self) -> &'static [&'static str] {
        match self {
            Self::Metadata => &["oauth", "openid", "openid-appended", "other"],
            Self::Prm => &["path", "root", "named"],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_placeholder_means_two_things() {
        for role in RoleKind::ALL {
            for address in role.addresses() {
                assert!(ADDRESSES.contains(address), "{address}");
            }
        }
        let secrets = RoleKind::all_secrets();
        assert!(ADDRESSES.iter().all(|address| !secrets.contains(address)));
    }
}
