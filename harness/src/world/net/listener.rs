//! Accepts the connections of one address, and hands them to `http` or to `tls`.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::super::error::WorldError;
use super::http::{ServedSite, serve_connection};
use super::named_network::NamedNetwork;
use super::tls::{PartyTls, serve_tls_connection};
use crate::machine::Shortage;

/// Connections that one address serves at a time; more wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 64;
/// The pause after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// A socket that listens for connections to a site.
#[derive(Debug)]
pub(crate) struct SiteListener {
    pub(crate) listener: TcpListener,
    /// With what it speaks TLS, if it does.
    pub(crate) tls: Option<PartyTls>,
    /// The network in which it listens at all addresses that no party has, if it does.
    pub(crate) elsewhere: Option<Arc<NamedNetwork>>,
}

/// Serves one listening socket until the world stops; with TLS, only to clients that speak it.
pub(crate) async fn serve(site: ServedSite, socket: SiteListener) {
    let SiteListener {
        listener,
        tls,
        elsewhere,
    } = socket;
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
                if elsewhere.as_ref().is_some_and(|network| !is_elsewhere(network, &stream)) {
                    continue;
                }
                let (site, tls) = (site.clone(), tls.clone());
                connections.spawn(async move {
                    serve_stream(site, stream, tls).await;
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

/// Whether a connection is to an address that no party has. It is noted.
fn is_elsewhere(network: &NamedNetwork, stream: &TcpStream) -> bool {
    let address = stream.local_addr();
    address.is_ok_and(|address| network.note_address(address.ip()))
}

async fn serve_stream(site: ServedSite, stream: TcpStream, tls: Option<PartyTls>) {
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return serve_connection(site, stream).await;
    };
    let Ok(address) = stream.local_addr() else {
        return;
    };
    match tls.config_at(address.ip()) {
        Ok(config) => serve_tls_connection(site, stream, config).await,
        Err(error) => site.shared.note_fault(WorldError::Setup {
            case: site.shared.case_id(),
            problem: error.to_string(),
        }),
    }
}
