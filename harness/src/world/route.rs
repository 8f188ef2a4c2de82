//! What a request is for: a party, and one of its endpoints.

use super::party_id::PartyId;
use crate::scenario::model::{EventKind, Message, MetadataPlace};

/// The party and the endpoint that a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) party: PartyId,
    pub(crate) endpoint: Endpoint,
}

/// A place of a party that requests are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// Protected resource metadata at a place in the words of scenarios (`path`, `root`, `named`).
    ResourceMetadata(&'static str),
    /// Authorization server metadata; `None`: at a well-known name that no specification gives to
    /// MCP.
    Metadata(Option<MetadataPlace>),
    Authorization,
    Token,
    Registration,
    Jwks,
    Mcp,
    WebSite,
    Unknown,
}

impl Endpoint {
    /// The kind of the request's event.
    pub(crate) const fn request_kind(self) -> EventKind {
        match self {
            Self::ResourceMetadata(_) => EventKind::PrmRequest,
            Self::Metadata(_) => EventKind::MetadataRequest,
            Self::Authorization => EventKind::AuthorizationRequest,
            Self::Token => EventKind::TokenRequest,
            Self::Registration => EventKind::RegistrationRequest,
            Self::Mcp => EventKind::McpRequest,
            Self::Jwks | Self::WebSite | Self::Unknown => EventKind::Request,
        }
    }

    /// Whether an authorization server can have it on another origin than its issuer's.
    pub(crate) const fn is_movable(self) -> bool {
        matches!(
            self,
            Self::Authorization | Self::Token | Self::Registration | Self::Jwks
        )
    }

    /// Whether a specification gives this place to MCP.
    pub(crate) fn is_known(self) -> bool {
        !matches!(self, Self::Unknown | Self::Metadata(None))
    }

    /// The kind of answer that the endpoint gives, as far as scenarios know it. The MCP endpoint
    /// may give a challenge instead.
    pub(crate) const fn message(self) -> Option<Message> {
        match self {
            Self::ResourceMetadata(_) => Some(Message::Prm),
            Self::Metadata(_) => Some(Message::Metadata),
            Self::Authorization => Some(Message::AuthorizationResponse),
            Self::Token => Some(Message::TokenResponse),
            Self::Registration => Some(Message::RegistrationResponse),
            Self::Mcp => Some(Message::McpResponse),
            Self::Jwks | Self::WebSite | Self::Unknown => None,
        }
    }

    /// At which of several places a document was asked for, in the words of scenarios; empty where
    /// there is only one place.
    pub(crate) const fn place(self) -> &'static str {
        match self {
            Self::ResourceMetadata(place) => place,
            Self::Metadata(Some(place)) => place.as_str(),
            Self::Metadata(None) => "other",
            _ => "",
        }
    }
}

/// The well-known names that MCP clients may ask for at an authorization server.
pub(super) fn is_well_known(path: &str) -> bool {
    path.contains("/.well-known/oauth-authorization-server")
        || path.contains("/.well-known/openid-configuration")
}
