//! What kinds of redirect URI there are.

use crate::loopback::is_loopback_host;

/// The kind of a redirect URI, in the words of scenarios.
pub(crate) fn redirect_uri_kind(uri: &str) -> &'static str {
    let Ok(parsed) = url::Url::parse(uri) else {
        return "malformed";
    };
    if parsed.fragment().is_some() {
        return "malformed";
    }
    match (parsed.scheme(), parsed.host()) {
        ("https", _) => "https",
        ("http", Some(host)) if is_loopback_host(&host) => match host {
            url::Host::Domain(_) => "localhost",
            _ => "loopback-ip",
        },
        ("http", _) => "plain-http",
        _ => "private-scheme",
    }
}

/// The redirect URI without its port, if it is one whose port may vary (RFC 8252 section 7.3).
pub(crate) fn without_loopback_port(uri: &str) -> Option<String> {
    if !matches!(redirect_uri_kind(uri), "loopback-ip" | "localhost") {
        return None;
    }
    let mut url = url::Url::parse(uri).ok()?;
    url.set_port(None).ok()?;
    Some(url.to_string())
}
