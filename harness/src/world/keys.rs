//! Signing keys and access tokens. All honest authorization servers share one key and all hostile
//! ones another, which keeps runs cheap.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// A key pair of an authorization server: a P-256 key made for these tests and published with them.
#[derive(Clone, Copy)]
pub(crate) struct KeyPair {
    id: &'static str,
    private_pem: &'static str,
    public_pem: &'static str,
}

pub(crate) const HONEST: KeyPair = KeyPair {
    id: "honest",
    private_pem: include_str!("../../../fixtures/keys/honest.private.pem"),
    public_pem: include_str!("../../../fixtures/keys/honest.public.pem"),
};
pub(crate) const HOSTILE: KeyPair = KeyPair {
    id: "hostile",
    private_pem: include_str!("../../../fixtures/keys/hostile.private.pem"),
    public_pem: include_str!("../../../fixtures/keys/hostile.public.pem"),
};

/// The key of clients that were registered beforehand: its private half is handed to the client
/// under test where the flow takes one.
pub(crate) const CLIENT: KeyPair = KeyPair {
    id: "client",
    private_pem: include_str!("../../../fixtures/keys/client.private.pem"),
    public_pem: include_str!("../../../fixtures/keys/client.public.pem"),
};

/// Claims of an access token (RFC 9068 section 2.2).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) aud: String,
    /// Seconds since 1970.
    pub(crate) exp: u64,
    pub(crate) iat: u64,
    pub(crate) jti: String,
    pub(crate) client_id: String,
    pub(crate) scope: String,
}

impl KeyPair {
    /// Signs an access token.
    pub(crate) fn sign(self, claims: &Claims) -> Result<String, jsonwebtoken::errors::Error> {
        self.sign_any(claims)
    }

    /// Signs any claims, with the header of an access token.
    pub(crate) fn sign_any(
        self,
        claims: &impl Serialize,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let header = Header {
            typ: Some("at+jwt".to_owned()),
            kid: Some(self.id.to_owned()),
            ..Header::new(Algorithm::ES256)
        };
        jsonwebtoken::encode(
            &header,
            claims,
            &EncodingKey::from_ec_der(&der(self.private_pem)),
        )
    }

    /// The private half, to be handed over.
    pub(crate) fn private_pem(self) -> &'static str {
        self.private_pem
    }

    /// Signs claims in the name of the honest key: to whoever looks for that one, the signature is
    /// bad.
    pub(crate) fn forge(self, claims: &Json) -> Result<String, jsonwebtoken::errors::Error> {
        let header = Header {
            kid: Some(HONEST.id.to_owned()),
            ..Header::new(Algorithm::ES256)
        };
        jsonwebtoken::encode(
            &header,
            claims,
            &EncodingKey::from_ec_der(&der(self.private_pem)),
        )
    }

    /// Verifies signature, issuer, audience and expiry.
    pub(crate) fn verify(
        self,
        token: &str,
        issuer: &str,
        audience: &str,
    ) -> Result<Claims, jsonwebtoken::errors::Error> {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        let (x, y) = self.coordinates();
        let key = DecodingKey::from_ec_components(&x, &y)?;
        jsonwebtoken::decode::<Claims>(token, &key, &validation).map(|data| data.claims)
    }

    /// The public key as a JSON Web Key Set (RFC 7517).
    pub(crate) fn key_set(self) -> Json {
        let (x, y) = self.coordinates();
        json!({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id, "x": x, "y": y}]})
    }

    /// The point's coordinates: the last 64 bytes of the SubjectPublicKeyInfo structure.
    fn coordinates(self) -> (String, String) {
        let spki = der(self.public_pem);
        let point = &spki[spki.len().saturating_sub(64)..];
        let (x, y) = point.split_at(point.len() / 2);
        (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y))
    }
}

/// The issuer that a JWT names, unverified: which key to look for.
pub(crate) fn issuer_of(token: &str) -> Option<String> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Json>(&payload)
        .ok()?
        .get("iss")?
        .as_str()
        .map(str::to_owned)
}

fn der(pem: &str) -> Vec<u8> {
    let base64: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    STANDARD.decode(base64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_issuer_and_audience_only() {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let text = |t: &str| t.to_owned();
        let claims = Claims {
            iss: text("http://as"),
            sub: text("user"),
            aud: text("http://mcp"),
            exp: now + 3600,
            iat: now,
            jti: text("1"),
            client_id: text("c"),
            scope: text("a b"),
        };
        let token = HONEST.sign(&claims).unwrap();
        assert!(HONEST.verify(&token, "http://as", "http://mcp").is_ok());
        assert!(HONEST.verify(&token, "http://as", "http://other").is_err());
        assert!(HONEST.verify(&token, "http://other", "http://mcp").is_err());
        assert!(HOSTILE.verify(&token, "http://as", "http://mcp").is_err());
        let old = HONEST
            .sign(&Claims {
                exp: now - 3600,
                ..claims
            })
            .unwrap();
        assert!(HONEST.verify(&old, "http://as", "http://mcp").is_err());
        assert_eq!(issuer_of(&token).as_deref(), Some("http://as"));
    }
}
