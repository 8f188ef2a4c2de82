//! What an identity provider issues: ID tokens (OpenID Connect Core section 2), and ID-JAGs
//! (draft-ietf-oauth-identity-assertion-authz-grant section 4).

use serde::{Deserialize, Serialize};

use super::super::clock::unix_seconds;
use super::super::keys::KeyPair;

/// The type of an ID-JAG in its header.
pub(crate) const ID_JAG_TYPE: &str = "oauth-id-jag+jwt";
/// Seconds until an ID-JAG expires by itself.
pub(crate) const ID_JAG_LIFETIME: u64 = 300;
/// Seconds until an ID token expires by itself.
const ID_TOKEN_LIFETIME: u64 = 3600;

/// Claims of an ID token.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IdTokenClaims {
    iss: String,
    pub(crate) sub: String,
    aud: String,
    exp: u64,
    iat: u64,
    jti: String,
}

/// Claims of an ID-JAG.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct IdJagClaims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) aud: String,
    pub(crate) client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<String>,
    #[serde(default)]
    pub(crate) scope: String,
    pub(crate) jti: String,
    pub(crate) iat: u64,
    pub(crate) exp: u64,
}

/// Signs an ID-JAG.
pub(crate) fn sign_id_jag(
    key: KeyPair,
    claims: &IdJagClaims,
) -> Result<String, jsonwebtoken::errors::Error> {
    key.sign_typed(ID_JAG_TYPE, claims)
}

/// Makes an ID token for the user at a client.
pub(crate) fn make_id_token(
    key: KeyPair,
    issuer: &str,
    client_id: &str,
    unique: String,
) -> Result<String, jsonwebtoken::errors::Error> {
    let now = unix_seconds();
    let claims = IdTokenClaims {
        iss: issuer.to_owned(),
        sub: "the-user".to_owned(),
        aud: client_id.to_owned(),
        exp: now + ID_TOKEN_LIFETIME,
        iat: now,
        jti: unique,
    };
    key.sign_typed("JWT", &claims)
}

/// Whether a JWT says that it is an ID-JAG.
pub(crate) fn is_id_jag(jwt: &str) -> bool {
    let header = jsonwebtoken::decode_header(jwt);
    header.is_ok_and(|header| header.typ.as_deref() == Some(ID_JAG_TYPE))
}
