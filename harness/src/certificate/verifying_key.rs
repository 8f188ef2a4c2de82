//! A public key that verifies certificates, as a SubjectPublicKeyInfo (RFC 5280 section 4.1) in
//! PEM.

use std::path::Path;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::SubjectPublicKeyInfoDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};

use super::error::CertificateError;

/// Characters in a line of PEM (RFC 7468 section 2).
const LINE: usize = 64;

/// The algorithms of signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignatureAlgorithm {
    Ed25519,
    EcdsaP256,
}

/// The object identifiers of the algorithms as they stand in a SubjectPublicKeyInfo: id-Ed25519
/// (RFC 8410 section 3), and id-ecPublicKey with the curve secp256r1 (RFC 5480 section 2).
const IDENTIFIERS: &[(SignatureAlgorithm, &[u8])] = &[
    (SignatureAlgorithm::Ed25519, &[0x06, 0x03, 0x2b, 0x65, 0x70]),
    (
        SignatureAlgorithm::EcdsaP256,
        &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
    ),
];

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VerifyingKey {
    algorithm: SignatureAlgorithm,
    /// The SubjectPublicKeyInfo.
    der: Vec<u8>,
}

impl VerifyingKey {
    pub(super) const fn new(algorithm: SignatureAlgorithm, der: Vec<u8>) -> Self {
        Self { algorithm, der }
    }

    /// Reads a key in PEM.
    pub(crate) fn read(path: &Path) -> Result<Self, CertificateError> {
        let text = std::fs::read(path).map_err(|source| CertificateError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|problem| CertificateError::PublicKey {
            path: path.to_owned(),
            problem: problem.to_owned(),
        })
    }

    fn parse(pem: &[u8]) -> Result<Self, &'static str> {
        let key = SubjectPublicKeyInfoDer::from_pem_slice(pem)
            .map_err(|_| "it is not a SubjectPublicKeyInfo in PEM")?;
        let der = key.as_ref().to_vec();
        IDENTIFIERS
            .iter()
            .find(|(_, identifier)| {
                der.windows(identifier.len())
                    .any(|part| part == *identifier)
            })
            .map(|(algorithm, _)| Self::new(*algorithm, der.clone()))
            .ok_or("its key is neither Ed25519 nor ECDSA P-256")
    }

    /// The key as PEM.
    pub(super) fn to_pem(&self) -> String {
        let text = STANDARD.encode(&self.der);
        let lines: Vec<&str> = (0..text.len())
            .step_by(LINE)
            .filter_map(|start| text.get(start..text.len().min(start + LINE)))
            .collect();
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            lines.join("\n")
        )
    }

    /// What people compare: the SHA-256 hash of the SubjectPublicKeyInfo.
    pub(super) fn fingerprint(&self) -> String {
        format!("SHA256:{:x}", Sha256::digest(&self.der))
    }

    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithm: &dyn VerificationAlgorithm = match self.algorithm {
            SignatureAlgorithm::Ed25519 => &ED25519,
            SignatureAlgorithm::EcdsaP256 => &ECDSA_P256_SHA256_ASN1,
        };
        let key = UnparsedPublicKey::new(algorithm, &self.der);
        key.verify(message, signature).is_ok()
    }
}
