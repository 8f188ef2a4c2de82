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

pub(super) const GRANT_ASSERTIONS: &[&str] = &[
    "workload-jwt",
    "wrong-audience-jwt",
    "expired-jwt",
    "id-jag",
    "id-token",
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

pub(super) const DPOP_PROOF_PARTS: &[FieldMember] = &[
    member("jti"),
    member("htm"),
    member("htu"),
    member("ath"),
    secret_member("nonce"),
    member("typ"),
    member("alg"),
    member("key"),
    member("verifies"),
    member("iat_age"),
];
