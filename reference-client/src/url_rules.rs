//! Rules for URLs that other parties supply: which ones the client may use.

use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use url::{Host, Url};

/// The origin of a URL: scheme, host and port, without a final slash.
pub(crate) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Whether a URL is https, or plain http on this machine.
pub(crate) fn is_https_or_loopback(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(url),
        _ => false,
    }
}

/// Whether the host is this machine: `localhost` or a loopback address.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Parses an endpoint from metadata. It must be https, or plain http on this machine, and have no
/// fragment. `what` names the endpoint in errors.
pub(crate) fn check_endpoint(
    text: &str,
    what: &'static str,
    defects: &Defects,
) -> Result<Url, ClientError> {
    let url = Url::parse(text).map_err(|_| ClientError::Endpoint(what))?;
    let is_http = url.scheme() == "http";
    let starts_like_loopback =
        text.starts_with("http://localhost") || text.starts_with("http://127.0.0.1");
    let is_tolerated = (is_http && defects.has(Defect::ENDPOINT_HTTP_ANYWHERE))
        || (starts_like_loopback && defects.has(Defect::ENDPOINT_LOOPBACK_PREFIX))
        || (!is_http
            && !is_known_to_be_dangerous(&url)
            && defects.has(Defect::ENDPOINT_BLOCK_LIST));
    if !(is_https_or_loopback(&url) || is_tolerated) || url.fragment().is_some() {
        return Err(ClientError::Endpoint(what));
    }
    Ok(url)
}

/// The schemes that a client with [`Defect::ENDPOINT_BLOCK_LIST`] rejects.
fn is_known_to_be_dangerous(url: &Url) -> bool {
    ["javascript", "data", "file", "vbscript", "ms-settings"].contains(&url.scheme())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_loopback_urls_are_endpoints() {
        let none = Defects::none();
        for good in [
            "https://as.example/a",
            "http://localhost:1/a?x=1",
            "http://127.8.0.1/a",
            "http://[::1]:1/a",
        ] {
            assert!(check_endpoint(good, "token", &none).is_ok(), "{good}");
        }
        for bad in [
            "javascript:alert(1)//",
            "data:text/html,x",
            "file:///etc/passwd",
            "--help",
            "/authorize",
            "x-unheard-of:abc",
            "http://as.example/a",
            "http://127.0.0.1.as.example/a",
            "http://localhost@as.example/a",
            "https://as.example/a#f",
        ] {
            assert!(check_endpoint(bad, "token", &none).is_err(), "{bad}");
        }
    }
}
