//! The tokens of one MCP server, with everything that they belong to.

use crate::authorization::discovery_result::DiscoveryResult;
use crate::discovery::ServerMetadata;
use crate::error::ClientError;
use crate::registration::ClientIdentity;
use crate::scope::Scope;
use crate::store::TokenSet;
use crate::token;

/// A new token.
pub(crate) struct RenewedToken {
    pub token: String,
    /// Whether the user was asked for it.
    pub asked_user: bool,
}

/// What is known about the authorization of one MCP server.
#[derive(Default)]
pub(super) struct AuthorizationState {
    pub issued: Option<IssuedTokens>,
    /// Every scope that was requested from the present authorization server.
    pub requested: Scope,
    /// The result of the last discovery. Only defective clients use it.
    pub last_discovery: Option<DiscoveryResult>,
}

/// Tokens with the authorization server, client and resource that they belong to. They must not be
/// used with others.
#[derive(Clone)]
pub(super) struct IssuedTokens {
    pub issuer: String,
    pub client: ClientIdentity,
    pub resource: Option<String>,
    pub tokens: TokenSet,
}

impl AuthorizationState {
    pub(super) fn access_token(&self) -> Option<String> {
        let issued = self.issued.as_ref()?;
        Some(issued.tokens.access_token.clone())
    }

    /// The current token, obtained without asking the user.
    pub(super) fn renewed_token(&self) -> Result<RenewedToken, ClientError> {
        let token = self.access_token().ok_or(ClientError::Internal)?;
        Ok(RenewedToken {
            token,
            asked_user: false,
        })
    }

    /// The token that another request has obtained since this one was sent.
    pub(super) fn renewed_by_another(&self, used: Option<&str>) -> Option<RenewedToken> {
        let renewed = self.renewed_token().ok()?;
        (used != Some(renewed.token.as_str())).then_some(renewed)
    }
}

impl IssuedTokens {
    /// What a refresh at this server needs.
    pub(super) fn refresh_grant<'a>(
        &'a self,
        server: &'a ServerMetadata,
    ) -> token::RefreshGrant<'a> {
        token::RefreshGrant {
            server,
            client: &self.client,
            resource: self.resource.as_deref(),
            old: &self.tokens,
        }
    }
}
