//! Keeps a client that runs on a server away from the addresses of its own network.
//!
//! Whoever operates an MCP server chooses the URLs that the client requests. From a server they may
//! lead to machines that only their own network reaches. On a user's machine, a company's own
//! network is where MCP servers legitimately are, so only web applications have a guard.

use crate::config::ClientConfig;
use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use crate::reference_client_kind::ReferenceClientKind;
use crate::url_rules;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use url::{Host, Url};

/// Which addresses the client requests.
#[derive(Debug, Clone)]
pub(crate) struct AddressGuard {
    /// Whether it refuses any.
    is_active: bool,
    /// Whether it is being developed: its MCP server is on this machine, and so may the others be.
    allows_loopback: bool,
    defects: Defects,
}

impl AddressGuard {
    pub(crate) fn new(config: &ClientConfig) -> Self {
        let is_local = |server: &String| {
            let url = Url::parse(server);
            url.is_ok_and(|url| url_rules::is_loopback(&url))
        };
        Self {
            is_active: config.application == ReferenceClientKind::Web
                && !config.defects.has(Defect::INTERNAL_ADDRESSES_REQUESTED),
            allows_loopback: config.servers.iter().any(is_local),
            defects: config.defects.clone(),
        }
    }

    /// Refuses a URL with the address of an internal machine in place of a name. What names lead to
    /// is checked by the resolver, whose answer is what the client connects to.
    pub(crate) async fn check(&self, url: &Url) -> Result<(), ClientError> {
        let addresses: Vec<IpAddr> = match url.host() {
            Some(Host::Ipv4(address)) => vec![address.into()],
            Some(Host::Ipv6(address)) => vec![address.into()],
            Some(Host::Domain(name)) if self.defects.has(Defect::INTERNAL_NAMES_REBOUND) => {
                look_up(name).await.unwrap_or_default()
            }
            _ => Vec::new(),
        };
        if addresses.into_iter().all(|address| self.permits(address)) {
            Ok(())
        } else {
            Err(ClientError::InternalAddress)
        }
    }

    /// What the client resolves names with, if it guards what they lead to.
    pub(crate) fn resolver(&self) -> Option<Arc<Self>> {
        let has_own = !self.defects.has(Defect::INTERNAL_NAMES_TRUSTED)
            && !self.defects.has(Defect::INTERNAL_NAMES_REBOUND);
        (self.is_active && has_own).then(|| Arc::new(self.clone()))
    }

    fn permits(&self, address: IpAddr) -> bool {
        if !self.is_active {
            return true;
        }
        match address {
            IpAddr::V4(address) => self.permits_ipv4(address),
            IpAddr::V6(address) => self.permits_ipv6(address),
        }
    }

    fn permits_ipv4(&self, address: Ipv4Addr) -> bool {
        if address.is_loopback() || address.is_unspecified() {
            return self.allows_loopback;
        }
        let is_private = if self.defects.has(Defect::INTERNAL_RANGES_INCOMPLETE) {
            address.octets()[0] == 10
        } else {
            address.is_private()
        };
        !is_private && !address.is_link_local()
    }

    fn permits_ipv6(&self, address: Ipv6Addr) -> bool {
        if self.defects.has(Defect::INTERNAL_IPV6_FORGOTTEN) {
            return true;
        }
        if let Some(mapped) = address.to_ipv4_mapped() {
            return self.permits_ipv4(mapped);
        }
        if address.is_loopback() || address.is_unspecified() {
            return self.allows_loopback;
        }
        !address.is_unique_local() && !address.is_unicast_link_local()
    }
}

impl Resolve for AddressGuard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let mut addresses = look_up(name.as_str()).await?;
            addresses.retain(|address| guard.permits(*address));
            if addresses.is_empty() {
                return Err(ClientError::InternalAddress.into());
            }
            let sockets = addresses
                .into_iter()
                .map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(sockets) as Addrs)
        })
    }
}

async fn look_up(name: &str) -> std::io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((name, 0)).await?;
    Ok(found.map(|socket| socket.ip()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revision::ProtocolRevision;

    fn guard(kind: ReferenceClientKind, server: &str) -> AddressGuard {
        let mut config = ClientConfig::new(ProtocolRevision::July2026, server);
        config.application = kind;
        AddressGuard::new(&config)
    }

    async fn permitted(guard: &AddressGuard, url: &str) -> bool {
        guard.check(&Url::parse(url).unwrap()).await.is_ok()
    }

    #[tokio::test]
    async fn a_web_application_requests_no_internal_address() {
        let web = guard(ReferenceClientKind::Web, "https://mcp.example/");
        for internal in [
            "https://10.0.0.1/",
            "https://0xa000001/",
            "https://172.31.0.1/",
            "https://192.168.0.1/",
            "http://169.254.169.254/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://127.0.0.1/",
            "https://0.0.0.0/",
            "https://[::1]/",
        ] {
            assert!(!permitted(&web, internal).await, "{internal}");
        }
        assert!(permitted(&web, "https://44.0.0.1/").await);
        assert!(permitted(&web, "https://[2a0f::1]/").await);
    }

    #[tokio::test]
    async fn loopback_is_for_development_and_terminals_have_no_guard() {
        let developed = guard(ReferenceClientKind::Web, "http://localhost:1/mcp");
        assert!(permitted(&developed, "http://127.0.0.1:2/").await);
        assert!(!permitted(&developed, "http://10.0.0.1/").await);
        let terminal = guard(ReferenceClientKind::Terminal, "https://mcp.example/");
        assert!(permitted(&terminal, "https://10.0.0.1/").await);
    }
}
