//! Errors of OAuth endpoints.

/// An OAuth error code and its description.
pub(super) type OAuthError = (&'static str, &'static str);
