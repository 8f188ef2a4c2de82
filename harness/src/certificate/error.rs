//! Why a certificate cannot be made, or proves nothing.

use std::path::PathBuf;

use super::file_names;
use crate::report::RenderError;
use crate::requirements::SetError;
use crate::saved::SavedError;

/// Why a certificate cannot be made, or proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    #[error("cannot read {}: {source}", path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot write {}: {source}", path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "{} holds no private key that can sign: {problem}\n  \
         help: Ed25519 and ECDSA P-256 keys in PKCS #8 are understood, and Ed25519 keys of \
         OpenSSH; `openssl genpkey -algorithm ed25519 -out key.pem` makes one",
        path.display()
    )]
    PrivateKey { path: PathBuf, problem: String },
    #[error("{} holds no public key: {problem}", path.display())]
    PublicKey { path: PathBuf, problem: String },
    #[error("{} is not empty\n  help: choose a new folder", .0.display())]
    NotEmpty(PathBuf),
    #[error(
        "{} has no {}\n  help: `mcp-authspec certify` writes a folder with this file",
        .0.display(),
        file_names::ENVELOPE
    )]
    NoCertificate(PathBuf),
    #[error("the key cannot sign")]
    Signing,
    #[error(
        "the run is not whole: {problem}\n  \
         help: a certificate is about a whole run of `run --save`"
    )]
    NotWhole { problem: String },
    #[error("{} is not a certificate: {problem}", path.display())]
    Form { path: PathBuf, problem: String },
    #[error(
        "{} is larger than {limit} bytes, or has files that no saved run has: {problem}",
        path.display()
    )]
    Archive {
        path: PathBuf,
        limit: u64,
        problem: String,
    },
    #[error("the signature does not fit the certificate")]
    Signature,
    #[error("the certificate is signed with another key than the one that was asked for")]
    OtherKey,
    #[error("{file} is not what the certificate is about: its SHA-256 digest is another")]
    Digest { file: String },
    #[error("the certificate says {stated}, and judging its run again says {found}")]
    Contradicted { stated: String, found: String },
    #[error(
        "the run does not answer the challenge: {problem}\n  \
         help: the client has to be run with `run --challenge`, and the same text"
    )]
    Challenge { problem: String },
    #[error(transparent)]
    Saved(#[from] SavedError),
    #[error(transparent)]
    Requirements(#[from] SetError),
    #[error("cannot write the page: {0}")]
    Page(#[from] RenderError),
}

impl CertificateError {
    /// Whether the certificate was read, and proves nothing.
    pub fn is_refutation(&self) -> bool {
        matches!(
            self,
            Self::Signature
                | Self::OtherKey
                | Self::Digest { .. }
                | Self::Contradicted { .. }
                | Self::Challenge { .. }
        )
    }
}
