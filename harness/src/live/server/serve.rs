//! Listens for the page's requests.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::net::TcpListener;

use super::guard::{Guard, stand_guard};
use super::routes::router;
use crate::live::error::LiveError;
use crate::live::live_service::LiveService;

/// A page that is ready to be served.
#[derive(Debug)]
pub struct LivePage {
    listener: TcpListener,
    router: Router,
    url: String,
}

/// Listens on an address of this machine. The page's URL holds a token that cannot be guessed.
pub async fn bind_page(
    service: Arc<LiveService>,
    address: SocketAddr,
) -> Result<LivePage, LiveError> {
    let listen_error = |source| LiveError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;
    let token = random_token()?;
    let guard = Arc::new(Guard::of_port(address.port()));
    let router = router(service, &token).layer(from_fn_with_state(guard, stand_guard));
    Ok(LivePage {
        listener,
        router,
        url: format!("http://{address}/{token}/"),
    })
}

impl LivePage {
    /// Where the page is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Serves the page for ever.
    pub async fn serve(self) -> Result<(), LiveError> {
        axum::serve(self.listener, self.router)
            .await
            .map_err(LiveError::Serve)
    }
}

fn random_token() -> Result<String, LiveError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(LiveError::Random)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}
