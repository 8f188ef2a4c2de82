//! A client as an authorization server knows it.

use jsonwebtoken::jwk::JwkSet;
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::super::redirect_uri::{redirect_uri_kind, without_loopback_port};
use crate::scenario::model::LoopbackPorts;

/// A client as an authorization server knows it.
#[derive(Debug, Clone)]
pub(crate) struct RegisteredClient {
    pub(crate) id: String,
    pub(crate) kind: ClientKind,
    /// The redirect URIs that it registered; `None`: any but plain http, because the registration
    /// took place outside of this world.
    pub(crate) redirect_uris: Option<Vec<String>>,
    pub(crate) secret: Option<String>,
    /// Keys that its assertions are signed with.
    pub(crate) keys: Option<JwkSet>,
    /// How it authenticates according to its document, or to its registration as it was answered.
    pub(crate) auth_method: Option<String>,
}

/// How a client came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClientKind {
    Cimd,
    Dcr,
    PreRegistered,
    Unknown,
}

impl ClientKind {
    /// The kind of a client that the server does not know. A client ID that is a URL is meant as
    /// that of a metadata document, even where no server takes it for one.
    pub(crate) fn of_unknown(client_id: &str) -> Self {
        if client_id.starts_with("http://") || client_id.starts_with("https://") {
            Self::Cimd
        } else {
            Self::Unknown
        }
    }
}

impl RegisteredClient {
    /// A client of which only the ID is known.
    pub(crate) fn with_id(id: &str, kind: ClientKind) -> Self {
        Self {
            id: id.to_owned(),
            kind,
            redirect_uris: None,
            secret: None,
            keys: None,
            auth_method: None,
        }
    }

    /// Whether the browser may be sent to this URI: an exact match, but for the port of loopback
    /// redirects (RFC 8252 section 7.3), as far as `ports` says.
    pub(crate) fn allows_redirect_uri(&self, uri: &str, ports: LoopbackPorts) -> bool {
        let Some(registered) = &self.redirect_uris else {
            return !matches!(redirect_uri_kind(uri), "plain-http" | "malformed");
        };
        let port_varies = match ports {
            LoopbackPorts::Any => true,
            LoopbackPorts::AnyIp => redirect_uri_kind(uri) == "loopback-ip",
            LoopbackPorts::Exact => false,
        };
        let matches = |known: &String| {
            let portless = without_loopback_port(known).filter(|_| port_varies);
            known == uri || portless.is_some_and(|p| without_loopback_port(uri) == Some(p))
        };
        registered.iter().any(matches)
    }
}

/// Public keys out of a `jwks` member (RFC 7517 section 5).
pub(crate) fn read_key_set(jwks: &Json) -> Option<JwkSet> {
    serde_json::from_value(jwks.clone()).ok()
}

/// The redirect URIs that a document or a registration request lists.
pub(crate) fn read_redirect_uris(document: &Map<String, Json>) -> Vec<String> {
    let uris = document.get("redirect_uris").and_then(Json::as_array);
    uris.into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .map(str::to_owned)
        .collect()
}
