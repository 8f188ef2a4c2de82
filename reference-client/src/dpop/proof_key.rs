//! The keys with which the client signs its proofs.

use crate::error::ClientError;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Signer;
use serde_json::{Value, json};

/// The length of a private key, in bytes.
const KEY_LENGTH: usize = 32;

/// An algorithm in which the client can sign proofs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProofAlgorithm {
    Es256,
    EdDsa,
}

impl ProofAlgorithm {
    /// The algorithms, the preferred one first.
    pub(crate) const ALL: [Self; 2] = [Self::Es256, Self::EdDsa];

    /// The name in metadata and in headers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }
}

/// A private key.
#[derive(Clone)]
pub(crate) enum ProofKey {
    Es256(p256::ecdsa::SigningKey),
    EdDsa(ed25519_dalek::SigningKey),
}

impl ProofKey {
    /// Makes a new key. Returns it with its text for the store.
    pub(crate) fn generate(algorithm: ProofAlgorithm) -> Result<(Self, String), ClientError> {
        let mut bytes = [0_u8; KEY_LENGTH];
        getrandom::fill(&mut bytes).map_err(|_| ClientError::Random)?;
        let text = URL_SAFE_NO_PAD.encode(bytes);
        let key = Self::read(algorithm, &text).ok_or(ClientError::Random)?;
        Ok((key, text))
    }

    /// Reads a key from its text in the store.
    pub(crate) fn read(algorithm: ProofAlgorithm, text: &str) -> Option<Self> {
        let bytes: [u8; KEY_LENGTH] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        Some(match algorithm {
            ProofAlgorithm::Es256 => Self::Es256(p256::ecdsa::SigningKey::from_slice(&bytes).ok()?),
            ProofAlgorithm::EdDsa => Self::EdDsa(ed25519_dalek::SigningKey::from_bytes(&bytes)),
        })
    }

    /// The public key as a JSON Web Key.
    pub(crate) fn public_jwk(&self) -> Value {
        match self {
            Self::Es256(key) => {
                let point = key.verifying_key().to_encoded_point(false);
                let coordinate = |bytes: Option<&p256::FieldBytes>| {
                    bytes.map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
                };
                json!({
                    "kty": "EC",
                    "crv": "P-256",
                    "x": coordinate(point.x()),
                    "y": coordinate(point.y()),
                })
            }
            Self::EdDsa(key) => json!({
                "kty": "OKP",
                "crv": "Ed25519",
                "x": URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes()),
            }),
        }
    }

    /// The private part, base64url-encoded. Only a defective client sends it.
    pub(crate) fn private_part(&self) -> String {
        match self {
            Self::Es256(key) => URL_SAFE_NO_PAD.encode(key.to_bytes()),
            Self::EdDsa(key) => URL_SAFE_NO_PAD.encode(key.to_bytes()),
        }
    }

    pub(crate) fn algorithm(&self) -> ProofAlgorithm {
        match self {
            Self::Es256(_) => ProofAlgorithm::Es256,
            Self::EdDsa(_) => ProofAlgorithm::EdDsa,
        }
    }

    /// Signs a message. Returns the signature as it stands in a JWT.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        match self {
            Self::Es256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                URL_SAFE_NO_PAD.encode(signature.to_bytes())
            }
            Self::EdDsa(key) => URL_SAFE_NO_PAD.encode(key.sign(message).to_bytes()),
        }
    }
}
