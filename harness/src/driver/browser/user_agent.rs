//! The user's browser: follows the authorization URL through redirects to the client's callback,
//! and does what the script of the world adds.
//!
//! It runs no script and shows nothing; what it loads is in the transcript.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::cookies::Cookies;
use crate::loopback::has_loopback_host;
use crate::transcript::{Actor, Exchange};
use crate::world::{BROWSER_HEADERS, SharedWorld, browser_request};

/// Windows that are open at a time; no more are opened.
const MOST_WINDOWS: usize = 64;
/// Redirects followed for one navigation.
const MOST_REDIRECTS: usize = 20;
/// How often the callback is tried while it refuses connections: some clients open the browser
/// before they listen.
const CALLBACK_TRIES: u32 = 40;
/// The pause between two tries.
const CALLBACK_PAUSE: Duration = Duration::from_millis(50);
/// How long one page may take.
const PAGE_TIMEOUT: Duration = Duration::from_secs(10);
/// How much of a page is read, in bytes.
const LARGEST_PAGE: usize = 256 * 1024;

/// A browser.
#[derive(Clone)]
pub(crate) struct UserAgent {
    shared: Arc<SharedWorld>,
    http: reqwest::Client,
    cookies: Arc<Cookies>,
    /// Navigations under way.
    windows: Arc<Tasks>,
    /// Where they go on: a client may call from a thread or an event loop of its own.
    runtime: Handle,
    /// Whether the client is running: only then is it worth waiting for its listener.
    running: Arc<AtomicBool>,
}

/// How a callback gets to the client.
enum Reception {
    /// At its listener.
    Listener,
    /// Through this channel.
    Channel(mpsc::UnboundedSender<String>),
}

/// The client runs as long as this is held.
pub(crate) struct ClientRuns(Arc<AtomicBool>);

impl Drop for ClientRuns {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl UserAgent {
    /// To be called in the event loop that navigations are to go on in.
    pub(crate) fn new(shared: Arc<SharedWorld>) -> Self {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PAGE_TIMEOUT)
            .pool_max_idle_per_host(0);
        Self {
            shared,
            http: http.build().unwrap_or_default(),
            cookies: Arc::default(),
            windows: Arc::default(),
            runtime: Handle::current(),
            running: Arc::default(),
        }
    }

    /// Notes that the client has been started.
    pub(crate) fn client_runs(&self) -> ClientRuns {
        self.running.store(true, Ordering::SeqCst);
        ClientRuns(Arc::clone(&self.running))
    }

    /// Opens a window. When it has nothing more to load, the receiver is told by being dropped, or
    /// gets the address at which a server sent the browser out of this world: to an application
    /// with a scheme of its own, or to a web application's own site.
    pub(crate) fn open(
        &self,
        url: &str,
        one_argument: bool,
        by: &'static str,
    ) -> oneshot::Receiver<String> {
        let (closed, told) = oneshot::channel();
        self.window(url, one_argument, by, Reception::Listener, closed);
        told
    }

    /// Opens a window whose callbacks are handed over instead of being loaded.
    pub(crate) fn open_for(&self, url: &str, callbacks: mpsc::UnboundedSender<String>) {
        let (closed, _) = oneshot::channel();
        self.window(url, true, "client", Reception::Channel(callbacks), closed);
    }

    fn window(
        &self,
        url: &str,
        one_argument: bool,
        by: &'static str,
        reception: Reception,
        closed: oneshot::Sender<String>,
    ) {
        self.shared.record_browser_open(url, one_argument, by);
        let (browser, url) = (self.clone(), url.to_owned());
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        while windows.try_join_next().is_some() {}
        if windows.len() < MOST_WINDOWS {
            let navigation = async move {
                if let Some((address, responses)) = browser.navigate(&url, &reception).await
                    && !closed.is_closed()
                {
                    browser.shared.mark_delivered(&responses);
                    let _ = closed.send(address);
                }
            };
            windows.spawn_on(navigation, &self.runtime);
        }
    }

    /// Waits for the windows whose loading has ended already, without waiting for others.
    pub(crate) async fn settle(&self) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        while windows.try_join_next().is_some() {}
    }

    /// Whether a window has still something to load.
    pub(crate) fn is_loading(&self) -> bool {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        while windows.try_join_next().is_some() {}
        !windows.is_empty()
    }

    /// Lets open windows load for a moment more, then closes them all.
    pub(crate) async fn finish(&self, grace: Duration) {
        let mut windows =
            std::mem::take(&mut *self.windows.lock().unwrap_or_else(PoisonError::into_inner));
        let _ = tokio::time::timeout(grace, async {
            while windows.join_next().await.is_some() {}
        })
        .await;
        windows.shutdown().await;
    }

    /// Follows redirects to the end. Answers with the address outside of this world that a server
    /// sent the browser to, if it came to that, and the authorization responses that lie in it.
    async fn navigate(&self, first: &str, reception: &Reception) -> Option<(String, Vec<usize>)> {
        let mut url = url::Url::parse(first).ok()?;
        // authorization responses on their way to the client
        let mut under_way: Vec<usize> = Vec::new();
        let mut after: Vec<(usize, String)> = Vec::new();
        let mut from_server = false;
        for _ in 0..MOST_REDIRECTS {
            let next = match self.shared.find_origin(&url) {
                Some(origin) => {
                    let mut request = browser_request(&url, from_server);
                    request.headers.extend(
                        self.cookies
                            .header(&url)
                            .map(|cookies| ("cookie".to_owned(), cookies)),
                    );
                    let reply = self.shared.handle(&origin, &request);
                    for cookie in reply
                        .answer
                        .headers
                        .iter()
                        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
                    {
                        self.cookies.take(&cookie.1, &url);
                    }
                    from_server = true;
                    if reply.authorization_response {
                        under_way.extend(reply.event);
                    } else {
                        self.shared.mark_delivered(reply.event.as_slice());
                    }
                    for (event, address) in &reply.delivery.before {
                        self.call_back(
                            reception,
                            address,
                            &[*event],
                            CALLBACK_TRIES,
                            Behind::AnotherSite,
                        )
                        .await;
                    }
                    after.extend(reply.delivery.after.iter().cloned());
                    if reply.delivery.instead {
                        return None;
                    }
                    let location = reply.answer.header("location").map(str::to_owned);
                    match location {
                        Some(location) if !reply.delivery.cross.is_empty() => {
                            self.shared
                                .cross_responses(&reply.party, &reply.delivery.cross, &location)
                                .await
                        }
                        other => other,
                    }
                }
                None if from_server
                    && !is_loopback(&url)
                    && matches!(reception, Reception::Listener) =>
                {
                    return Some((url.into(), under_way));
                }
                None => {
                    from_server = false;
                    let redirect = self
                        .call_back(
                            reception,
                            url.as_str(),
                            &under_way,
                            CALLBACK_TRIES,
                            Behind::Nobody,
                        )
                        .await;
                    under_way.clear();
                    for (event, address) in std::mem::take(&mut after) {
                        // a listener that is closed by now has refused it
                        self.shared.mark_delivered(&[event]);
                        self.call_back(reception, &address, &[event], 1, Behind::AnotherSite)
                            .await;
                    }
                    redirect
                }
            };
            url = next.and_then(|n| url.join(&n).ok())?;
        }
        None
    }

    /// Brings an authorization response to the client. Answers with where the client's page
    /// redirects to.
    async fn call_back(
        &self,
        reception: &Reception,
        address: &str,
        responses: &[usize],
        tries: u32,
        behind: Behind,
    ) -> Option<String> {
        match reception {
            Reception::Listener => self.visit(address, responses, tries, behind).await,
            Reception::Channel(callbacks) => {
                // before it is sent: what the client does next comes after it
                if !callbacks.is_closed() {
                    self.shared.mark_delivered(responses);
                    let _ = callbacks.send(address.to_owned());
                }
                None
            }
        }
    }

    /// Loads a page of the client's own listener. Answers with where it redirects to.
    async fn visit(
        &self,
        address: &str,
        responses: &[usize],
        tries: u32,
        behind: Behind,
    ) -> Option<String> {
        let url = url::Url::parse(address).ok().filter(is_loopback)?;
        let mut answer = None;
        for attempt in 0..tries {
            if attempt > 0 {
                if !self.running.load(Ordering::SeqCst) {
                    break;
                }
                tokio::time::sleep(CALLBACK_PAUSE).await;
            }
            // taken in when the client's listener has accepted the connection: what it does next
            // may come before its page
            match self
                .http
                .get(url.clone())
                .headers(headers(behind, self.cookies.header(&url)))
                .send()
                .await
            {
                Err(error) if error.is_connect() => continue,
                Err(_) => {
                    self.shared.mark_delivered(responses);
                    break;
                }
                Ok(response) => {
                    self.shared.mark_delivered(responses);
                    answer = Some(response);
                    break;
                }
            }
        }
        let mut answer = answer?;
        let status = answer.status().as_u16();
        let answer_headers: Vec<(String, String)> = answer
            .headers()
            .iter()
            .map(|(n, v)| {
                (
                    n.as_str().to_owned(),
                    String::from_utf8_lossy(v.as_bytes()).into_owned(),
                )
            })
            .collect();
        for (_, cookie) in answer_headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
        {
            self.cookies.take(cookie, &url);
        }
        let mut page = Vec::new();
        while let Ok(Some(chunk)) = answer.chunk().await {
            page.extend_from_slice(&chunk[..chunk.len().min(LARGEST_PAGE - page.len())]);
            if page.len() == LARGEST_PAGE {
                break;
            }
        }
        let location = answer_headers
            .iter()
            .find(|(n, _)| n == "location")
            .map(|(_, v)| v.clone());
        self.shared.record_callback_page(Exchange {
            actor: Actor::UserAgent,
            thief: None,
            party: None,
            method: "GET".to_owned(),
            target: url
                .query()
                .map_or_else(|| url.path().to_owned(), |q| format!("{}?{q}", url.path())),
            headers: Vec::new(),
            body: String::new(),
            status: Some(status),
            answer_headers,
            answer_body: String::from_utf8_lossy(&page).into_owned(),
            note: "the client's callback".to_owned(),
        });
        location.filter(|_| (300..400).contains(&status))
    }
}

/// Who made the browser load a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    /// The program that opened the window, or a redirect since then.
    Nobody,
    /// A page of somebody else's.
    AnotherSite,
}

fn headers(behind: Behind, cookies: Option<String>) -> HeaderMap {
    let each = BROWSER_HEADERS.iter().map(|(name, value)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    });
    let mut headers: HeaderMap = each.collect();
    if behind == Behind::AnotherSite {
        headers.remove("sec-fetch-user");
        headers.insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
    }
    if let Some(cookies) = cookies.and_then(|cookies| HeaderValue::try_from(cookies).ok()) {
        headers.insert("cookie", cookies);
    }
    headers
}

/// The browser goes nowhere but to this machine.
fn is_loopback(url: &url::Url) -> bool {
    url.scheme() == "http" && has_loopback_host(url)
}

/// Tasks that end with their owner.
type Tasks = std::sync::Mutex<tokio::task::JoinSet<()>>;
