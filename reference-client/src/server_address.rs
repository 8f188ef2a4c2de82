//! The URL of an MCP server, and the identifier of its resource.

use crate::error::ClientError;
use crate::url_rules::{is_https_or_loopback, origin};
use url::Url;

/// The URL of an MCP server in the forms that the client needs.
#[derive(Debug, Clone)]
pub(crate) struct ServerAddress {
    /// The URL as the user wrote it.
    pub configured: String,
    /// The URL that requests are sent to.
    pub url: Url,
    /// The resource identifier that metadata has to contain: scheme and host in lower case, no
    /// query and no fragment, the path byte for byte.
    pub canonical: String,
}

impl ServerAddress {
    pub(crate) fn parse(configured: &str) -> Result<Self, ClientError> {
        let configured = configured.trim();
        let mut url =
            Url::parse(configured).map_err(|_| ClientError::ServerUrl("it is not a valid URL"))?;
        if !is_https_or_loopback(&url) {
            return Err(ClientError::ServerUrl(
                "it is neither https nor a loopback URL",
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(ClientError::ServerUrl(
                "it contains a user name or password",
            ));
        }
        url.set_fragment(None);
        let canonical =
            canonicalise(configured).ok_or(ClientError::ServerUrl("it is not a valid URL"))?;
        Ok(Self {
            configured: configured.to_owned(),
            url,
            canonical,
        })
    }

    /// The origin: scheme, host and port, without a final slash.
    pub(crate) fn origin(&self) -> String {
        origin(&self.url)
    }

    /// The configured query with its question mark, or nothing.
    pub(crate) fn query(&self) -> String {
        self.url
            .query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default()
    }

    /// Whether a resource identifier is the server's own, compared code point by code point.
    pub(crate) fn is_named_by(&self, resource: &str) -> bool {
        let with_query = format!("{}{}", self.canonical, self.query());
        let at_root = self.url.path() == "/"
            && resource.strip_suffix('/').unwrap_or(resource) == self.origin();
        resource == self.canonical || resource == with_query || at_root
    }
}

/// The URL with scheme and authority in lower case, without query and fragment.
fn canonicalise(configured: &str) -> Option<String> {
    let (scheme, rest) = configured.split_once("://")?;
    let rest = rest.split(['?', '#']).next()?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Some(format!(
        "{}://{}{path}",
        scheme.to_ascii_lowercase(),
        authority.to_ascii_lowercase()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_url_have_one_identifier() {
        for spelling in [
            "http://localhost:81/mcp",
            "HTTP://LOCALHOST:81/mcp",
            "http://localhost:81/mcp#f",
            "http://localhost:81/mcp?key=k#f",
        ] {
            assert_eq!(
                ServerAddress::parse(spelling).unwrap().canonical,
                "http://localhost:81/mcp"
            );
        }
    }

    #[test]
    fn only_the_exact_identifier_is_accepted() {
        let server = ServerAddress::parse("http://localhost:81/caf%C3%A9/mcp").unwrap();
        assert!(server.is_named_by("http://localhost:81/caf%C3%A9/mcp"));
        for foreign in [
            "http://localhost:81/caf%c3%a9/mcp",
            "http://localhost:81/cafe%CC%81/mcp",
            "http://localhost:81/caf%C3%A9/mcp/",
            "http://localhost:81/caf%C3%A9/mcp2",
            "http://localhost:81/caf%C3%A9",
            "http://localhost:81",
            "HTTP://localhost:81/caf%C3%A9/mcp",
            "",
        ] {
            assert!(!server.is_named_by(foreign), "{foreign}");
        }
        assert!(
            ServerAddress::parse("http://localhost:81")
                .unwrap()
                .is_named_by("http://localhost:81/")
        );
        assert!(
            ServerAddress::parse("http://localhost:81/")
                .unwrap()
                .is_named_by("http://localhost:81")
        );
    }
}
