//! Codes and refresh tokens that are bound to a key (RFC 9449 sections 5 and 10).

use super::super::oauth_error::OAuthError;
use super::super::role::AuthorizationContext;

/// Checks that the request proves possession of the key that something is bound to, if it is bound
/// to one.
pub(super) fn check_key(
    bound_to: Option<&str>,
    context: &AuthorizationContext<'_>,
) -> Result<(), OAuthError> {
    match bound_to {
        Some(key) if context.proven_key.as_deref() != Some(key) => {
            Err(("invalid_grant", "this is bound to another key"))
        }
        _ => Ok(()),
    }
}
