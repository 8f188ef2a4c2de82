//! The loopback listener for the authorization response (RFC 8252 section 7.3), and the page that
//! it shows.
//!
//! The page is the same whatever arrives: nothing of the request goes into it. What arrived is
//! judged elsewhere.

use crate::defect::{Defect, Defects};
use crate::error::ClientError;
use crate::platform::BrowserClosed;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

const PATH: &str = "/callback";
const LARGEST_HEAD: usize = 16 * 1024;
const LONGEST_EXCHANGE: Duration = Duration::from_secs(5);
const LONGEST_GOODBYE: Duration = Duration::from_millis(250);
const WAITING: usize = 8;

/// Where the authorization response arrives: a listener on this machine's loopback interface,
/// closed when dropped, or an address of the application's own, which the system or a web server
/// hands over.
pub(crate) struct Callback {
    redirect_uri: String,
    arrivals: mpsc::Receiver<CallbackRequest>,
    acceptor: Option<JoinHandle<()>>,
}

/// A request that may be the authorization response. The browser waits for its page.
pub(crate) struct CallbackRequest {
    /// The query as it stands in the request.
    pub query: String,
    page: oneshot::Sender<CallbackPage>,
    written: oneshot::Receiver<()>,
}

impl CallbackRequest {
    /// An address that was handed over: no browser waits for a page.
    fn handed_over(query: String) -> Self {
        Self {
            query,
            page: oneshot::channel().0,
            written: oneshot::channel().1,
        }
    }

    /// Shows a page and waits until it is on its way.
    pub(crate) async fn answer(self, page: CallbackPage) {
        if self.page.send(page).is_ok() {
            let _ = timeout(LONGEST_EXCHANGE, self.written).await;
        }
    }
}

/// The user's browser, for as long as it is open.
pub(crate) struct BrowserWindow {
    window: Option<BrowserClosed>,
}

impl BrowserWindow {
    pub(crate) fn new(window: BrowserClosed) -> Self {
        Self {
            window: Some(window),
        }
    }

    /// A browser that nobody sees closing.
    pub(crate) fn unseen() -> Self {
        Self { window: None }
    }

    /// The query of the address that was handed over, if one was.
    async fn closed(&mut self) -> Option<String> {
        let address = match &mut self.window {
            Some(window) => window.await,
            None => std::future::pending().await,
        };
        self.window = None;
        address.map(|address| {
            address
                .split_once('?')
                .map(|(_, query)| query.to_owned())
                .unwrap_or_default()
        })
    }
}

impl Callback {
    /// Listens on this port if it is free, or else on any.
    pub(crate) async fn bind(port: Option<u16>, defects: &Defects) -> Result<Self, ClientError> {
        let preferred = match port {
            Some(port) => TcpListener::bind(("127.0.0.1", port)).await.ok(),
            None => None,
        };
        let listener = match preferred {
            Some(listener) => listener,
            None => TcpListener::bind(("127.0.0.1", 0))
                .await
                .map_err(|_| ClientError::Listener)?,
        };
        let port = listener
            .local_addr()
            .map_err(|_| ClientError::Listener)?
            .port();
        let host = if defects.has(Defect::REDIRECT_LOCALHOST) {
            "localhost"
        } else {
            "127.0.0.1"
        };
        let (sender, arrivals) = mpsc::channel(WAITING);
        let acceptor = tokio::spawn(accept(listener, sender, defects.clone()));
        Ok(Self {
            redirect_uri: format!("http://{host}:{port}{PATH}"),
            arrivals,
            acceptor: Some(acceptor),
        })
    }

    /// Listens to nothing: what arrives at this address of the application's own is handed over by
    /// the browser.
    pub(crate) fn handed_over(redirect_uri: String) -> Self {
        Self {
            redirect_uri,
            arrivals: mpsc::channel(1).1,
            acceptor: None,
        }
    }

    pub(crate) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Waits for an arrival, until the browser is closed or patience runs out.
    pub(crate) async fn wait(
        &mut self,
        browser: &mut BrowserWindow,
        patience: Duration,
    ) -> Option<CallbackRequest> {
        let listening = self.acceptor.is_some();
        tokio::select! {
            biased;
            arrival = self.arrivals.recv(), if listening => arrival,
            handed_over = browser.closed() => handed_over.map(CallbackRequest::handed_over).or_else(|| self.arrivals.try_recv().ok()),
            () = tokio::time::sleep(patience) => None,
        }
    }

    /// Frees the port before it returns, so that the next authorization may listen there.
    pub(crate) async fn close(mut self) {
        if let Some(mut acceptor) = self.acceptor.take() {
            acceptor.abort();
            let _ = (&mut acceptor).await;
        }
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        if let Some(acceptor) = &self.acceptor {
            acceptor.abort();
        }
    }
}

/// An answer to the browser.
pub(crate) struct CallbackPage {
    status: &'static str,
    extra_headers: String,
    body: String,
}

impl CallbackPage {
    /// Says that the user may go back, whether that is a success or not.
    pub(crate) fn done() -> Self {
        Self::with_text("You can close this window and go back to the application.")
    }

    fn not_found() -> Self {
        Self {
            status: "404 Not Found",
            ..Self::with_text("There is nothing here.")
        }
    }

    /// Repeats a foreign text as it came: [`Defect::CALLBACK_PAGE_ECHOES`].
    pub(crate) fn echoing(text: &str) -> Self {
        Self::with_text(text)
    }

    /// Hands a secret to the browser: [`Defect::TOKEN_IN_COOKIE`].
    pub(crate) fn with_cookie(token: &str) -> Self {
        Self {
            extra_headers: format!("Set-Cookie: token={token}\r\n"),
            ..Self::done()
        }
    }

    fn redirecting(target: &str) -> Self {
        Self {
            status: "302 Found",
            extra_headers: format!("Location: {target}\r\n"),
            body: String::new(),
        }
    }

    fn with_text(text: &str) -> Self {
        let body = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Authorization</title><p>{text}</p></html>\n"
        );
        Self {
            status: "200 OK",
            extra_headers: String::new(),
            body,
        }
    }

    fn into_bytes(self, defects: &Defects) -> Vec<u8> {
        let Self {
            status,
            extra_headers,
            mut body,
        } = self;
        if defects.has(Defect::CALLBACK_PAGE_LOADS_FOREIGN) {
            body.push_str("<img src=\"https://statistics.example/pixel.png\" alt=\"\">");
        }
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\n\
             Referrer-Policy: no-referrer\r\nContent-Security-Policy: default-src 'none'\r\nX-Content-Type-Options: nosniff\r\n\
             {extra_headers}Connection: close\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

async fn accept(listener: TcpListener, arrivals: mpsc::Sender<CallbackRequest>, defects: Defects) {
    while let Ok((stream, _)) = listener.accept().await {
        let (arrivals, defects) = (arrivals.clone(), defects.clone());
        tokio::spawn(async move {
            let _ = timeout(LONGEST_EXCHANGE * 4, serve(stream, arrivals, &defects)).await;
        });
    }
}

async fn serve(mut stream: TcpStream, arrivals: mpsc::Sender<CallbackRequest>, defects: &Defects) {
    let Ok(Some(target)) = timeout(LONGEST_EXCHANGE, request_target(&mut stream)).await else {
        return;
    };
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut written = None;
    let page = if path != PATH {
        CallbackPage::not_found()
    } else if let Some(elsewhere) =
        named_target(query).filter(|_| defects.has(Defect::CALLBACK_REDIRECTS))
    {
        CallbackPage::redirecting(&elsewhere)
    } else if is_response(query) {
        let (page_sender, page) = oneshot::channel();
        let (written_sender, written_receiver) = oneshot::channel();
        written = Some(written_sender);
        let arrival = CallbackRequest {
            query: query.to_owned(),
            page: page_sender,
            written: written_receiver,
        };
        match arrivals.try_send(arrival) {
            Ok(()) => page.await.unwrap_or_else(|_| CallbackPage::done()),
            Err(_) => CallbackPage::done(),
        }
    } else {
        CallbackPage::not_found()
    };
    let _ = stream.write_all(&page.into_bytes(defects)).await;
    if let Some(written) = written {
        let _ = written.send(());
    }
    // The browser was told that this is all. Whoever closes first keeps the port from others for a
    // minute, and this one is hard to come by: the system hands out only those that no connection
    // lingers on.
    let _ = timeout(LONGEST_GOODBYE, stream.read_u8()).await;
}

/// The target of a GET request; nothing of the rest is of interest.
async fn request_target(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    let mut buffer = [0_u8; 2048];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = stream
            .read(&mut buffer)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        head.extend_from_slice(buffer.get(..read)?);
        if head.len() > LARGEST_HEAD {
            return None;
        }
    }
    let line = head.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    (method == "GET" && target.starts_with('/') && version.starts_with("HTTP/1."))
        .then(|| target.to_owned())
}

/// Whether a request looks like an authorization response, a genuine one or not.
fn is_response(query: &str) -> bool {
    url::form_urlencoded::parse(query.as_bytes())
        .any(|(name, _)| matches!(&*name, "code" | "error" | "state"))
}

/// What [`Defect::CALLBACK_REDIRECTS`] obeys.
fn named_target(query: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| matches!(&**name, "next" | "url" | "redirect_uri" | "return_to"))
        .map(|(_, target)| target.replace(['\r', '\n'], ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(port: &str, target: &str) -> String {
        let mut stream = TcpStream::connect(format!("127.0.0.1:{port}"))
            .await
            .unwrap();
        stream
            .write_all(format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn only_a_response_arrives_and_nothing_is_echoed() {
        let mut callback = Callback::bind(None, &Defects::none()).await.unwrap();
        let port = callback
            .redirect_uri()
            .trim_start_matches("http://127.0.0.1:")
            .trim_end_matches(PATH)
            .to_owned();
        assert!(get(&port, "/favicon.ico").await.starts_with("HTTP/1.1 404"));
        assert!(
            get(&port, "/callback?next=http://elsewhere")
                .await
                .starts_with("HTTP/1.1 404")
        );
        let browser = tokio::spawn(async move {
            get(
                &port,
                "/callback?error=x&error_description=%3Cscript%3E&state=s",
            )
            .await
        });
        let arrival = callback
            .wait(&mut BrowserWindow::unseen(), LONGEST_EXCHANGE)
            .await
            .unwrap();
        assert_eq!(
            arrival.query,
            "error=x&error_description=%3Cscript%3E&state=s"
        );
        arrival.answer(CallbackPage::done()).await;
        let page = browser.await.unwrap();
        assert!(
            page.starts_with("HTTP/1.1 200")
                && !page.contains("script")
                && page.contains("no-referrer"),
            "{page}"
        );
    }

    #[tokio::test]
    async fn a_closed_browser_ends_the_wait() {
        let mut callback = Callback::bind(None, &Defects::none()).await.unwrap();
        let mut browser = BrowserWindow::new(Box::pin(std::future::ready(None)));
        assert!(
            callback
                .wait(&mut browser, LONGEST_EXCHANGE)
                .await
                .is_none()
        );
    }
}
