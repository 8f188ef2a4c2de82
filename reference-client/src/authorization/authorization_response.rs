//! The authorization response: the query that arrives at the redirect URI.

use crate::error::ClientError;

/// The parameters of an authorization response, decoded from their form encoding.
pub(super) struct AuthorizationResponse {
    pub parameters: Vec<(String, String)>,
    /// The query before decoding.
    pub query: String,
}

impl AuthorizationResponse {
    pub(super) fn parse(query: &str) -> Self {
        let parameters = url::form_urlencoded::parse(query.as_bytes());
        Self {
            parameters: parameters.into_owned().collect(),
            query: query.to_owned(),
        }
    }

    /// All values of a parameter, in order.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.parameters
            .iter()
            .filter(move |(parameter, _)| parameter == name)
            .map(|(_, value)| value.as_str())
    }

    /// The first value of a parameter.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every parameter but the code, as it came. Only defective clients show it.
    pub(super) fn show_all_but_code(&self) -> String {
        let others = self.parameters.iter().filter(|(name, _)| name != "code");
        let shown = others.map(|(name, value)| format!("{name}={value}"));
        shown.collect::<Vec<_>>().join(" ")
    }

    /// The value of a parameter, if it occurs at most once.
    pub(super) fn only(&self, name: &str) -> Result<Option<&str>, ClientError> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            _ => Err(ClientError::ResponseForm),
        }
    }
}
