//! The browser and the loopback callback listener.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

use crate::Failure;
use crate::state_file::StateFile;

/// Opens a URL in the user's browser.
pub type Browser = dyn Fn(&str) -> Result<(), Failure> + Send + Sync;

const CALLBACK_WAIT: Duration = Duration::from_secs(10);
/// How long a connection may take to send its request.
const REQUEST_WAIT: Duration = Duration::from_secs(5);

/// The interactive sign-in for one MCP server. Only one runs at a time.
pub struct SignIn {
    listener: Mutex<TcpListener>,
    pub redirect_uri: String,
}

impl SignIn {
    /// Listens, if possible on the port of the last run, because its redirect URI is registered.
    pub async fn listen(state_file: &StateFile) -> Result<Self, Failure> {
        let last = state_file.port();
        let listener = match last {
            Some(port) => match TcpListener::bind(("127.0.0.1", port)).await {
                Ok(listener) => listener,
                Err(_) => TcpListener::bind(("127.0.0.1", 0)).await?,
            },
            None => TcpListener::bind(("127.0.0.1", 0)).await?,
        };
        let port = listener.local_addr()?.port();
        if last != Some(port) {
            state_file.set_port(port)?;
        }
        Ok(Self {
            listener: Mutex::new(listener),
            redirect_uri: format!("http://127.0.0.1:{port}/callback"),
        })
    }

    /// Opens the authorization URL in the browser and waits for the callback. Returns the whole URL
    /// of the callback, which the SDK checks.
    pub async fn go(&self, authorization_url: &str, browser: &Browser) -> Result<String, Failure> {
        let scheme = url::Url::parse(authorization_url)?.scheme().to_owned();
        if scheme != "https" && scheme != "http" {
            return Err("cannot open a URL that is neither http nor https".into());
        }
        let listener = self.listener.lock().await;
        browser(authorization_url)?;
        let callback = async {
            loop {
                let (stream, _) = listener.accept().await?;
                if let Ok(Ok(Some(query))) =
                    tokio::time::timeout(REQUEST_WAIT, answer(stream)).await
                {
                    return Ok(format!("{}?{query}", self.redirect_uri));
                }
            }
        };
        tokio::time::timeout(CALLBACK_WAIT, callback)
            .await
            .map_err(|_| "no callback within 10 s")?
    }
}

/// Answers one request. Returns the query if the request was for the callback.
async fn answer(stream: TcpStream) -> std::io::Result<Option<String>> {
    let mut stream = BufReader::new(stream);
    let mut request = String::new();
    stream.read_line(&mut request).await?;
    let mut header = String::new();
    while stream.read_line(&mut header).await? > 2 {
        header.clear();
    }
    let query = request
        .strip_prefix("GET /callback?")
        .and_then(|rest| rest.split(' ').next())
        .map(str::to_owned);
    let (status, body) = match &query {
        Some(_) => ("200 OK", "You can close this window.\n"),
        None => ("404 Not Found", "Nothing here.\n"),
    };
    let length = body.len();
    let page = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    stream.write_all(page.as_bytes()).await?;
    stream.shutdown().await?;
    Ok(query)
}
