//! The platform that a workload runs on: it issues the workload's JWTs and keeps the current one in
//! a file (extension workload identity federation; RFC 7523).
//!
//! The platform is no party. Nobody sends requests to it, and authorization servers know its key.

use std::io::Write;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::clock::unix_seconds;
use super::issued_credentials::WorkloadTokens;
use super::keys::WORKLOAD_PLATFORM;
use super::random::Random;

/// The issuer of the workload's JWTs.
pub(crate) const PLATFORM_ISSUER: &str = "https://workload-platform.example";
/// Who the workload is.
const WORKLOAD: &str = "spiffe://workload-platform.example/ns/default/sa/mcp-client";
/// The audience of the JWT that was made for somebody else.
const ANOTHER_AUDIENCE: &str = "https://another-service.example";
/// Seconds until a JWT expires by itself. Expiry in scenarios is declared, never waited for.
const LIFETIME: u64 = 600;
/// The age of the JWT that has expired, in seconds.
const AGE_OF_EXPIRED: u64 = 7200;
/// The name of the file with the current JWT.
const FILE: &str = "token";

/// Claims of a workload's JWT.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WorkloadClaims {
    iss: String,
    pub(crate) sub: String,
    aud: String,
    exp: u64,
    iat: u64,
    jti: String,
}

/// The platform that a workload runs on.
#[derive(Debug)]
pub(crate) struct WorkloadPlatform {
    random: Random,
    /// The folder of the token file. It is removed when the world ends.
    folder: tempfile::TempDir,
}

/// The platform could not issue a JWT.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkloadPlatformError {
    #[error("cannot write the workload's token file: {0}")]
    File(#[from] std::io::Error),
    #[error("cannot sign the workload's token: {0}")]
    Signature(#[from] jsonwebtoken::errors::Error),
}

impl WorkloadPlatform {
    pub(crate) fn new(seed: &str) -> std::io::Result<Self> {
        Ok(Self {
            random: Random::new(format!("{seed}/workload-platform")),
            folder: tempfile::Builder::new()
                .prefix("mcp-authspec-workload-")
                .tempdir()?,
        })
    }

    /// Issues the JWTs for a client that is to sign in at the authorization server with this
    /// issuer. Returns them, and the JWT that the file contains.
    pub(crate) fn issue_tokens(
        &mut self,
        issuer: &str,
    ) -> Result<(WorkloadTokens, String), WorkloadPlatformError> {
        let now = unix_seconds();
        let tokens = WorkloadTokens {
            valid: self.sign(issuer, now)?,
            wrong_audience: self.sign(ANOTHER_AUDIENCE, now)?,
            expired: self.sign(issuer, now.saturating_sub(AGE_OF_EXPIRED))?,
            file: self.file(),
        };
        let in_file = self.renew_file(issuer)?;
        Ok((tokens, in_file))
    }

    /// Replaces the JWT in the file. Returns the new one.
    pub(crate) fn renew_file(&mut self, issuer: &str) -> Result<String, WorkloadPlatformError> {
        let token = self.sign(issuer, unix_seconds())?;
        let mut new = tempfile::NamedTempFile::new_in(self.folder.path())?;
        new.write_all(token.as_bytes())?;
        new.persist(self.file()).map_err(|error| error.error)?;
        Ok(token)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(FILE)
    }

    fn sign(
        &mut self,
        audience: &str,
        issued_at: u64,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let claims = WorkloadClaims {
            iss: PLATFORM_ISSUER.to_owned(),
            sub: WORKLOAD.to_owned(),
            aud: audience.to_owned(),
            exp: issued_at + LIFETIME,
            iat: issued_at,
            jti: self.random.draw_hex(),
        };
        WORKLOAD_PLATFORM.sign_typed("JWT", &claims)
    }
}

/// Verifies the JWT of a workload for an authorization server with one of these audiences.
pub(crate) fn verify_workload_token(
    token: &str,
    audiences: &[&str],
) -> Result<WorkloadClaims, jsonwebtoken::errors::Error> {
    WORKLOAD_PLATFORM.verify(token, PLATFORM_ISSUER, audiences)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_its_authorization_server_until_it_expires() {
        let mut platform = WorkloadPlatform::new("seed").unwrap();
        let (tokens, in_file) = platform.issue_tokens("http://as").unwrap();
        let is_good = |token: &str| verify_workload_token(token, &["http://as"]).is_ok();
        assert!(is_good(&tokens.valid) && is_good(&in_file));
        assert!(!is_good(&tokens.wrong_audience));
        assert!(!is_good(&tokens.expired));
        assert!(!is_good(&tokens.valid[..tokens.valid.len() - 2]));
        assert!(verify_workload_token(&tokens.valid, &["http://another"]).is_err());
    }

    #[test]
    fn the_file_has_the_current_token() {
        let mut platform = WorkloadPlatform::new("seed").unwrap();
        let (tokens, first) = platform.issue_tokens("http://as").unwrap();
        assert_eq!(std::fs::read_to_string(&tokens.file).unwrap(), first);
        let second = platform.renew_file("http://as").unwrap();
        assert_eq!(std::fs::read_to_string(&tokens.file).unwrap(), second);
        assert_ne!(first, second);
    }
}
