//! The token endpoint: redeems codes, refreshes tokens, and signs in with client credentials.

mod assertion_grant;
mod client_authentication;
mod grant_names;
mod grants;
mod identity_exchange;
mod token_endpoint;
mod token_request;
mod token_response;

pub(crate) use assertion_grant::{AssertionGrant, request_with_assertion};
pub(crate) use grants::{
    RefreshGrant, redeem_code, refresh, request_with_client_credentials, try_wider_refresh,
};
pub(crate) use identity_exchange::{IdentityExchange, exchange_identity};
