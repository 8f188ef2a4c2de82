//! Rules for URLs that other parties supply: which ones the client may use.

use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use url::{Host, Url};

/// Scheme, host and port of a URL, without a slash.
pub(crate) fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// https anywhere, plain http on this machine only.
pub(crate) fn is_https_or_loopback(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.has_host(),
        "http" => is_loopback(url),
        _ => false,
    }
}

/// Whether the host is this machine, by name or by address.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// An endpoint out of metadata: only a web address, and plain http only on this machine.
pub(crate) fn endpoint(
    text: &str,
    what: &'static str,
    defects: &Defects,
) -> Result<Url, ClientError> {
    let url = Url::parse(text).map_err(|_| ClientError::Endpoint(what))?;
    let plain = url.scheme() == "http";
    let tolerated = (plain && defects.has(Defect::ENDPOINT_HTTP_ANYWHERE))
        || (defects.has(Defect::ENDPOINT_LOOPBACK_PREFIX)
            && ["http://localhost", "http://127.0.0.1"]
                .iter()
                .any(|start| text.starts_with(start)))
        || (defects.has(Defect::ENDPOINT_BLOCK_LIST) && !plain && !is_known_to_be_dangerous(&url));
    if !is_https_or_loopback(&url) && !tolerated || url.fragment().is_some() {
        return Err(ClientError::Endpoint(what));
    }
    Ok(url)
}

/// What [`Defect::ENDPOINT_BLOCK_LIST`] relies on.
fn is_known_to_be_dangerous(url: &Url) -> bool {
    ["javascript", "data", "file", "vbscript", "ms-settings"].contains(&url.scheme())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_endpoints() {
        let none = Defects::none();
        for good in [
            "https://as.example/a",
            "http://localhost:1/a?x=1",
            "http://127.8.0.1/a",
            "http://[::1]:1/a",
        ] {
            assert!(endpoint(good, "token", &none).is_ok(), "{good}");
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
            assert!(endpoint(bad, "token", &none).is_err(), "{bad}");
        }
    }
}
