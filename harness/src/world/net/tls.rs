//! HTTP over TLS: shows a party's certificate on each connection and hands what follows to `http`.

use std::net::IpAddr;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::Acceptor;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;

use super::certificate_authority::{CertificateAuthority, CertificateAuthorityError};
use super::http::{ServedSite, serve_connection};
use super::http2::serve_http2_connection;
use crate::scenario::model::{HttpVersion, Party};

/// With what a party speaks TLS.
#[derive(Debug, Clone)]
pub(crate) enum PartyTls {
    /// It shows its own certificate.
    Own(Arc<ServerConfig>),
    /// It stands for many hosts, and shows the certificate of the one that is asked for.
    AnyHost(&'static CertificateAuthority, Party),
}

impl PartyTls {
    /// What it needs at one of its addresses.
    pub(super) fn config_at(
        &self,
        address: IpAddr,
    ) -> Result<Arc<ServerConfig>, CertificateAuthorityError> {
        match self {
            Self::Own(config) => Ok(Arc::clone(config)),
            Self::AnyHost(authority, party) => authority.config_for_any_name(party, address),
        }
    }
}

/// Serves one connection until it ends. The world is told of the handshake before the certificate
/// goes out, so that a client that ends the connection at once has met the party nevertheless.
pub(super) async fn serve_tls_connection(
    site: ServedSite,
    stream: TcpStream,
    config: Arc<ServerConfig>,
) {
    let Ok(hello) = LazyConfigAcceptor::new(Acceptor::default(), stream).await else {
        return;
    };
    site.shared.record_handshake(site.site);
    // an error here is a client that refuses the certificate
    let Ok(stream) = hello.into_stream(config).await else {
        return;
    };
    let (_, session) = stream.get_ref();
    if session.alpn_protocol() == Some(HttpVersion::Http2.as_str().as_bytes()) {
        serve_http2_connection(site, stream).await;
    } else {
        serve_connection(site, stream).await;
    }
}
