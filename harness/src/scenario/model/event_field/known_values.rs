//! The values that fields of events can have.

use super::super::field_facts::{member, secret_member};
use super::super::field_kind::FieldMember;

pub(super) const AUTHENTICATION_METHODS: &[&str] = &[
    "none",
    "client_secret_basic",
    "client_secret_post",
    "private_key_jwt",
];

pub(super) const DOCUMENT_PLACES: &[&str] = &[
    "path",
    "root",
    "named",
    "oauth",
    "openid",
    "openid-appended",
    "other",
];

pub(super) const REDIRECT_KINDS: &[&str] = &[
    "loopback-ip",
    "localhost",
    "https",
    "private-scheme",
    "plain-http",
    "malformed",
];

pub(super) const SENDERS: &[&str] = &["client", "user-agent"];

pub(super) const SAME_OR_NOT: &[&str] = &["same", "different", "absent"];

/// The parameters that OAuth 2.1 defines, none of which may occur twice in a request (sections 3.1
/// and 3.2). Other documents define more, and some of those may be repeated, such as `resource`.
pub const SINGLE_PARAMETERS: &[&str] = &[
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "grant_type",
    "code",
    "code_verifier",
    "refresh_token",
    "client_secret",
];

pub(super) const JWT_KINDS: &[&str] = &[
    "workload-jwt",
    "wrong-audience-jwt",
    "expired-jwt",
    "id-jag",
    "id-token",
    "access-token",
    "refresh-token",
    "other",
    "absent",
];

pub(super) const ASSERTION_CLAIMS: &[FieldMember] = &[
    secret_member("iss"),
    member("sub"),
    secret_member("aud"),
    member("exp"),
    member("alg"),
];

/// `htm`, `htu`, `ath` and `iat` say whether the claim fits the request: `matches`, `differs` or
/// `absent`; for `htu` also `has-query`, for `iat` `current` and `stale`. `jwk` is `public`,
/// `private` or `absent`; `key_is` is `same`, `different` or `unbound` with regard to the key that
/// what the request presents is bound to; `proofs` counts the headers.
pub(super) const DPOP_PROOF_PARTS: &[FieldMember] = &[
    member("proofs"),
    member("jti"),
    member("htm"),
    member("htu"),
    member("ath"),
    member("iat"),
    secret_member("nonce"),
    member("typ"),
    member("alg"),
    member("jwk"),
    member("key"),
    member("key_is"),
    member("verifies"),
];
