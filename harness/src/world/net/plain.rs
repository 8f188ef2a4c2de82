//! Plain HTTP over TCP: accepts connections and hands them to `http`.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::super::error::WorldError;
use super::http::{ServedSite, serve_connection};
use crate::machine::Shortage;

/// Connections that one address serves at a time; more wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 64;
/// The pause after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Serves one listening socket until the world stops.
pub(crate) async fn serve(site: ServedSite, listener: TcpListener) {
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
                let site = site.clone();
                connections.spawn(async move {
                    serve_connection(site, stream).await;
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
