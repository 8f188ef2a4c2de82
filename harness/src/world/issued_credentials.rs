//! Credentials that a client under test is given before it starts.

use std::path::PathBuf;

/// The client ID and secret that were registered beforehand, and the issuer that they belong to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct IssuedCredentials {
    pub client_id: String,
    pub client_secret: Option<String>,
    /// The key that the client signs assertions with: a PKCS #8 PEM of an ES256 key.
    pub private_key_pem: Option<String>,
    pub issuer: String,
    /// The tokens of a workload.
    pub workload: Option<WorkloadTokens>,
    /// What the client has at its company's identity provider.
    pub identity: Option<UserIdentity>,
}

/// What a client has at its company's identity provider after the user has signed in there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UserIdentity {
    /// The client's ID at the identity provider.
    pub client_id: String,
    /// The client's secret at the identity provider.
    pub client_secret: String,
    /// The ID token of the user who has signed in.
    pub id_token: String,
    /// The refresh token of the same sign-in.
    pub refresh_token: String,
    /// The issuer of the identity provider.
    pub issuer: String,
    pub token_endpoint: String,
}

/// JWTs that the platform of a workload has issued to the client under test.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkloadTokens {
    /// A JWT that the authorization server accepts.
    pub valid: String,
    /// A JWT that was made for another authorization server.
    pub wrong_audience: String,
    /// A JWT that has expired.
    pub expired: String,
    /// The file in which the platform keeps the workload's current JWT. It is replaced when the
    /// platform renews the JWT.
    pub file: PathBuf,
}
