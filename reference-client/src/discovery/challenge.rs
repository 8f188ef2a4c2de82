//! One challenge of a `WWW-Authenticate` header.

/// One challenge. Names are in lower case, values are unquoted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Challenge {
    pub(super) scheme: String,
    pub(super) parameters: Vec<(String, String)>,
}

impl Challenge {
    pub(super) fn new(scheme: &str) -> Self {
        Self {
            scheme: scheme.to_ascii_lowercase(),
            parameters: Vec::new(),
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(parameter, _)| parameter == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the challenge asks for a bearer token.
    pub(crate) fn asks_for_bearer(&self) -> bool {
        self.scheme == "bearer"
    }

    /// The URL of the protected resource metadata.
    pub(crate) fn resource_metadata(&self) -> Option<&str> {
        self.get("resource_metadata")
    }

    /// The scopes that the request needs.
    pub(crate) fn scope(&self) -> Option<&str> {
        self.get("scope")
    }

    /// Why the token was rejected.
    pub(crate) fn error(&self) -> Option<&str> {
        self.get("error")
    }
}
