//! The ways in which the client obtains access tokens.

use std::fmt;
use std::path::PathBuf;

/// How the client obtains access tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SignIn {
    /// The user signs in with the browser.
    #[default]
    User,
    /// The client signs in with its own credentials (extension `oauth-client-credentials`).
    ClientCredentials,
    /// The client is a workload and presents a JWT of its platform (extension `auth/wif`).
    Workload(WorkloadIdentity),
    /// The company's identity provider decides (extension `enterprise-managed-authorization`).
    Enterprise(EnterpriseIdentity),
}

impl SignIn {
    /// The extension that the client uses.
    pub(crate) fn extension(&self) -> Option<&'static str> {
        match self {
            Self::User => None,
            Self::ClientCredentials => Some("io.modelcontextprotocol/oauth-client-credentials"),
            Self::Workload(_) => Some("io.modelcontextprotocol/auth/wif"),
            Self::Enterprise(_) => Some("io.modelcontextprotocol/enterprise-managed-authorization"),
        }
    }
}

/// What a workload gets from its platform.
#[derive(Clone, PartialEq, Eq)]
pub struct WorkloadIdentity {
    /// The JWT that the workload was started with.
    pub jwt: String,
    /// The file in which the platform keeps the current JWT.
    pub token_file: Option<PathBuf>,
    /// JWTs that are of no use here. Only defective clients send them.
    pub unusable: UnusableTokens,
}

/// JWTs that the authorization server does not accept.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UnusableTokens {
    /// A JWT for another authorization server.
    pub wrong_audience: Option<String>,
    /// A JWT that has expired.
    pub expired: Option<String>,
}

/// What the client has at its company's identity provider after the user has signed in there.
#[derive(Clone, PartialEq, Eq)]
pub struct EnterpriseIdentity {
    /// The client's ID at the identity provider.
    pub client_id: String,
    /// The client's secret at the identity provider, if it has one.
    pub client_secret: Option<String>,
    /// The ID token of the user.
    pub id_token: String,
    /// The refresh token of the same sign-in.
    pub refresh_token: Option<String>,
    /// The token endpoint of the identity provider.
    pub token_endpoint: String,
}

impl fmt::Debug for EnterpriseIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnterpriseIdentity")
            .field("client_id", &self.client_id)
            .field("token_endpoint", &self.token_endpoint)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for WorkloadIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkloadIdentity")
            .field("token_file", &self.token_file)
            .finish_non_exhaustive()
    }
}
