//! The signed envelope of a statement, by the specification of DSSE 1.0 (Dead Simple Signing
//! Envelope).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::error::CertificateError;
use super::signing_key::SigningKey;
use super::verifying_key::VerifyingKey;

/// The type of in-toto Statements in JSON.
pub(crate) const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A statement with the signatures under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Envelope {
    payload_type: String,
    /// In base64.
    payload: String,
    signatures: Vec<Signature>,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signature {
    /// A hint; whoever verifies knows the key already.
    keyid: String,
    /// In base64.
    sig: String,
}

impl Envelope {
    /// Signs a payload.
    pub(crate) fn sign(payload: &[u8], key: &SigningKey) -> Result<Self, CertificateError> {
        let signed = key.sign(&encode_before_signing(payload))?;
        Ok(Self {
            payload_type: PAYLOAD_TYPE.to_owned(),
            payload: STANDARD.encode(payload),
            signatures: vec![Signature {
                keyid: key.verifying_key()?.fingerprint(),
                sig: STANDARD.encode(signed),
            }],
        })
    }

    /// The payload, if exactly one signature is there, and it is of this key.
    pub(crate) fn open(&self, key: &VerifyingKey) -> Result<Vec<u8>, CertificateError> {
        let [signature] = self.signatures.as_slice() else {
            return Err(CertificateError::Signature);
        };
        let decode = |text: &str| {
            STANDARD
                .decode(text)
                .map_err(|_| CertificateError::Signature)
        };
        let payload = decode(&self.payload)?;
        let is_signed = self.payload_type == PAYLOAD_TYPE
            && signature.keyid == key.fingerprint()
            && key.verifies(&encode_before_signing(&payload), &decode(&signature.sig)?);
        if is_signed {
            Ok(payload)
        } else {
            Err(CertificateError::Signature)
        }
    }
}

/// What is signed: type and payload with their lengths (DSSE protocol, "PAE").
fn encode_before_signing(payload: &[u8]) -> Vec<u8> {
    let head = format!(
        "DSSEv1 {} {PAYLOAD_TYPE} {} ",
        PAYLOAD_TYPE.len(),
        payload.len()
    );
    [head.as_bytes(), payload].concat()
}
