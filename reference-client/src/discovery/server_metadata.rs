//! What the client knows about an authorization server.

use crate::defect::Defects;
use crate::error::ClientError;
use crate::scope::Scope;
use crate::url_rules;
use url::Url;

/// An authorization server as its validated metadata describes it.
#[derive(Debug, Clone)]
pub(crate) struct ServerMetadata {
    /// The issuer, byte for byte as it was published.
    pub issuer: String,
    /// The endpoint as it was published, with its query. It was checked.
    pub authorization_endpoint: String,
    pub token_endpoint: Url,
    pub registration_endpoint: Option<Url>,
    pub advertises_iss: bool,
    /// Whether client ID metadata documents are supported.
    pub supports_client_documents: bool,
    /// The supported methods of client authentication, if the metadata lists them.
    pub auth_methods: Option<Vec<String>>,
    pub scopes: Scope,
    /// The resources for which the server issues tokens, if the metadata lists them (RFC 9728
    /// section 4).
    pub protected_resources: Option<Vec<String>>,
    /// The algorithms of proofs of possession, if the metadata lists them.
    pub proof_algorithms: Option<Vec<String>>,
    /// Whether the MCP server demands tokens that are bound to a key.
    pub resource_requires_proof: bool,
    /// Whether the client uses S256. It is false only for a client with a downgrade defect.
    pub s256: bool,
    /// Whether the metadata lists methods of PKCE.
    pub announces_pkce: bool,
    /// Whether the endpoints are the default ones of revision 2025-03-26.
    pub has_default_endpoints: bool,
    /// The URL of the metadata.
    pub found_at: Option<Url>,
}

impl ServerMetadata {
    /// An authorization server without metadata, whose endpoints are at default paths below `base`.
    pub(super) fn with_default_endpoints(
        base: &str,
        prefix: &str,
        defects: &Defects,
    ) -> Result<Self, ClientError> {
        let base = base.trim_end_matches('/');
        let endpoint = |name: &'static str, path: &str| {
            url_rules::check_endpoint(&format!("{base}{prefix}/{path}"), name, defects)
        };
        Ok(Self {
            issuer: base.to_owned(),
            authorization_endpoint: endpoint("authorization", "authorize")?.into(),
            token_endpoint: endpoint("token", "token")?,
            registration_endpoint: Some(endpoint("registration", "register")?),
            advertises_iss: false,
            supports_client_documents: false,
            auth_methods: None,
            scopes: Scope::default(),
            protected_resources: None,
            proof_algorithms: None,
            resource_requires_proof: false,
            s256: true,
            announces_pkce: false,
            has_default_endpoints: true,
            found_at: None,
        })
    }

    #[cfg(test)]
    pub(crate) fn for_tests(issuer: &str, advertises_iss: bool) -> Self {
        let defaults = Self::with_default_endpoints("http://localhost:1", "", &Defects::none());
        Self {
            issuer: issuer.to_owned(),
            advertises_iss,
            ..defaults.unwrap()
        }
    }
}
