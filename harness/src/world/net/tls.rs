//! HTTP over TLS: shows a party's certificate on each connection and hands what follows to `http`.

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::server::Acceptor;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;

use super::http::{ServedSite, serve_connection};
use super::http2::serve_http2_connection;
use crate::scenario::model::HttpVersion;

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
