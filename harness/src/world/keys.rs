//! Signing keys. All honest authorization servers share one key and all hostile ones another: keys
//! are not made for each run, because that would cost more time than the run itself.
//!
//! The PEM files are decoded here: jsonwebtoken's own reader (its feature `use_pem`) would bring in
//! two parsers for files that never change.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use fixtures::keys;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

/// A key pair of an authorization server: a P-256 key made for these tests and published with them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyPair {
    id: &'static str,
    private_pem: &'static str,
    public_pem: &'static str,
}

pub(crate) const HONEST: KeyPair = KeyPair {
    id: "honest",
    private_pem: keys::HONEST_PRIVATE,
    public_pem: keys::HONEST_PUBLIC,
};
pub(crate) const HOSTILE: KeyPair = KeyPair {
    id: "hostile",
    private_pem: keys::HOSTILE_PRIVATE,
    public_pem: keys::HOSTILE_PUBLIC,
};

/// The key of the platform that issues tokens to workloads.
pub(crate) const WORKLOAD_PLATFORM: KeyPair = KeyPair {
    id: "workload-platform",
    private_pem: keys::WORKLOAD_PRIVATE,
    public_pem: keys::WORKLOAD_PUBLIC,
};

/// The key of honest identity providers.
pub(crate) const IDENTITY_PROVIDER: KeyPair = KeyPair {
    id: "identity-provider",
    private_pem: keys::IDENTITY_PROVIDER_PRIVATE,
    public_pem: keys::IDENTITY_PROVIDER_PUBLIC,
};

/// The key of clients that were registered beforehand: its private half is handed to the client
/// under test where the flow takes one.
pub(crate) const CLIENT: KeyPair = KeyPair {
    id: "client",
    private_pem: keys::CLIENT_PRIVATE,
    public_pem: keys::CLIENT_PUBLIC,
};

impl KeyPair {
    /// Signs claims, with the header of an access token (RFC 9068 section 2.1).
    pub(crate) fn sign(
        self,
        claims: &impl Serialize,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        self.sign_typed("at+jwt", claims)
    }

    /// Signs claims as a JWT of this type.
    pub(crate) fn sign_typed(
        self,
        token_type: &str,
        claims: &impl Serialize,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let header = Header {
            typ: Some(token_type.to_owned()),
            kid: Some(self.id.to_owned()),
            ..Header::new(Algorithm::ES256)
        };
        self.sign_with_header(&header, claims)
    }

    pub(super) fn sign_with_header(
        self,
        header: &Header,
        claims: &impl Serialize,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        jsonwebtoken::encode(header, claims, &self.encoding_key())
    }

    /// Signs claims with this key but sets the honest key's `kid`, so that verification fails.
    pub(crate) fn forge(self, claims: &Json) -> Result<String, jsonwebtoken::errors::Error> {
        let header = Header {
            kid: Some(HONEST.id.to_owned()),
            ..Header::new(Algorithm::ES256)
        };
        jsonwebtoken::encode(&header, claims, &self.encoding_key())
    }

    fn encoding_key(self) -> EncodingKey {
        EncodingKey::from_ec_der(&der(self.private_pem))
    }

    /// The private half, in the form in which clients are given it.
    pub(crate) fn private_pem(self) -> &'static str {
        self.private_pem
    }

    /// Verifies signature, issuer, audience and expiry. The token is meant for one of `audiences`.
    pub(crate) fn verify<Claims: DeserializeOwned>(
        self,
        token: &str,
        issuer: &str,
        audiences: &[&str],
    ) -> Result<Claims, jsonwebtoken::errors::Error> {
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[issuer]);
        validation.set_audience(audiences);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        let (x, y) = self.coordinates();
        let key = DecodingKey::from_ec_components(&x, &y)?;
        jsonwebtoken::decode::<Claims>(token, &key, &validation).map(|data| data.claims)
    }

    /// The public key as a JSON Web Key Set (RFC 7517).
    pub(crate) fn key_set(self) -> Json {
        let (x, y) = self.coordinates();
        let key = json!({
            "kty": "EC",
            "crv": "P-256",
            "use": "sig",
            "alg": "ES256",
            "kid": self.id,
            "x": x,
            "y": y,
        });
        json!({"keys": [key]})
    }

    /// The point's coordinates: the last 64 bytes of the SubjectPublicKeyInfo structure.
    fn coordinates(self) -> (String, String) {
        let spki = der(self.public_pem);
        let point = &spki[spki.len().saturating_sub(64)..];
        let (x, y) = point.split_at(point.len() / 2);
        (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y))
    }
}

fn der(pem: &str) -> Vec<u8> {
    let base64: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    STANDARD.decode(base64).unwrap_or_default()
}

#[cfg(test)]
mod tests;
