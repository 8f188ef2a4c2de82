//! The world of one run: mock authorization servers and MCP servers on loopback ports, honest
//! unless a deviation is declared.
//!
//! Nothing here asks which scenario or which client it is: settings and deviations are all there
//! is.

mod attacker;
mod authorization_server;
mod deviate;
mod handle;
mod http;
mod keys;
mod mcp_server;
mod net;
mod observe;
mod plan;
pub(crate) mod ports;
mod random;
mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::json;
use tokio::net::TcpSocket;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::loopback::has_loopback_host;
use crate::scenario::model::{Case, EventKind, Revision, Start, Step};
use crate::transcript::{Actor, Exchange, Haystack, Status, Transcript};
use authorization_server::ResponseDelivery;
use http::{HttpAnswer, HttpRequest};
use observe::fields;
use state::State;

pub use plan::unsupported_features;

/// How a world is made.
#[derive(Debug, Clone)]
pub struct Plan<'a> {
    /// The case whose world this is.
    pub case: &'a Case,
    /// Whether this is a control run.
    pub control: bool,
    /// The revision that the world speaks.
    pub revision: Revision,
    /// What all random values are made from; the same seed makes the same values.
    pub seed: String,
    /// Client ID metadata documents that can be fetched through the harness, by URL.
    pub client_documents: BTreeMap<String, ClientDocument>,
}

/// A client ID metadata document as its web server would serve it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientDocument {
    pub status: u16,
    pub content_type: String,
    pub body: String,
}

/// Client ID and secret registered beforehand, and the issuer that they belong to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Credentials {
    pub client_id: String,
    pub client_secret: Option<String>,
    /// The key that it signs assertions with, a PKCS #8 PEM of an ES256 key.
    pub private_key_pem: Option<String>,
    pub issuer: String,
}

/// Why a world could not be started.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// No port could be had.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address tried.
        address: String,
        source: std::io::Error,
    },
    /// The case says something that cannot be set up.
    #[error("cannot set up the world of {case}: {problem}")]
    Setup {
        /// The case.
        case: String,
        /// What is wrong.
        problem: String,
    },
    /// What is left of a run cannot be kept.
    #[error("cannot keep the run in {folder}: {source}\n  help: choose another place with --keep")]
    Keep {
        /// Where it was to be kept.
        folder: String,
        source: std::io::Error,
    },
}

/// A running world. Its servers stop when it is dropped.
pub struct World {
    shared: Arc<SharedWorld>,
    /// Servers; aborted on drop.
    servers: JoinSet<()>,
    stop: watch::Sender<bool>,
    /// Ports of parties that are down.
    _refusing: Vec<TcpSocket>,
}

/// What connections, the browser and the driver share.
pub struct SharedWorld {
    state: Mutex<State>,
    /// Rung when a start of the client is due, when responses cross, and when the world has had
    /// enough.
    pub(crate) bell: Notify,
    pub(crate) stopped: watch::Receiver<bool>,
    /// Answers that are held back on purpose.
    held_back: AtomicUsize,
    /// Pending responses that change places: the location each has, by authorization server.
    crossing: Mutex<BTreeMap<String, String>>,
}

/// A start of the client with its addresses filled in.
pub(crate) struct ResolvedStart {
    /// URLs of the MCP servers to connect to, in order.
    pub(crate) urls: Vec<String>,
    /// Which start of the client it is, counted from 1.
    pub(crate) run: u32,
}

/// An answer and what the world wants to be told about it.
pub(crate) struct Reply {
    pub(crate) answer: HttpAnswer,
    /// The event of the answer, to be marked as delivered once it was.
    pub(crate) event: Option<usize>,
    /// The party that answered.
    pub(crate) party: String,
    /// The answer is an authorization response (delivered at the client's redirect URI, not here).
    pub(crate) authorization_response: bool,
    pub(crate) delivery: ResponseDelivery,
}

impl World {
    /// Starts all parties. Returns when every port listens.
    pub fn start(plan: Plan<'_>) -> Result<Self, WorldError> {
        let (stop, stopped) = watch::channel(false);
        let (state, sockets) = plan::set_up(&plan)?;
        let shared = Arc::new(SharedWorld {
            state: Mutex::new(state),
            bell: Notify::new(),
            stopped,
            held_back: AtomicUsize::new(0),
            crossing: Mutex::default(),
        });
        let mut servers = JoinSet::new();
        for (origin, listener) in sockets.listening {
            servers.spawn(net::serve(Arc::clone(&shared), origin, listener));
        }
        Ok(Self {
            shared,
            servers,
            stop,
            _refusing: sockets.refusing,
        })
    }

    pub(crate) fn shared(&self) -> Arc<SharedWorld> {
        Arc::clone(&self.shared)
    }

    /// Stops the servers and returns what was recorded, or what went wrong in the harness itself.
    pub async fn finish(mut self, status: Status) -> Result<Transcript, WorldError> {
        let _ = self.stop.send(true);
        self.servers.shutdown().await;
        let mut state = self.shared.lock();
        match state.fault.take() {
            Some(problem) => Err(WorldError::Setup {
                case: state.header.case.clone(),
                problem,
            }),
            None => Ok(state.transcript(status)),
        }
    }
}

impl SharedWorld {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Handles a request at an origin.
    pub(crate) fn handle(&self, origin: &str, request: &HttpRequest) -> Reply {
        let reply = self.lock().handle(origin, request);
        self.bell.notify_waiters();
        reply
    }

    /// The origin of one of the world's parties that the URL belongs to.
    pub(crate) fn find_origin(&self, url: &url::Url) -> Option<String> {
        let origin = url.origin().ascii_serialization();
        self.lock()
            .parties
            .values()
            .map(|p| &p.origin)
            .find(|o| o.eq_ignore_ascii_case(&origin))
            .cloned()
    }

    /// Marks answers as having reached the client.
    pub(crate) fn mark_delivered(&self, events: &[usize]) {
        let mut state = self.lock();
        for &event in events {
            if let Some(event) = state.events.get_mut(event) {
                event.delivered = true;
            }
        }
    }

    /// The next start of the client whose moment has come. `idle`: the previous start has finished.
    pub(crate) fn take_next_start(&self, idle: bool) -> Option<Start> {
        let mut state = self.lock();
        if let Some(start) = state.due.pop_front() {
            return Some(start);
        }
        match state.steps.front() {
            Some(Step::Start(start)) if idle && start.after.is_none() => {
                match state.steps.pop_front() {
                    Some(Step::Start(start)) => Some(start),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Begins a start: what follows belongs to it.
    pub(crate) fn begin_start(&self, start: &Start) {
        let mut state = self.lock();
        state.run += 1;
        state.connected = start.connect.clone();
        for (server, tools) in start
            .connect
            .iter()
            .map(|s| (s, start.call.clone().unwrap_or_default()))
        {
            if let Some(server) = state.mcp_server_mut(server) {
                server.tools.extend(tools);
            }
        }
        state.record(None, EventKind::ClientStart, serde_json::Map::new());
    }

    /// The URLs that a start of the client is given, and which start it is.
    pub(crate) fn resolve_start(&self, start: &Start) -> ResolvedStart {
        let state = self.lock();
        let urls = match (&start.url, start.connect.as_slice()) {
            (Some(url), [_]) => state.resolver().text(url).into_iter().collect(),
            (_, servers) => servers.iter().map(|s| state.address(s, "url")).collect(),
        };
        ResolvedStart {
            urls,
            run: state.run,
        }
    }

    /// The credentials that were registered beforehand at the authorization server of the first
    /// MCP server that the start connects to. From now on they count as secrets of the client.
    pub(crate) fn hand_out_credentials(&self, start: &Start) -> Option<Credentials> {
        let mut state = self.lock();
        let server = start.connect.first()?;
        let settings = state.mcp_server_settings(server)?;
        let issuer = settings.authorization_servers.first()?.clone();
        state.hand_out_credentials(&issuer, start.flow)
    }

    /// The id of the case whose world this is.
    pub(crate) fn case_id(&self) -> String {
        self.lock().header.case.clone()
    }

    /// How many HTTP exchanges have been recorded.
    pub(crate) fn count_exchanges(&self) -> usize {
        self.lock().exchanges.len()
    }

    /// Whether the client made so many requests that it must be looping.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.lock().is_exhausted()
    }

    /// What has been recorded so far.
    pub(crate) fn transcript_so_far(&self) -> Transcript {
        self.lock().transcript(Status::Completed)
    }

    /// How many things have been recorded.
    pub(crate) fn count_recorded(&self) -> usize {
        let state = self.lock();
        state.events.len() + state.exchanges.len()
    }

    /// Whether a server holds an answer back on purpose, so that the client's own patience is what
    /// is waited for.
    pub(crate) fn is_holding_back(&self) -> bool {
        self.held_back.load(Ordering::SeqCst) > 0
    }

    /// Holds an answer back until the world ends, or whoever waits for it goes away.
    pub(crate) async fn hold_back(&self) {
        struct Held<'a>(&'a AtomicUsize);
        impl Drop for Held<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        self.held_back.fetch_add(1, Ordering::SeqCst);
        let _held = Held(&self.held_back);
        let mut stopped = self.stopped.clone();
        let _ = stopped.changed().await;
    }

    /// Whether no request has come in yet.
    pub(crate) fn is_untouched(&self) -> bool {
        self.lock().exchanges.is_empty()
    }

    // ------------------------------------------------------------ what the driver sees of the client

    /// The client asked for a browser.
    pub(crate) fn record_browser_open(&self, url: &str, one_argument: bool, by: &str) {
        let parsed = url::Url::parse(url).ok();
        let scheme = match parsed.as_ref().map(url::Url::scheme) {
            Some("http") => "http",
            Some("https") => "https",
            _ => "other",
        };
        let loopback = parsed.as_ref().is_some_and(has_loopback_host);
        let event = fields([
            ("url", json!(url)),
            ("scheme", json!(scheme)),
            ("loopback", json!(loopback)),
            ("one_argument", json!(one_argument)),
            ("by", json!(by)),
        ]);
        self.lock().record(None, EventKind::BrowserOpen, event);
    }

    /// The client's own page after a redirect, as the browser got it.
    pub(crate) fn record_callback_page(&self, exchange: Exchange) {
        let mut state = self.lock();
        let header = |name: &str| {
            exchange
                .answer_headers
                .iter()
                .find(|(n, _)| n.eq_ignore_ascii_case(name))
                .map(|(_, v)| v.clone())
        };
        let set_cookie = Haystack::new(
            exchange
                .answer_headers
                .iter()
                .filter(|(n, _)| n.eq_ignore_ascii_case("set-cookie"))
                .map(|(_, v)| v.as_str()),
        );
        let cookies: Vec<String> = state
            .secrets
            .iter()
            .filter(|s| set_cookie.contains(&s.value))
            .map(crate::transcript::Secret::tag)
            .collect();
        let is_markup = header("content-type").is_none_or(|kind| is_markup(&kind));
        let event = fields([
            ("status", json!(exchange.status)),
            ("redirects_to", json!(header("location"))),
            ("contains", json!(exchange.answer_body)),
            ("is_markup", json!(is_markup)),
            (
                "loads_foreign",
                json!(is_markup && loads_foreign(&exchange.answer_body)),
            ),
            ("referrer_policy", json!(header("referrer-policy"))),
            ("set_cookie", json!(cookies)),
        ]);
        let text = exchange.answer_body.clone();
        let number = state.exchanges.len();
        state.exchanges.push(exchange);
        state.record_answer(
            None,
            EventKind::CallbackPage,
            event,
            Vec::new(),
            true,
            Some(number),
        );
        drop(state);
        self.record_display("callback-page", &text);
    }

    /// Something that the client showed to somebody.
    pub(crate) fn record_display(&self, surface: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut state = self.lock();
        let secrets = state.secrets_in(text);
        state.record(
            None,
            EventKind::Display,
            fields([
                ("surface", json!(surface)),
                ("contains", json!(text)),
                ("secret", json!(secrets)),
            ]),
        );
    }

    /// Whether a text holds one of this run's canaries.
    pub(crate) fn contains_canary(&self, text: &str) -> bool {
        let state = self.lock();
        text.match_indices("canary-").any(|(at, prefix)| {
            let name = text[at + prefix.len()..]
                .split('-')
                .next()
                .unwrap_or_default();
            text[at..].starts_with(&state.header.canary(name))
        })
    }

    /// A file that the client left behind.
    pub(crate) fn record_left_file(&self, path: &str, place: &str, readable_by: &str, text: &str) {
        let mut state = self.lock();
        let secrets = state.secrets_in(text);
        let event = fields([
            ("path", json!(path)),
            ("place", json!(place)),
            ("readable_by", json!(readable_by)),
            ("contains", json!(text)),
            ("secret", json!(secrets)),
        ]);
        state.record(None, EventKind::File, event);
    }

    /// The client's end.
    pub(crate) fn record_client_end(&self, outcome: &str) {
        self.lock().record(
            None,
            EventKind::ClientFinished,
            fields([("outcome", json!(outcome))]),
        );
    }

    // ------------------------------------------------------------ crossing responses

    /// Leaves a response to be taken by another, and waits for theirs. `None` if the world ends
    /// before.
    pub(crate) async fn cross_responses(
        &self,
        party: &str,
        between: &[String],
        location: &str,
    ) -> Option<String> {
        self.crossing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(party.to_owned(), location.to_owned());
        self.bell.notify_waiters();
        let mut stopped = self.stopped.clone();
        loop {
            let ring = self.bell.notified();
            let other = {
                let pending = self.crossing.lock().unwrap_or_else(PoisonError::into_inner);
                between
                    .iter()
                    .filter(|p| *p != party)
                    .find_map(|p| pending.get(p).cloned())
            };
            if let Some(theirs) = other {
                return Some(crossed(location, &theirs));
            }
            tokio::select! {
                () = ring => {}
                _ = stopped.changed() => return None,
            }
        }
    }
}

impl State {
    fn transcript(&self, status: Status) -> Transcript {
        Transcript {
            header: self.header.clone(),
            status,
            events: self.events.clone(),
            exchanges: self.exchanges.clone(),
            secrets: self.secrets.clone(),
            durations: None,
        }
    }

    /// Tags of the secrets that occur in a text, in any encoding.
    fn secrets_in(&self, text: &str) -> Vec<String> {
        let haystack = Haystack::new([text]);
        self.secrets
            .iter()
            .filter(|s| haystack.contains(&s.value))
            .map(crate::transcript::Secret::tag)
            .collect()
    }
}

/// The other's response at this redirect URI, with the `state` that belongs here.
fn crossed(mine: &str, theirs: &str) -> String {
    let (Ok(mut here), Ok(there)) = (url::Url::parse(mine), url::Url::parse(theirs)) else {
        return theirs.to_owned();
    };
    let state: Vec<(String, String)> = here
        .query_pairs()
        .filter(|(n, _)| n == "state")
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    let rest: Vec<(String, String)> = there
        .query_pairs()
        .filter(|(n, _)| n != "state")
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    here.query_pairs_mut()
        .clear()
        .extend_pairs(rest.into_iter().chain(state));
    here.to_string()
}

/// Whether a browser reads an answer of this media type as markup: scripts in it run, and what it
/// names is loaded.
fn is_markup(media_type: &str) -> bool {
    let lower = media_type.to_ascii_lowercase();
    ["html", "xml", "svg"]
        .iter()
        .any(|kind| lower.contains(kind))
}

/// Whether a page loads anything from another host: any absolute URL in an attribute that browsers
/// fetch.
fn loads_foreign(page: &str) -> bool {
    let lower = page.to_ascii_lowercase();
    let schemes: BTreeSet<&str> = BTreeSet::from(["http://", "https://", "//"]);
    ["src=", "href=", "url(", "@import", "action="]
        .iter()
        .any(|attribute| {
            lower.match_indices(attribute).any(|(at, _)| {
                let value = lower[at + attribute.len()..].trim_start_matches(['"', '\'', ' ', '(']);
                let foreign = schemes.iter().any(|s| value.starts_with(s));
                // a link is followed by the user, not loaded
                let is_link = *attribute == "href="
                    && lower[..at]
                        .rfind('<')
                        .is_some_and(|tag| lower[tag..at].starts_with("<a "));
                foreign && !is_link
            })
        })
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").finish_non_exhaustive()
    }
}

/// What a browser sends when a program opens a window (Fetch Metadata Request Headers,
/// `Sec-Fetch-Site: none`: no page is behind it).
pub(crate) const BROWSER_HEADERS: &[(&str, &str)] = &[
    (
        "accept",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    ),
    ("accept-language", "en"),
    ("sec-fetch-dest", "document"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-site", "none"),
    ("sec-fetch-user", "?1"),
    ("upgrade-insecure-requests", "1"),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 mcp-authspec",
    ),
];

/// A request of the browser, for the user agent in the driver room.
pub(crate) fn browser_request(url: &url::Url, relayed: bool) -> HttpRequest {
    let target = url
        .query()
        .map_or_else(|| url.path().to_owned(), |q| format!("{}?{q}", url.path()));
    let mut request = HttpRequest::get(
        if relayed {
            Actor::Relayed
        } else {
            Actor::UserAgent
        },
        &target,
    );
    request.headers = BROWSER_HEADERS
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossing_keeps_the_state_of_the_place() {
        let mine = "http://127.0.0.1:1/cb?code=a&state=mine&iss=x";
        let theirs = "http://127.0.0.1:2/cb?code=b&state=theirs&iss=y";
        assert_eq!(
            crossed(mine, theirs),
            "http://127.0.0.1:1/cb?code=b&iss=y&state=mine"
        );
    }

    #[test]
    fn what_a_browser_reads_as_markup() {
        assert!(
            [
                "text/html; charset=utf-8",
                "application/xhtml+xml",
                "image/SVG+xml"
            ]
            .iter()
            .all(|kind| is_markup(kind))
        );
        assert!(
            ["text/plain; charset=utf-8", "application/json", "image/png"]
                .iter()
                .all(|kind| !is_markup(kind))
        );
    }

    #[test]
    fn a_page_that_fetches_from_elsewhere_is_seen() {
        for page in [
            "<img src=\"https://cdn.example/x.png\">",
            "<link rel=stylesheet href='//cdn.example/a.css'>",
            "<style>@import \"https://f.example\"</style>",
        ] {
            assert!(loads_foreign(page), "{page}");
        }
        assert!(!loads_foreign(
            "<a href=\"https://docs.example\">help</a> <img src=\"/local.png\">"
        ));
    }
}
