//! Loads single pages for the browser: those of the world's servers, and those of the client.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Response};
use url::Url;

use super::cookie_jar::CookieJar;
use crate::loopback::has_loopback_host;
use crate::machine::Shortage;
use crate::scenario::model::CallbackMethod;
use crate::transcript::{Actor, Exchange};
use crate::world::{
    BROWSER_HEADERS, ForgedResponse, SharedWorld, SiteId, WorldReply, browser_request,
};

/// The pause between two attempts to reach the client's listener.
const CALLBACK_PAUSE: Duration = Duration::from_millis(50);
/// How long one page may take.
const PAGE_TIMEOUT: Duration = Duration::from_secs(10);
/// How much of a page is read, in bytes.
const MAX_PAGE_LENGTH: usize = 256 * 1024;

/// Who makes the browser load a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NavigationInitiator {
    /// The program that opened the window, or a redirect since then.
    Window,
    /// A page of another site.
    AnotherSite,
}

/// A request for a page of the client's own listener.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageVisit<'a> {
    pub(super) address: &'a str,
    pub(super) method: CallbackMethod,
    pub(super) initiator: NavigationInitiator,
    /// How often the browser tries to reach the listener.
    pub(super) attempts: u32,
}

impl<'a> PageVisit<'a> {
    /// Another site makes the browser bring a response.
    pub(super) fn from_another_site(forged: &'a ForgedResponse, attempts: u32) -> Self {
        Self {
            address: &forged.address,
            method: forged.method,
            initiator: NavigationInitiator::AnotherSite,
            attempts,
        }
    }
}

/// Loads single pages.
#[derive(Clone)]
pub(super) struct PageLoader {
    pub(super) world: Arc<SharedWorld>,
    http: reqwest::Client,
    cookies: Arc<CookieJar>,
    /// Whether the client is running. Only then can its listener still appear.
    client_running: Arc<AtomicBool>,
}

impl PageLoader {
    pub(super) fn new(world: Arc<SharedWorld>, client_running: Arc<AtomicBool>) -> Self {
        let mut http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PAGE_TIMEOUT)
            .pool_max_idle_per_host(0);
        // Clients listen without TLS. Without these settings, every browser would read the
        // certificates of the system.
        if let Ok(trust_nobody) = tls_without_authorities() {
            http = http.tls_backend_preconfigured(trust_nobody);
        }
        let http = http.build();
        Self {
            world,
            http: http.unwrap_or_default(),
            cookies: Arc::default(),
            client_running,
        }
    }

    /// Loads a page from one of the world's servers. `relayed`: a server redirected the browser to
    /// it.
    pub(super) fn load_from_world(&self, site: &SiteId, url: &Url, relayed: bool) -> WorldReply {
        let mut request = browser_request(url, relayed);
        let cookies = self.cookies.header(url);
        request
            .headers
            .extend(cookies.map(|cookies| ("cookie".to_owned(), cookies)));
        let reply = self.world.handle(site, &request);
        for (name, value) in &reply.answer.headers {
            if name.eq_ignore_ascii_case("set-cookie") {
                self.cookies.store(value, url);
            }
        }
        reply
    }

    /// Loads a page from the client's own listener, and returns the address that it redirects to.
    /// `responses` are the authorization responses in the URL; they count as delivered once the
    /// listener has accepted the connection.
    pub(super) async fn load_from_client(
        &self,
        visit: &PageVisit<'_>,
        responses: &[usize],
    ) -> Option<String> {
        let url = Url::parse(visit.address).ok().filter(is_loopback)?;
        let mut response = self.connect(&url, responses, visit).await?;
        let status = response.status().as_u16();
        let headers = header_texts(response.headers());
        for (_, cookie) in headers.iter().filter(|(name, _)| name == "set-cookie") {
            self.cookies.store(cookie, &url);
        }
        let page = read_page(&mut response).await;
        let location = headers
            .iter()
            .find(|(name, _)| name == "location")
            .map(|(_, value)| value.clone());
        self.world.record_callback_page(Exchange {
            actor: Actor::UserAgent,
            thief: None,
            party: None,
            method: visit.method.to_string(),
            target: url
                .query()
                .map_or_else(|| url.path().to_owned(), |q| format!("{}?{q}", url.path())),
            headers: Vec::new(),
            body: String::new(),
            status: Some(status),
            answer_headers: headers,
            answer_body: page,
            note: "the client's callback".to_owned(),
        });
        location.filter(|_| (300..400).contains(&status))
    }

    /// Requests a page of the client's listener. It is tried again while the listener refuses
    /// connections, as some clients open the browser before they listen.
    async fn connect(
        &self,
        url: &Url,
        responses: &[usize],
        visit: &PageVisit<'_>,
    ) -> Option<Response> {
        let method = match visit.method {
            CallbackMethod::Get => Method::GET,
            CallbackMethod::Head => Method::HEAD,
            CallbackMethod::Post => Method::POST,
        };
        for attempt in 0..visit.attempts {
            if attempt > 0 {
                if !self.client_running.load(Ordering::SeqCst) {
                    return None;
                }
                tokio::time::sleep(CALLBACK_PAUSE).await;
            }
            let headers = browser_headers(visit.initiator, self.cookies.header(url));
            let request = self.http.request(method.clone(), url.clone());
            let result = request.headers(headers).send().await;
            if let Some(shortage) = result.as_ref().err().and_then(|e| Shortage::find_cause(e)) {
                self.world.note_shortage(shortage);
                return None;
            }
            if result.as_ref().is_err_and(reqwest::Error::is_connect) {
                continue;
            }
            // before the page is read: what the client does next may come before its page
            self.world.mark_delivered(responses);
            return result.ok();
        }
        None
    }
}

fn tls_without_authorities() -> Result<rustls::ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider);
    let config = builder
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(config)
}

fn header_texts(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect()
}

/// Reads a page up to the limit.
async fn read_page(response: &mut Response) -> String {
    let mut page = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = MAX_PAGE_LENGTH - page.len();
        page.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if page.len() == MAX_PAGE_LENGTH {
            break;
        }
    }
    String::from_utf8_lossy(&page).into_owned()
}

fn browser_headers(initiator: NavigationInitiator, cookies: Option<String>) -> HeaderMap {
    let mut headers: HeaderMap = BROWSER_HEADERS
        .iter()
        .map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        })
        .collect();
    if initiator == NavigationInitiator::AnotherSite {
        headers.remove("sec-fetch-user");
        headers.insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
    }
    if let Some(cookies) = cookies.and_then(|cookies| HeaderValue::try_from(cookies).ok()) {
        headers.insert("cookie", cookies);
    }
    headers
}

/// Whether the URL leads to this machine. The browser loads no page from anywhere else.
pub(super) fn is_loopback(url: &Url) -> bool {
    url.scheme() == "http" && has_loopback_host(url)
}
