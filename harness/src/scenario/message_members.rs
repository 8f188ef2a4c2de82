//! What patches may name: members of answers, and HTTP headers.
//!
//! Anything else is put into an answer with `append`, so that a misspelled member is an error.

use super::model::Message;

/// HTTP headers that patches may name.
pub(crate) const HEADERS: &[&str] = &[
    "Location",
    "WWW-Authenticate",
    "Content-Type",
    "DPoP-Nonce",
    "Set-Cookie",
    "Retry-After",
    "Cache-Control",
];

impl Message {
    /// Members (or parameters) of the answer that patches may name.
    // Long because it is a table.
    pub const fn members(self) -> &'static [&'static str] {
        match self {
            Self::Metadata => &[
                "issuer",
                "authorization_endpoint",
                "token_endpoint",
                "registration_endpoint",
                "jwks_uri",
                "scopes_supported",
                "response_types_supported",
                "response_modes_supported",
                "grant_types_supported",
                "token_endpoint_auth_methods_supported",
                "token_endpoint_auth_signing_alg_values_supported",
                "code_challenge_methods_supported",
                "authorization_response_iss_parameter_supported",
                "client_id_metadata_document_supported",
                "protected_resources",
                "dpop_signing_alg_values_supported",
                "authorization_grant_profiles_supported",
                "signed_metadata",
                "userinfo_endpoint",
                "service_documentation",
                "op_policy_uri",
                "op_tos_uri",
                "subject_types_supported",
                "id_token_signing_alg_values_supported",
            ],
            Self::RegistrationResponse => &[
                "client_id",
                "client_secret",
                "client_id_issued_at",
                "client_secret_expires_at",
                "redirect_uris",
                "grant_types",
                "response_types",
                "token_endpoint_auth_method",
                "application_type",
                "scope",
                "error",
                "error_description",
                "registration_access_token",
                "registration_client_uri",
            ],
            Self::AuthorizationResponse => &[
                "code",
                "state",
                "iss",
                "error",
                "error_description",
                "error_uri",
            ],
            Self::TokenResponse => &[
                "access_token",
                "token_type",
                "expires_in",
                "refresh_token",
                "scope",
                "id_token",
                "issued_token_type",
                "error",
                "error_description",
                "error_uri",
            ],
            Self::Prm => &[
                "resource",
                "authorization_servers",
                "scopes_supported",
                "bearer_methods_supported",
                "jwks_uri",
                "resource_name",
                "signed_metadata",
                "dpop_signing_alg_values_supported",
                "dpop_bound_access_tokens_required",
            ],
            Self::Challenge => &[
                "realm",
                "scope",
                "resource_metadata",
                "error",
                "error_description",
                "error_uri",
                "algs",
            ],
            Self::McpResponse => &[],
        }
    }
}
