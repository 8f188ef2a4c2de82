//! Reads the file of a private key: PKCS #8 in PEM, or an unencrypted Ed25519 key of OpenSSH.

use std::path::Path;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use ssh_key::private::KeypairData;

use super::error::CertificateError;
use super::signing_key::SigningKey;

/// How the file of an OpenSSH key begins.
const OPENSSH_HEADING: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";

/// Reads a private key.
pub(crate) fn read_signing_key(path: &Path) -> Result<SigningKey, CertificateError> {
    let text = std::fs::read_to_string(path).map_err(|source| CertificateError::Read {
        path: path.to_owned(),
        source,
    })?;
    parse_signing_key(&text).map_err(|problem| CertificateError::PrivateKey {
        path: path.to_owned(),
        problem,
    })
}

/// Parses a private key. The error says what is wrong with the text.
pub(super) fn parse_signing_key(text: &str) -> Result<SigningKey, String> {
    if text.trim_start().starts_with(OPENSSH_HEADING) {
        return parse_openssh(text);
    }
    let key = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes())
        .map_err(|_| "it is not PKCS #8 in PEM".to_owned())?;
    let der = key.secret_pkcs8_der();
    if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
        return Ok(SigningKey::Ed25519(pair));
    }
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der)
        .map(|pair| SigningKey::EcdsaP256(pair, SystemRandom::new()))
        .map_err(|_| "its key is neither Ed25519 nor ECDSA P-256".to_owned())
}

fn parse_openssh(text: &str) -> Result<SigningKey, String> {
    let key = ssh_key::PrivateKey::from_openssh(text).map_err(|error| error.to_string())?;
    match key.key_data() {
        KeypairData::Ed25519(pair) => {
            let seed: &[u8] = pair.private.as_ref();
            Ed25519KeyPair::from_seed_unchecked(seed)
                .map(SigningKey::Ed25519)
                .map_err(|error| error.to_string())
        }
        KeypairData::Encrypted(_) => {
            Err("the key is encrypted, and nobody is asked for a passphrase here".to_owned())
        }
        other => Err(format!(
            "a key of OpenSSH has to be Ed25519, and this one is {}",
            other
                .algorithm()
                .map_or_else(|_| "unknown".to_owned(), |a| a.to_string())
        )),
    }
}
