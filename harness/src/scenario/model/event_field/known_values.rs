//! The values that fields of events can have.

use super::super::field_facts::{member, secret_member, word_member};
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

/// Types of tokens in a token exchange (RFC 8693 section 3).
pub(super) const TOKEN_TYPES: &[&str] = &[
    "urn:ietf:params:oauth:token-type:access_token",
    "urn:ietf:params:oauth:token-type:refresh_token",
    "urn:ietf:params:oauth:token-type:id_token",
    "urn:ietf:params:oauth:token-type:id-jag",
    "urn:ietf:params:oauth:token-type:saml2",
    "urn:ietf:params:oauth:token-type:jwt",
];

pub(super) const ASSERTION_CLAIMS: &[FieldMember] = &[
    secret_member("iss"),
    member("sub"),
    secret_member("aud"),
    member("exp"),
    member("jti"),
    member("alg"),
];

/// Whether a claim of a proof fits its request.
const FITS: &[&str] = &["matches", "differs", "absent"];

/// `key_is` compares the key with the one that what the request presents is bound to; `proofs`
/// counts the headers.
pub(super) const DPOP_PROOF_PARTS: &[FieldMember] = &[
    member("proofs"),
    member("jti"),
    word_member("htm", FITS),
    word_member("htu", &["matches", "has-query", "differs", "absent"]),
    word_member("ath", FITS),
    word_member("iat", &["current", "stale", "absent"]),
    secret_member("nonce"),
    word_member("typ", &["dpop+jwt", "JWT"]),
    word_member("alg", &["ES256", "ES384", "EdDSA", "RS256", "PS256"]),
    word_member("jwk", &["public", "private", "absent"]),
    member("key"),
    word_member("key_is", &["same", "different", "unbound"]),
    member("verifies"),
];
