//! The table of grants: a new grant is a file of its own and a line here.

use serde_json::Value as Json;

use super::super::super::http_request::Parameters;
use super::super::client::RegisteredClient;
use super::super::oauth_error::OAuthError;
use super::super::role::{AuthorizationContext, AuthorizationServerRole};
use super::granted::Granted;
use super::{client_credentials, code, jwt_bearer, refresh, token_exchange};
use crate::scenario::model::{ClientAuth, Grant};

/// A grant that the token endpoint can offer.
pub(in super::super) struct OfferedGrant {
    /// The value of `grant_type`.
    grant_type: &'static str,
    /// The setting that turns it on.
    pub(in super::super) setting: Grant,
    /// Whether a request may come without client authentication, because what it presents says who
    /// sends it.
    pub(in super::super) identifies_client: fn(&AuthorizationServerRole, &Parameters) -> bool,
    /// Decides on a token request of an authenticated client.
    pub(in super::super) decide: Decision,
}

/// What decides on a token request.
#[derive(Clone, Copy)]
pub(in super::super) enum Decision {
    /// The grant yields an access token.
    Tokens(Decide<Granted>),
    /// The grant yields a response of its own.
    Response(Decide<Json>),
}

type Decide<Decided> = fn(
    &mut AuthorizationServerRole,
    &RegisteredClient,
    &Parameters,
    &mut AuthorizationContext<'_>,
) -> Result<Decided, OAuthError>;

const GRANTS: &[OfferedGrant] = &[
    OfferedGrant {
        grant_type: "authorization_code",
        setting: Grant::AuthorizationCode,
        identifies_client: never,
        decide: Decision::Tokens(code::redeem_code),
    },
    OfferedGrant {
        grant_type: "client_credentials",
        setting: Grant::ClientCredentials,
        identifies_client: never,
        decide: Decision::Tokens(client_credentials::grant_to_client),
    },
    OfferedGrant {
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        setting: Grant::JwtBearer,
        identifies_client: jwt_bearer::identifies_client,
        decide: Decision::Tokens(jwt_bearer::accept_assertion),
    },
    OfferedGrant {
        grant_type: "refresh_token",
        setting: Grant::RefreshToken,
        identifies_client: never,
        decide: Decision::Tokens(refresh::use_refresh_token),
    },
    OfferedGrant {
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        setting: Grant::TokenExchange,
        identifies_client: accepts_public_clients,
        decide: Decision::Response(token_exchange::exchange_token),
    },
];

/// The grant with this `grant_type`.
pub(in super::super) fn find_grant(grant_type: &str) -> Option<&'static OfferedGrant> {
    GRANTS.iter().find(|grant| grant.grant_type == grant_type)
}

fn never(_server: &AuthorizationServerRole, _parameters: &Parameters) -> bool {
    false
}

/// Whether the server's settings let clients come without authentication.
fn accepts_public_clients(server: &AuthorizationServerRole, _parameters: &Parameters) -> bool {
    server.settings.client_auth.contains(&ClientAuth::None)
}
