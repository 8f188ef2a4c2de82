//! What a flow hands to a client before it starts.

use crate::scenario::model::Flow;
use crate::world::{IssuedCredentials, UserIdentity, WorkloadTokens};

/// What a flow hands to a client before it starts. Each kind of flow that hands out something has a
/// variant of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Provision {
    /// The client gets nothing. It registers itself, or uses a client ID metadata document.
    Nothing,
    /// The client was registered beforehand at the authorization server.
    PreRegistration {
        client_id: String,
        client_secret: String,
        /// The issuer that the credentials belong to.
        issuer: String,
    },
    /// The client acts for itself and authenticates with a secret.
    ClientCredentialsSecret {
        client_id: String,
        client_secret: String,
        /// The issuer that the credentials belong to.
        issuer: String,
    },
    /// The client acts for itself and authenticates with a signed assertion.
    ClientCredentialsJwt {
        client_id: String,
        /// The key that the client signs its assertions with: a PKCS #8 PEM of an ES256 key.
        private_key_pem: String,
        /// The issuer that the credentials belong to.
        issuer: String,
    },
    /// The user has signed in at the company's identity provider, which decides what the client
    /// may do (enterprise-managed authorization).
    Enterprise {
        client_id: String,
        client_secret: String,
        /// The issuer that the credentials belong to.
        issuer: String,
        /// What the client has at the identity provider.
        identity: UserIdentity,
    },
    /// The client is a workload and signs in with a JWT of its platform.
    Workload {
        client_id: String,
        tokens: WorkloadTokens,
        /// The issuer of the authorization server that the JWTs were made for.
        issuer: String,
    },
}

impl Provision {
    /// The algorithm of every private key that is handed out.
    pub(super) const SIGNING_ALGORITHM: &str = "ES256";

    /// What this kind of flow makes of the credentials that the world has for it.
    pub(super) fn new(flow: Flow, credentials: Option<IssuedCredentials>) -> Self {
        let Some(credentials) = credentials else {
            return Self::Nothing;
        };
        let IssuedCredentials {
            client_id,
            client_secret,
            private_key_pem,
            issuer,
            workload,
            identity,
        } = credentials;
        if let Some(tokens) = workload {
            return Self::Workload {
                client_id,
                tokens,
                issuer,
            };
        }
        if let (Some(identity), Some(client_secret)) = (identity, client_secret.clone()) {
            return Self::Enterprise {
                client_id,
                client_secret,
                issuer,
                identity,
            };
        }
        match (flow, client_secret, private_key_pem) {
            (Flow::ClientCredentialsJwt, _, Some(private_key_pem)) => Self::ClientCredentialsJwt {
                client_id,
                private_key_pem,
                issuer,
            },
            (Flow::ClientCredentialsSecret, Some(client_secret), _) => {
                Self::ClientCredentialsSecret {
                    client_id,
                    client_secret,
                    issuer,
                }
            }
            (_, Some(client_secret), _) => Self::PreRegistration {
                client_id,
                client_secret,
                issuer,
            },
            _ => Self::Nothing,
        }
    }

    /// The client ID, where one is handed out.
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::PreRegistration { client_id, .. }
            | Self::ClientCredentialsSecret { client_id, .. }
            | Self::ClientCredentialsJwt { client_id, .. }
            | Self::Enterprise { client_id, .. }
            | Self::Workload { client_id, .. } => Some(client_id),
        }
    }

    /// The client secret, where one is handed out.
    pub fn client_secret(&self) -> Option<&str> {
        match self {
            Self::Nothing | Self::ClientCredentialsJwt { .. } | Self::Workload { .. } => None,
            Self::PreRegistration { client_secret, .. }
            | Self::ClientCredentialsSecret { client_secret, .. }
            | Self::Enterprise { client_secret, .. } => Some(client_secret),
        }
    }

    /// The private key that assertions are signed with, where one is handed out.
    pub fn private_key_pem(&self) -> Option<&str> {
        match self {
            Self::ClientCredentialsJwt {
                private_key_pem, ..
            } => Some(private_key_pem),
            _ => None,
        }
    }

    /// The issuer that the client ID belongs to, where one is handed out.
    pub fn issuer(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::PreRegistration { issuer, .. }
            | Self::ClientCredentialsSecret { issuer, .. }
            | Self::ClientCredentialsJwt { issuer, .. }
            | Self::Enterprise { issuer, .. }
            | Self::Workload { issuer, .. } => Some(issuer),
        }
    }

    /// What the client has at its company's identity provider, where there is one.
    pub fn identity(&self) -> Option<&UserIdentity> {
        match self {
            Self::Enterprise { identity, .. } => Some(identity),
            _ => None,
        }
    }

    /// The JWTs of the workload, where the client is one.
    pub fn workload(&self) -> Option<&WorkloadTokens> {
        match self {
            Self::Workload { tokens, .. } => Some(tokens),
            _ => None,
        }
    }
}
