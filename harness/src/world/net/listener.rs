//! Accepts the connections of one address, and hands them to `http` or to `tls`.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::super::error::WorldError;
use super::http::{ServedSite, serve_connection};
use super::tls::serve_tls_connection;
use crate::machine::Shortage;

/// Connections that one address serves at a time; more wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 64;
/// The pause after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Serves one listening socket until the world stops; with `tls`, only to clients that speak TLS.
pub(crate) async fn serve(site: ServedSite, listener: TcpListener, tls: Option<Arc<ServerConfig>>) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
            return;
        };
        tokio::select! {
            accepted = listener.accept() => {
                let stream = match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) => {
                        if let Some(shortage) = Shortage::of(&error) {
                            site.shared.note_shortage(shortage);
                        }
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                        continue;
                    }
                };
                let _ = stream.set_nodelay(true);
                let (site, tls) = (site.clone(), tls.clone());
                connections.spawn(async move {
                    match tls {
                        None => serve_connection(site, stream).await,
                        Some(config) => serve_tls_connection(site, stream, config).await,
                    }
                    drop(permit);
                });
            }
            Some(ended) = connections.join_next() => {
                if let Err(panic) = ended {
                    site.shared.note_fault(WorldError::Panicked(panic.to_string()));
                }
            }
        }
    }
}
