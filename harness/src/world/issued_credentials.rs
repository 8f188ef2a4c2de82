//! Credentials that a client under test is given before it starts.

/// The client ID and secret that were registered beforehand, and the issuer that they belong to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct IssuedCredentials {
    pub client_id: String,
    pub client_secret: Option<String>,
    /// The key that the client signs assertions with: a PKCS #8 PEM of an ES256 key.
    pub private_key_pem: Option<String>,
    pub issuer: String,
}
