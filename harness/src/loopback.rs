//! Whether a host is this machine: the one test that the whole harness uses.

use url::{Host, Url};

/// Whether the host is a loopback address or the name `localhost`.
pub(crate) fn is_loopback_host(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
    }
}

/// Whether the URL's host is this machine, whatever its scheme.
pub(crate) fn has_loopback_host(url: &Url) -> bool {
    url.host().is_some_and(|host| is_loopback_host(&host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_addresses_and_localhost_are_this_machine() {
        let is_loopback = |text: &str| has_loopback_host(&Url::parse(text).unwrap());
        for url in ["http://127.8.0.1/", "http://[::1]:1/", "http://LOCALHOST/"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["http://0.0.0.0/", "http://localhost.example/", "app:/x"] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
