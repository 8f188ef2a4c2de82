//! An authorization server: really verifying, unless it is hostile (then it takes whatever helps
//! its attack).

mod assertion;
mod authorize;
mod clients;
mod metadata;
mod register;
mod token;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use authorize::ResponseDelivery;
pub(crate) use clients::{Client, ClientKind, keys_of, parts_of_url};
pub(crate) use metadata::metadata_path;

use super::state::State;
use crate::transcript::Actor;

/// What an authorization server remembers.
#[derive(Debug, Default)]
pub(crate) struct AuthorizationServerState {
    pub(crate) paths: Paths,
    pub(crate) clients: BTreeMap<String, Client>,
    pub(crate) codes: BTreeMap<String, Code>,
    /// Access tokens by their text.
    pub(crate) access_tokens: BTreeMap<String, AccessToken>,
    /// Refresh tokens by their text, used-up ones too.
    pub(crate) refresh_tokens: BTreeMap<String, RefreshToken>,
    /// Tokens and secrets that the world has declared expired or revoked.
    pub(crate) void: BTreeSet<String>,
    /// Client ID metadata documents that it has read, by URL.
    pub(crate) documents_read: BTreeSet<String>,
    /// Authorizations so far.
    pub(crate) grants: usize,
}

/// Paths of the endpoints on the server's origin.
#[derive(Debug, Default, Clone)]
pub(crate) struct Paths {
    pub(crate) authorization: String,
    pub(crate) token: String,
    pub(crate) registration: String,
    pub(crate) jwks: String,
}

/// An authorization code and everything it is bound to.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    /// The S256 challenge.
    pub(crate) challenge: Option<String>,
    /// `resource` as the client wrote it in its own authorization request.
    pub(crate) requested_resource: Option<String>,
    /// The audience that a token for this code gets.
    pub(crate) audience: String,
    pub(crate) scope: String,
    pub(crate) used: bool,
    /// Who loaded the authorization request that it answers.
    pub(crate) by: Actor,
    /// It was issued to the attacker's own account.
    pub(crate) attackers: bool,
}

/// An access token that was handed out.
#[derive(Debug, Clone)]
pub(crate) struct AccessToken {
    pub(crate) audience: String,
    pub(crate) scope: String,
    /// The authorization that it came from.
    pub(crate) grant: usize,
}

/// A refresh token that was handed out.
#[derive(Debug, Clone)]
pub(crate) struct RefreshToken {
    pub(crate) client_id: String,
    pub(crate) requested_resource: Option<String>,
    pub(crate) audience: String,
    pub(crate) scope: String,
    /// A newer one took its place.
    pub(crate) replaced: bool,
    /// All tokens of one authorization share this; reuse of a replaced one ends them all (RFC 9700
    /// section 4.14.2).
    pub(crate) grant: usize,
}

impl State {
    /// A code wherever it was issued: fields are about the client's request, whichever server it
    /// sends it to.
    pub(crate) fn code_anywhere(&self, code: &str) -> Option<&Code> {
        self.parties
            .keys()
            .find_map(|name| self.authorization_server(name)?.codes.get(code))
    }

    /// A refresh token wherever it was issued.
    pub(crate) fn refresh_anywhere(&self, token: &str) -> Option<&RefreshToken> {
        self.parties
            .keys()
            .find_map(|name| self.authorization_server(name)?.refresh_tokens.get(token))
    }

    /// What a refresh token is to the server that it is sent to.
    pub(crate) fn refresh_word(&self, party: &str, token: &str) -> &'static str {
        let Some(server) = self.authorization_server(party) else {
            return "unknown";
        };
        match server.refresh_tokens.get(token) {
            Some(_) if server.void.contains(token) => "expired",
            Some(known) if known.replaced => "replaced",
            Some(_) => "current",
            None if self.refresh_anywhere(token).is_some() => "anothers",
            None => "unknown",
        }
    }
}
