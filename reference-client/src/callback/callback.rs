//! Where the authorization response arrives (RFC 8252 section 7).

use crate::callback::callback_request::CallbackRequest;
use crate::callback::callback_server::{self, PATH};
use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use crate::platform::BrowserClosed;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// How many requests wait for the client at most. More of them get a page at once.
const MOST_WAITING_REQUESTS: usize = 8;

/// Where the authorization response arrives. That is a listener on this machine's loopback
/// interface, which is closed when this value is dropped, or a redirect URI whose requests the
/// system or a web server hands to the application.
pub(crate) struct Callback {
    redirect_uri: String,
    requests: mpsc::Receiver<CallbackRequest>,
    server: Option<JoinHandle<()>>,
    /// [`Defect::LISTENER_LEFT_OPEN`]
    stays_open: bool,
}

impl Callback {
    /// Listens on this port if it is free, or else on any free port.
    pub(crate) async fn bind(port: Option<u16>, defects: &Defects) -> Result<Self, ClientError> {
        let preferred = match port {
            Some(port) => TcpListener::bind((own_address(defects), port)).await.ok(),
            None => None,
        };
        let listener = match preferred {
            Some(listener) => listener,
            None => TcpListener::bind((own_address(defects), 0))
                .await
                .map_err(|_| ClientError::Listener)?,
        };
        Self::listen(listener, defects)
    }

    /// Listens on this port and no other.
    pub(crate) async fn bind_exactly(port: u16, defects: &Defects) -> Result<Self, ClientError> {
        let listener = TcpListener::bind((own_address(defects), port))
            .await
            .map_err(|_| ClientError::Listener)?;
        Self::listen(listener, defects)
    }

    fn listen(listener: TcpListener, defects: &Defects) -> Result<Self, ClientError> {
        let address = listener.local_addr().map_err(|_| ClientError::Listener)?;
        let host = if defects.has(Defect::REDIRECT_LOCALHOST) {
            "localhost"
        } else {
            "127.0.0.1"
        };
        let (sender, requests) = mpsc::channel(MOST_WAITING_REQUESTS);
        let server = tokio::spawn(callback_server::serve(listener, sender, defects.clone()));
        Ok(Self {
            redirect_uri: format!("http://{host}:{}{PATH}", address.port()),
            requests,
            server: Some(server),
            stays_open: defects.has(Defect::LISTENER_LEFT_OPEN),
        })
    }

    /// Does not listen. The browser hands over what arrives at this redirect URI.
    pub(crate) fn handed_over(redirect_uri: String) -> Self {
        Self {
            redirect_uri,
            requests: mpsc::channel(1).1,
            server: None,
            stays_open: false,
        }
    }

    pub(crate) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Waits for a request, until the browser is closed or patience runs out.
    pub(crate) async fn wait(
        &mut self,
        browser: &mut BrowserWindow,
        patience: Duration,
    ) -> Option<CallbackRequest> {
        let listening = self.server.is_some();
        tokio::select! {
            biased;
            request = self.requests.recv(), if listening => request,
            query = browser.closed() => match query {
                Some(query) => Some(CallbackRequest::handed_over(query)),
                None => self.requests.try_recv().ok(),
            },
            () = tokio::time::sleep(patience) => None,
        }
    }

    /// Frees the port before it returns, so that the next authorization can listen there.
    pub(crate) async fn close(mut self) {
        if let Some(mut server) = self.server.take().filter(|_| !self.stays_open) {
            server.abort();
            let _ = (&mut server).await;
        }
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        if let Some(server) = self.server.as_ref().filter(|_| !self.stays_open) {
            server.abort();
        }
    }
}

/// The address of the listener. Only this machine's programs reach it.
fn own_address(defects: &Defects) -> Ipv4Addr {
    if defects.has(Defect::LISTENER_ON_ALL_ADDRESSES) {
        Ipv4Addr::UNSPECIFIED
    } else {
        Ipv4Addr::LOCALHOST
    }
}

/// The user's browser.
pub(crate) enum BrowserWindow {
    Open(BrowserClosed),
    Closed,
    /// A browser whose closing is not noticed.
    Unobserved,
}

impl BrowserWindow {
    pub(crate) fn new(closed: BrowserClosed) -> Self {
        Self::Open(closed)
    }

    /// A browser whose closing is not noticed.
    pub(crate) fn unobserved() -> Self {
        Self::Unobserved
    }

    /// Waits until the browser is closed. Returns the query of the redirect URI that was handed
    /// over, if one was.
    async fn closed(&mut self) -> Option<String> {
        let redirect_uri = match self {
            Self::Open(closed) => closed.await,
            Self::Closed => None,
            Self::Unobserved => std::future::pending().await,
        };
        *self = Self::Closed;
        let redirect_uri = redirect_uri?;
        let query = redirect_uri.split_once('?').map(|(_, query)| query);
        Some(query.unwrap_or_default().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callback::CallbackPage;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    const PATIENCE: Duration = Duration::from_secs(5);

    async fn get(port: &str, target: &str) -> String {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}"))
            .await
            .unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        response
    }

    #[tokio::test]
    async fn only_responses_are_passed_on_and_nothing_is_echoed() {
        let mut callback = Callback::bind(None, &Defects::none()).await.unwrap();
        let port = callback
            .redirect_uri()
            .trim_start_matches("http://127.0.0.1:")
            .trim_end_matches(PATH)
            .to_owned();
        for target in ["/favicon.ico", "/callback?next=http://elsewhere"] {
            let response = get(&port, target).await;
            assert!(response.starts_with("HTTP/1.1 404"), "{response}");
        }
        let query = "error=x&error_description=%3Cscript%3E&state=s";
        let target = format!("/callback?{query}");
        let browser = tokio::spawn(async move { get(&port, &target).await });
        let request = callback
            .wait(&mut BrowserWindow::unobserved(), PATIENCE)
            .await
            .unwrap();
        assert_eq!(request.query, query);
        request.answer(CallbackPage::done()).await;
        let page = browser.await.unwrap();
        assert!(
            page.starts_with("HTTP/1.1 200")
                && !page.contains("script")
                && page.contains("no-referrer"),
            "{page}"
        );
    }

    #[tokio::test]
    async fn closing_the_browser_ends_the_wait() {
        let mut callback = Callback::bind(None, &Defects::none()).await.unwrap();
        let mut browser = BrowserWindow::new(Box::pin(std::future::ready(None)));
        assert!(callback.wait(&mut browser, PATIENCE).await.is_none());
    }
}
