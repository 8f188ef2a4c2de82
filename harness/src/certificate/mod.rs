//! Certificates: what a client has shown, in a form that strangers can check.
//!
//! ```text
//! FOLDER/certificate.json   the statement, signed (an in-toto Statement in a DSSE envelope)
//! FOLDER/public-key.pem     the key that verifies the signature
//! FOLDER/run.tar.gz         the saved run that the statement is about
//! FOLDER/certificate.html   the statement as a page
//! FOLDER/badge.svg          the statement as a picture
//! ```
//!
//! The first three are what [`verify`] reads. It takes nothing in the statement on trust but what a
//! transcript cannot show: it judges the run again and compares.

mod archive;
mod claim;
mod envelope;
mod error;
mod freshness;
mod issuer;
mod key_file;
mod page;
mod run_extent;
mod signing_key;
mod statement;
mod verification;
mod verifying_key;

pub use claim::{Claim, ClaimedLevel};
pub use error::CertificateError;
pub(crate) use freshness::seed_of_challenge;
pub use issuer::{CertificateRequest, issue};
pub use statement::{ResultWord, Statement};
pub use verification::{Verification, VerifyRequest, verify};

/// The file names in the folder of a certificate.
pub(crate) mod file_names {
    pub(crate) const ENVELOPE: &str = "certificate.json";
    pub(crate) const PUBLIC_KEY: &str = "public-key.pem";
    pub(crate) const RUN: &str = "run.tar.gz";
    pub(crate) const PAGE: &str = "certificate.html";
    pub(crate) const BADGE: &str = "badge.svg";
}
