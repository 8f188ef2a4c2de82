//! A private key that signs certificates.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair};

use super::error::CertificateError;
use super::verifying_key::{SignatureAlgorithm, VerifyingKey};

/// A private key.
#[derive(Debug)]
pub(crate) enum SigningKey {
    Ed25519(Ed25519KeyPair),
    /// ECDSA with P-256 and SHA-256.
    EcdsaP256(EcdsaKeyPair, SystemRandom),
}

impl SigningKey {
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CertificateError> {
        match self {
            Self::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Self::EcdsaP256(pair, random) => pair
                .sign(random, message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| CertificateError::Signing),
        }
    }

    /// The public half.
    pub(super) fn verifying_key(&self) -> Result<VerifyingKey, CertificateError> {
        let (algorithm, der): (_, Result<PublicKeyX509Der<'_>, _>) = match self {
            Self::Ed25519(pair) => (SignatureAlgorithm::Ed25519, pair.public_key().as_der()),
            Self::EcdsaP256(pair, _) => (SignatureAlgorithm::EcdsaP256, pair.public_key().as_der()),
        };
        let der = der.map_err(|_| CertificateError::Signing)?;
        Ok(VerifyingKey::new(algorithm, der.as_ref().to_vec()))
    }
}
