//! An authorization server: its settings, what it remembers, and its one entry point.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::client_view::ClientView;
use super::super::draft::Draft;
use super::super::http_request::ReceivedRequest;
use super::super::issued_grants::IssuedGrants;
use super::super::keys::{HONEST, HOSTILE, IDENTITY_PROVIDER, KeyPair};
use super::super::party_id::PartyId;
use super::super::random::Random;
use super::super::recorder::Recorder;
use super::super::route::Endpoint;
use super::super::tokens::bearer::{InvalidToken, TokenGrant, verify_access_token};
use super::super::tokens::dpop_guard::DpopGuard;
use super::super::world_plan::ClientDocument;
use super::client::RegisteredClient;
use super::metadata_path::metadata_path;
use crate::scenario::model::{AuthorizationServer, MetadataPlace, TokenFormat};
use crate::transcript::Actor;

/// An authorization server.
#[derive(Debug)]
pub(crate) struct AuthorizationServerRole {
    pub(crate) id: PartyId,
    pub(crate) name: String,
    pub(crate) hostile: bool,
    /// Whether it is the sign-in server of a company.
    pub(crate) is_identity_provider: bool,
    pub(crate) settings: AuthorizationServer,
    pub(crate) addresses: AuthorizationServerAddresses,
    pub(crate) paths: EndpointPaths,
    pub(crate) random: Random,
    /// Client ID metadata documents that can be fetched through the harness, by URL.
    pub(crate) client_documents: Arc<BTreeMap<String, ClientDocument>>,
    pub(crate) memory: AuthorizationServerMemory,
}

/// What an authorization server remembers.
#[derive(Debug, Default)]
pub(crate) struct AuthorizationServerMemory {
    pub(crate) clients: BTreeMap<String, RegisteredClient>,
    pub(super) codes: BTreeMap<String, AuthorizationCode>,
    /// Access tokens by their text.
    pub(super) access_tokens: BTreeMap<String, AccessToken>,
    /// Refresh tokens by their text, including those that were used up.
    pub(super) refresh_tokens: BTreeMap<String, RefreshToken>,
    /// Tokens and secrets that the world has declared expired or revoked.
    pub(crate) void: BTreeSet<String>,
    /// Client ID metadata documents that the server has read, by URL.
    pub(super) documents_read: BTreeSet<String>,
    /// How many authorizations there have been.
    pub(super) grants: usize,
    /// What it knows of proofs of possession.
    pub(super) dpop: DpopGuard,
}

/// URLs of an authorization server.
#[derive(Debug, Clone)]
pub(crate) struct AuthorizationServerAddresses {
    pub(crate) issuer: String,
    pub(crate) authorization_endpoint: String,
    pub(crate) token_endpoint: String,
    pub(crate) registration_endpoint: String,
    pub(crate) jwks_uri: String,
}

/// Paths of the endpoints on the server's origin.
#[derive(Debug, Clone)]
pub(crate) struct EndpointPaths {
    pub(crate) authorization: String,
    pub(crate) token: String,
    pub(crate) registration: String,
    pub(crate) jwks: String,
}

/// An authorization code and everything that it is bound to.
#[derive(Debug, Clone)]
pub(super) struct AuthorizationCode {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    /// The S256 challenge.
    pub(super) challenge: Option<String>,
    /// `resource` as the client wrote it in its own authorization request.
    pub(super) requested_resource: Option<String>,
    /// The audience of a token for this code.
    pub(super) audience: String,
    pub(super) scope: String,
    pub(super) used: bool,
    /// Whether it was issued to the attacker's own account.
    pub(super) is_attackers: bool,
    /// The thumbprint of the key that the client announced (RFC 9449 section 10).
    pub(super) bound_to: Option<String>,
}

/// An access token that was issued.
#[derive(Debug, Clone)]
pub(super) struct AccessToken {
    pub(super) audience: String,
    pub(super) scope: String,
    /// The thumbprint of the key that it is bound to.
    pub(super) bound_to: Option<String>,
    /// The authorization that it came from.
    pub(super) grant: usize,
}

/// A refresh token that was issued.
#[derive(Debug, Clone)]
pub(super) struct RefreshToken {
    pub(super) client_id: String,
    pub(super) requested_resource: Option<String>,
    pub(super) audience: String,
    pub(super) scope: String,
    /// Whether a newer one has taken its place.
    pub(super) replaced: bool,
    /// All tokens of one authorization share this number; the reuse of a replaced refresh token
    /// revokes them all (RFC 9700 section 4.14.2).
    pub(super) grant: usize,
    /// The thumbprint of the key that it is bound to, because its client is public (RFC 9449
    /// section 5).
    pub(super) bound_to: Option<String>,
}

/// What an authorization server may read and write while it answers.
pub(crate) struct AuthorizationContext<'a> {
    pub(crate) recorder: &'a mut Recorder,
    pub(crate) view: &'a ClientView,
    pub(crate) issued: &'a mut IssuedGrants,
    /// The MCP servers that trust this authorization server.
    pub(crate) resources: &'a [KnownResource],
    /// The thumbprint of the key whose possession the token request proves.
    pub(crate) proven_key: Option<String>,
    /// The authorization servers for which an identity provider issues ID-JAGs.
    pub(crate) federated: &'a [FederatedServer],
    /// The identity providers whose ID-JAGs an authorization server accepts.
    pub(crate) identity_providers: &'a [TrustedProvider],
}

/// An authorization server for which an identity provider issues ID-JAGs.
#[derive(Debug, Clone)]
pub(crate) struct FederatedServer {
    pub(crate) name: String,
    pub(crate) issuer: String,
    /// The ID that the client has there.
    pub(crate) client_id: String,
    /// The resources that the server issues tokens for.
    pub(crate) resources: Vec<KnownResource>,
}

impl FederatedServer {
    /// Whether the server issues tokens for this resource.
    pub(super) fn accepts_resource(&self, resource: &str) -> bool {
        let mut known = self.resources.iter();
        known.any(|known| known.is_named(resource))
    }
}

/// An identity provider whose ID-JAGs are accepted.
#[derive(Debug, Clone)]
pub(crate) struct TrustedProvider {
    pub(crate) issuer: String,
    pub(crate) key: KeyPair,
}

/// An MCP server that trusts an authorization server.
#[derive(Debug, Clone)]
pub(crate) struct KnownResource {
    pub(crate) resource: String,
    pub(crate) url: String,
    pub(crate) challenge_scope: Option<String>,
}

impl AuthorizationServerRole {
    /// The endpoint that a path is for, and whether something is served there.
    pub(crate) fn route(&self, path: &str) -> Option<(Endpoint, bool)> {
        let below = path.strip_prefix(&self.paths.authorization);
        if below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            return Some((Endpoint::Authorization, true));
        }
        let endpoints = [
            (&self.paths.token, Endpoint::Token),
            (&self.paths.registration, Endpoint::Registration),
            (&self.paths.jwks, Endpoint::Jwks),
        ];
        if let Some((_, endpoint)) = endpoints.into_iter().find(|(known, _)| *known == path) {
            return Some((endpoint, true));
        }
        let mut places = MetadataPlace::ALL.iter().copied();
        let place = places.find(|p| metadata_path(*p, &self.settings.issuer_path) == path)?;
        let served = self.settings.metadata_at.contains(&place);
        Some((Endpoint::Metadata(Some(place)), served))
    }

    /// The honest answer to a request.
    pub(crate) fn answer(
        &mut self,
        endpoint: Endpoint,
        request: &ReceivedRequest<'_>,
        context: &mut AuthorizationContext<'_>,
    ) -> Draft {
        match endpoint {
            Endpoint::Metadata(place) => self.answer_metadata(place),
            Endpoint::Authorization => self.answer_authorization(request, context),
            Endpoint::Token => self.answer_token(request, context),
            Endpoint::Registration => self.answer_registration(request, context),
            Endpoint::Jwks => Draft::json(200, self.key().key_set(), "keys"),
            _ => Draft::not_found(),
        }
    }

    /// Checks an access token for a resource server. `None`: the token is not from here.
    pub(crate) fn check_token(
        &self,
        token: &str,
        audience: &str,
    ) -> Option<Result<TokenGrant, InvalidToken>> {
        if self.memory.void.contains(token) {
            return Some(Err(InvalidToken));
        }
        // A token is looked up at its issuer (RFC 7662), which takes less time than its signature.
        // One that is not known there has to be signed.
        let Some(known) = self.memory.access_tokens.get(token) else {
            let is_signed = self.settings.token_format == TokenFormat::Jwt;
            let (key, issuer) = (self.key(), &self.addresses.issuer);
            return is_signed
                .then(|| verify_access_token(key, token, issuer, audience))
                .flatten();
        };
        (known.audience == audience).then(|| {
            Ok(TokenGrant {
                scope: known.scope.clone(),
                bound_to: known.bound_to.clone(),
            })
        })
    }

    /// What a refresh token is to this server, in the words of scenarios.
    pub(crate) fn refresh_token_word(&self, token: &str, issued: &IssuedGrants) -> &'static str {
        match self.memory.refresh_tokens.get(token) {
            Some(_) if self.memory.void.contains(token) => "expired",
            Some(known) if known.replaced => "replaced",
            Some(_) => "current",
            None if issued.refresh_tokens.contains_key(token) => "anothers",
            None => "unknown",
        }
    }

    /// The thumbprint of the key that a refresh token is bound to.
    pub(crate) fn key_of_refresh_token(&self, token: &str) -> Option<&str> {
        self.memory.refresh_tokens.get(token)?.bound_to.as_deref()
    }

    /// The key that it signs with.
    pub(crate) fn key(&self) -> KeyPair {
        match () {
            () if self.hostile => HOSTILE,
            () if self.is_identity_provider => IDENTITY_PROVIDER,
            () => HONEST,
        }
    }
}

/// Whether the request is an attacker's: what it is given is not registered as the client's secret.
pub(super) fn is_attacker(actor: Actor) -> bool {
    actor == Actor::Attacker
}
