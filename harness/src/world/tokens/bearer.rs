//! Bearer access tokens: how they are made, and how a resource server verifies them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::super::clock::unix_seconds;
use super::super::keys::KeyPair;
use crate::scenario::model::TokenFormat;

/// Seconds until an access token expires by itself. Expiry in scenarios is declared by the world,
/// never waited for.
pub(crate) const TOKEN_LIFETIME: u64 = 3600;

/// Claims of an access token (RFC 9068 section 2.2).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AccessTokenClaims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) aud: String,
    /// Seconds since 1970.
    pub(crate) exp: u64,
    pub(crate) iat: u64,
    pub(crate) jti: String,
    pub(crate) client_id: String,
    pub(crate) scope: String,
    /// The key that the token is bound to (RFC 9449 section 6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cnf: Option<Confirmation>,
}

/// The key that a token is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Confirmation {
    /// The key's thumbprint.
    pub(crate) jkt: String,
}

/// What an access token allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenGrant {
    pub(crate) scope: String,
    /// The thumbprint of the key that the token is bound to.
    pub(crate) bound_to: Option<String>,
}

/// A token that is not accepted: unknown, expired, revoked, or meant for another server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidToken;

/// What an access token is made from.
#[derive(Debug)]
pub(crate) struct AccessTokenParts<'a> {
    /// The name of the authorization server in the scenario.
    pub(crate) party: &'a str,
    pub(crate) issuer: &'a str,
    pub(crate) key: KeyPair,
    /// A value that no other token has.
    pub(crate) unique: String,
    pub(crate) client_id: &'a str,
    pub(crate) audience: &'a str,
    pub(crate) scope: &'a str,
    /// The thumbprint of the key that the token is bound to.
    pub(crate) bound_to: Option<&'a str>,
}

/// Makes an access token.
pub(crate) fn make_access_token(
    format: TokenFormat,
    parts: AccessTokenParts<'_>,
) -> Result<String, jsonwebtoken::errors::Error> {
    let unique = parts.unique;
    match format {
        TokenFormat::Opaque => Ok(format!("{}-token-{unique}", parts.party)),
        // every character that RFC 9110 section 11.2 allows, padding last
        TokenFormat::Token68 => Ok(format!(
            "{unique}ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=="
        )),
        TokenFormat::Jwt => {
            let now = unix_seconds();
            parts.key.sign(&AccessTokenClaims {
                iss: parts.issuer.to_owned(),
                sub: "the-user".to_owned(),
                aud: parts.audience.to_owned(),
                exp: now + TOKEN_LIFETIME,
                iat: now,
                jti: unique,
                client_id: parts.client_id.to_owned(),
                scope: parts.scope.to_owned(),
                cnf: parts.bound_to.map(|thumbprint| Confirmation {
                    jkt: thumbprint.to_owned(),
                }),
            })
        }
    }
}

/// Verifies a JWT access token of this issuer. `None`: the token names another issuer.
pub(crate) fn verify_access_token(
    key: KeyPair,
    token: &str,
    issuer: &str,
    audience: &str,
) -> Option<Result<TokenGrant, InvalidToken>> {
    if read_issuer(token).as_deref() != Some(issuer) {
        return None;
    }
    let verified = key.verify::<AccessTokenClaims>(token, issuer, &[audience]);
    Some(match verified {
        Ok(claims) => Ok(TokenGrant {
            scope: claims.scope,
            bound_to: claims.cnf.map(|confirmation| confirmation.jkt),
        }),
        Err(_) => Err(InvalidToken),
    })
}

/// The issuer that a JWT names, unverified: it says whose key to verify with.
fn read_issuer(token: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Json>(&payload)
        .ok()?
        .get("iss")?
        .as_str()
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::super::keys::{HONEST, HOSTILE};
    use super::*;

    #[test]
    fn a_token_is_good_for_its_issuer_and_audience_only() {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let text = |t: &str| t.to_owned();
        let claims = AccessTokenClaims {
            iss: text("http://as"),
            sub: text("user"),
            aud: text("http://mcp"),
            exp: now + 3600,
            iat: now,
            jti: text("1"),
            client_id: text("c"),
            scope: text("a b"),
            cnf: None,
        };
        let token = HONEST.sign(&claims).unwrap();
        assert!(
            HONEST
                .verify::<AccessTokenClaims>(&token, "http://as", &["http://mcp"])
                .is_ok()
        );
        assert!(
            HONEST
                .verify::<AccessTokenClaims>(&token, "http://as", &["http://other"])
                .is_err()
        );
        assert!(
            HONEST
                .verify::<AccessTokenClaims>(&token, "http://other", &["http://mcp"])
                .is_err()
        );
        assert!(
            HOSTILE
                .verify::<AccessTokenClaims>(&token, "http://as", &["http://mcp"])
                .is_err()
        );
        let old = HONEST
            .sign(&AccessTokenClaims {
                exp: now - 3600,
                ..claims
            })
            .unwrap();
        assert!(
            HONEST
                .verify::<AccessTokenClaims>(&old, "http://as", &["http://mcp"])
                .is_err()
        );
        assert_eq!(read_issuer(&token).as_deref(), Some("http://as"));
    }
}
