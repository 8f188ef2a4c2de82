//! A running world as its connections, the browser and the driver see it.
//!
//! All access to the world's state goes through the methods of [`SharedWorld`]; the lock never
//! leaves this file.

use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;
use tokio::sync::{Notify, watch};

use super::client_progress::ClientProgress;
use super::crossing::PendingResponses;
use super::error::WorldError;
use super::http_request::HttpRequest;
use super::issued_credentials::IssuedCredentials;
use super::net::certificate_authority::trusted_authority;
use super::observe::browser_open::browser_open_fields;
use super::observe::callback_page::callback_page_fields;
use super::observe::fields::fields;
use super::party_id::{PartyId, SiteId};
use super::recorder::NewEvent;
use super::resolved_start::ResolvedStart;
use super::world_state::{WorldReply, WorldState};
use crate::machine::Shortage;
use crate::scenario::model::{EventField, EventKind, Flow, Start};
use crate::transcript::{
    EventFields, EvidenceSearch, Exchange, FoundEvidence, Status, Transcript, Unsearched,
};

/// A running world as its connections, the browser and the driver see it.
pub struct SharedWorld {
    state: Mutex<WorldState>,
    /// Rung when a start of the client is due, when responses are swapped, and when the world has
    /// had enough.
    pub(crate) bell: Notify,
    pub(crate) stopped: watch::Receiver<bool>,
    /// How many answers are held back on purpose.
    held_back: AtomicUsize,
    pending_responses: Mutex<PendingResponses>,
}

impl SharedWorld {
    pub(super) fn new(state: WorldState, stopped: watch::Receiver<bool>) -> Self {
        Self {
            state: Mutex::new(state),
            bell: Notify::new(),
            stopped,
            held_back: AtomicUsize::new(0),
            pending_responses: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, WorldState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ------------------------------------------------------------ requests

    /// Handles a request at a site.
    pub(crate) fn handle(&self, site: &SiteId, request: &HttpRequest) -> WorldReply {
        let reply = self.lock().handle(*site, request);
        self.bell.notify_waiters();
        reply
    }

    /// Records a request at a site that names another host. It was answered with 421.
    pub(crate) fn record_misdirected(&self, site: &SiteId, request: &HttpRequest) {
        self.lock().record_misdirected(*site, request);
    }

    /// Records that the client began a TLS handshake with a site.
    pub(super) fn record_handshake(&self, site: SiteId) {
        self.lock().record_handshake(site);
        self.bell.notify_waiters();
    }

    /// The site of this world that the URL belongs to.
    pub(crate) fn find_origin(&self, url: &url::Url) -> Option<SiteId> {
        self.lock().parties.find_site(url)
    }

    pub(super) fn origin(&self, site: SiteId) -> String {
        self.lock().parties.origin(site).to_owned()
    }

    /// Marks answers as having reached the client.
    pub(crate) fn mark_delivered(&self, events: &[usize]) {
        self.lock().recorder.mark_delivered(events);
        self.bell.notify_waiters();
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

    /// Leaves an authorization response to be swapped with another server's, and waits for theirs.
    /// `None`: the world has ended before.
    pub(crate) async fn cross_responses(
        &self,
        party: &PartyId,
        between: &[PartyId],
        location: &str,
    ) -> Option<String> {
        let pending = || {
            let pending = self.pending_responses.lock();
            pending.unwrap_or_else(PoisonError::into_inner)
        };
        pending().leave(*party, location);
        self.bell.notify_waiters();
        let mut stopped = self.stopped.clone();
        loop {
            let ring = self.bell.notified();
            let other = pending().find_other(*party, between, location);
            if let Some(other) = other {
                self.lock().note_response_at(&other);
                return Some(other);
            }
            tokio::select! {
                () = ring => {}
                _ = stopped.changed() => return None,
            }
        }
    }

    // ------------------------------------------------------------ starts of the client

    /// Takes the next start of the client, if it is the next step. The previous start has finished.
    pub(crate) fn take_next_start(&self) -> Option<Start> {
        self.lock().script.take_next_start()
    }

    /// Begins a start: what follows belongs to it.
    pub(crate) fn begin_start(&self, start: &Start) {
        let mut state = self.lock();
        let state = &mut *state;
        let servers = start.connect.iter();
        let servers: Vec<PartyId> = servers.filter_map(|s| state.parties.find(s)).collect();
        for server in &servers {
            if let Some(server) = state.parties.mcp_server_mut(*server) {
                server.tools.extend(start.call.iter().flatten().cloned());
            }
        }
        state.view.connect(servers);
        state.recorder.begin_start();
        state.record_event(NewEvent::new(
            None,
            EventKind::ClientStart,
            EventFields::from_iter([(EventField::Processes, json!(start.processes()))]),
        ));
    }

    /// The URLs that a start of the client is given, and which start it is.
    pub(crate) fn resolve_start(&self, start: &Start) -> ResolvedStart {
        let state = self.lock();
        let url_of = |name: &String| {
            let server = state.parties.mcp_server(state.parties.find(name)?)?;
            Some(server.addresses.url.clone())
        };
        let urls = match (&start.url, start.connect.as_slice()) {
            (Some(url), [_]) => {
                let url = state.recorder.resolver().text(url);
                url.into_iter().collect()
            }
            (_, servers) => servers.iter().filter_map(url_of).collect(),
        };
        ResolvedStart {
            urls,
            run: state.recorder.run(),
        }
    }

    /// The certificate of the authority that certifies the servers of this world, in PEM, if any of
    /// them speaks https.
    pub(crate) fn authority(&self) -> Option<String> {
        let uses_tls = self.lock().parties.uses_tls();
        trusted_authority().filter(|_| uses_tls).map(str::to_owned)
    }

    /// The credentials that were registered beforehand at the authorization server of the first
    /// MCP server that the start connects to. From now on they count as secrets of the client.
    pub(crate) fn hand_out_credentials(&self, start: &Start) -> Option<IssuedCredentials> {
        let mut state = self.lock();
        let state = &mut *state;
        let server = state.parties.find(start.connect.first()?)?;
        let issuer = state.parties.mcp_server(server)?.links.first()?.id;
        let recorder = &mut state.recorder;
        let server = state.parties.authorization_server(issuer)?;
        let mut credentials = server.hand_out_credentials(start.flow, recorder)?;
        state.view.clients.note_credentials(issuer, &credentials);
        let workload = state.issue_workload_tokens(issuer);
        let workload = workload.map_err(|error| error.to_string());
        let added = workload.and_then(|workload| {
            credentials.workload = workload;
            if start.flow == Flow::Enterprise {
                credentials.identity = state.hand_out_identity()?;
            }
            Ok(())
        });
        if let Err(problem) = added {
            let case = state.recorder.case_id().to_owned();
            state.fault = Some(WorldError::Setup { case, problem });
        }
        Some(credentials)
    }

    // ------------------------------------------------------------ what has been recorded

    /// The id of the case whose world this is.
    pub(crate) fn case_id(&self) -> String {
        self.lock().recorder.case_id().to_owned()
    }

    /// How many HTTP exchanges have been recorded.
    pub(crate) fn count_exchanges(&self) -> usize {
        self.lock().recorder.count_exchanges()
    }

    /// How many things have been recorded.
    pub(crate) fn count_recorded(&self) -> usize {
        let state = self.lock();
        state.recorder.events().len() + state.recorder.count_exchanges()
    }

    /// Whether no request has come in yet.
    pub(crate) fn is_untouched(&self) -> bool {
        self.count_exchanges() == 0
    }

    /// Whether the client made so many requests that it must be looping.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.lock().recorder.is_exhausted()
    }

    /// Whether a server holds an answer back on purpose, so that the client's own patience decides
    /// how long the run takes.
    pub(crate) fn is_holding_back(&self) -> bool {
        self.held_back.load(Ordering::SeqCst) > 0
    }

    /// What has been recorded so far.
    pub(crate) fn transcript_so_far(&self) -> Transcript {
        self.lock().recorder.transcript(Status::Completed)
    }

    pub(super) fn finish(&self, status: Status) -> Result<Transcript, WorldError> {
        let mut state = self.lock();
        match state.fault.take() {
            Some(fault) => Err(fault),
            None => Ok(state.recorder.transcript(status)),
        }
    }

    /// Notes that the machine has run short of something. The run has no transcript then.
    pub(crate) fn note_shortage(&self, shortage: Shortage) {
        self.note_fault(WorldError::Shortage(shortage));
    }

    /// Notes what went wrong in the harness itself. The run has no transcript then.
    pub(super) fn note_fault(&self, fault: WorldError) {
        self.lock().fault.get_or_insert(fault);
    }

    /// Whether a text holds one of this run's canaries.
    pub(crate) fn contains_canary(&self, text: &str) -> bool {
        self.lock().recorder.contains_canary(text)
    }

    // ------------------------------------------------------------ what the driver sees

    /// Records that the client asked for a browser.
    pub(crate) fn record_browser_open(&self, url: &str, one_argument: bool, by: &str) {
        let event = browser_open_fields(url, one_argument, by);
        let mut state = self.lock();
        state.record_event(NewEvent::new(None, EventKind::BrowserOpen, event));
        state.listeners.note_browser(url);
        state.record_listeners("before-response");
    }

    /// Records the client's own page after a redirect, as the browser got it.
    pub(crate) fn record_callback_page(&self, exchange: Exchange) {
        let text = exchange.answer_body.clone();
        let mut state = self.lock();
        let event = callback_page_fields(&exchange, &state.recorder);
        let exchange = state.recorder.record_exchange(exchange);
        state.record_event(NewEvent {
            exchange: Some(exchange),
            ..NewEvent::new(None, EventKind::CallbackPage, event)
        });
        drop(state);
        self.record_display("callback-page", &text);
    }

    /// Records something that the client showed to somebody.
    pub(crate) fn record_display(&self, surface: &str, text: &str) {
        // reading from memory cannot fail
        let _ = self.record_output(surface, text.as_bytes());
    }

    /// The same for output of any length.
    pub(crate) fn record_output(&self, surface: &str, output: impl Read) -> std::io::Result<()> {
        let found = self.evidence_search().search_output(output)?;
        if found.length > 0 {
            let event = fields([(EventField::Surface, json!(surface))]);
            self.record_evidence(EventKind::Display, found, event);
        }
        Ok(())
    }

    /// A search for all secrets of the run so far and for what the scenario looks for.
    pub(crate) fn evidence_search(&self) -> EvidenceSearch {
        self.lock().evidence_search()
    }

    /// Records a file that the client left behind, in which something was found.
    pub(crate) fn record_left_file(
        &self,
        path: &str,
        place: &str,
        readable_by: &str,
        found: FoundEvidence,
    ) {
        let event = fields([
            (EventField::Path, json!(path)),
            (EventField::Place, json!(place)),
            (EventField::ReadableBy, json!(readable_by)),
        ]);
        self.record_evidence(EventKind::File, found, event);
    }

    /// Records that files or output of the client were too much to be searched.
    pub(crate) fn record_unsearched(&self, unsearched: &Unsearched) {
        self.lock().recorder.record_unsearched(unsearched);
    }

    /// Records that somebody asked for a name that no party has.
    pub(crate) fn record_foreign_name(&self, name: &str) {
        // reading from memory cannot fail
        if let Ok(found) = self.evidence_search().search_output(name.as_bytes()) {
            self.record_evidence(EventKind::ForeignName, found, EventFields::default());
        }
    }

    /// Records what an agent told its model: the names under which it offered the tools that the
    /// scenario calls, and what was found in the rest.
    pub(crate) fn record_model_asked(&self, offered: Vec<String>, told: &[u8]) {
        let event = fields([(EventField::Offered, json!(offered))]);
        // reading from memory cannot fail
        if let Ok(found) = self.evidence_search().search_file(told) {
            self.record_evidence(EventKind::ModelAsked, found, event);
        }
    }

    /// Records that the model of an agent asked for a tool.
    pub(crate) fn record_model_called(&self, tool: &str) {
        self.record_at_client(
            EventKind::ModelCalled,
            fields([(EventField::Tool, json!(tool))]),
        );
    }

    /// How far the client has come with the MCP servers.
    pub(crate) fn client_progress(&self) -> ClientProgress {
        let recorder = &self.lock().recorder;
        ClientProgress::new(recorder.events(), recorder.run())
    }

    /// Records that the client has ended.
    pub(crate) fn record_client_end(&self, outcome: &str) {
        let event = fields([(EventField::Outcome, json!(outcome))]);
        self.record_at_client(EventKind::ClientFinished, event);
    }

    fn record_at_client(&self, kind: EventKind, event: EventFields) {
        self.lock().record_event(NewEvent::new(None, kind, event));
    }

    /// Records an event about a text, with what was found in it.
    fn record_evidence(&self, kind: EventKind, found: FoundEvidence, mut event: EventFields) {
        event.extend(fields([
            (EventField::Contains, json!(found.excerpt)),
            (EventField::Secret, json!(found.secrets)),
        ]));
        if !found.sought.is_empty() {
            event.insert(EventField::Found, found.sought);
        }
        self.record_at_client(kind, event);
    }
}
