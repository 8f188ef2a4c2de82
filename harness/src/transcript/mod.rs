//! What happened in one run: a header and typed events in one total order over all parties.
//!
//! A transcript is all that the judge sees; it serialises to JSON and can be judged again later, by
//! anyone.

mod event;
mod matching;
mod search;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::requirements::Capability;
use crate::scenario::model::{EventField, EventKind, Revision};
use crate::words::words;

pub use event::{Event, EventFields};
pub use matching::{Resolver, View};
pub use search::{Haystack, SHORTEST_SECRET};

/// The version of the transcript's JSON form; grows when a reader of the old form would misread the
/// new one.
pub const FORMAT: u32 = 1;

/// Everything recorded of one run of one world.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Transcript {
    /// What was run, where, and with what.
    pub header: Header,
    /// How the run ended.
    pub status: Status,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// The HTTP messages behind the events, in the order of their requests.
    pub exchanges: Vec<Exchange>,
    /// Every secret handed out or seen, in order.
    pub secrets: Vec<Secret>,
    /// How long it took, where that was measured. No verdict rests on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub durations: Option<Durations>,
}

/// How long a run took.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Durations {
    /// Seconds of the whole run, with what was set up before and cleaned up after.
    pub seconds: f64,
    /// Seconds of each start of the client, in order.
    pub starts: Vec<f64>,
}

/// The circumstances of a run: everything that placeholders stand for.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`]
    pub format: u32,
    /// Version of the harness that recorded this.
    pub harness: String,
    /// The case, or the control world's name.
    pub case: String,
    /// Whether this is a control run (an honest world).
    pub control: bool,
    /// The revision that the world spoke; `None` in hand-written transcripts.
    pub revision: Option<Revision>,
    /// What all random values of the run were made from.
    pub seed: String,
    /// Addresses by `party.value`: `as.issuer`, `mcp.url`.
    pub addresses: BTreeMap<String, String>,
    /// The parties by name.
    pub parties: BTreeMap<String, PartyInfo>,
}

impl Header {
    /// The unique text that `{canary.NAME}` stands for in this run.
    pub fn canary(&self, name: &str) -> String {
        let digest = Sha256::digest(format!("{}/{}/{name}", self.seed, self.case));
        let unique: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
        format!("canary-{name}-{unique}")
    }
}

/// What a reader of the transcript needs to know of a party.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PartyInfo {
    /// `authorization server`, `mcp server`, ...
    pub role: String,
    /// Whether it uses what it catches.
    pub hostile: bool,
}

words! {
    /// How a run ended. Says nothing about verdicts: an adapter may exit non-zero after a flow that
    /// went right on the wire.
    pub enum Status {
        Completed = "completed",
        /// The client had come to rest without ending: nothing more could follow.
        Quiet = "quiet",
        TimedOut = "timed-out",
        Crashed = "crashed",
        SetupFailed = "setup-failed",
        HarnessError = "harness-error",
    }
}

/// A secret: something that only its rightful audience may see.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Secret {
    /// `as.code`
    pub name: String,
    /// Its place among the secrets of that name, from 1.
    pub number: usize,
    /// The secret itself.
    pub value: String,
    /// Index of the event that handed it out (or first showed it).
    pub event: usize,
    /// The parties that take part in the flow in which the client got it, as far as the client can
    /// know.
    pub audience: Vec<String>,
}

impl Secret {
    /// `as.code#1`
    pub fn tag(&self) -> String {
        format!("{}#{}", self.name, self.number)
    }
}

/// Who sent a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actor {
    /// The client under test.
    Client,
    /// The browser that the client opened.
    UserAgent,
    /// The browser, sent on by a server that should not have.
    Relayed,
    /// A hostile party that uses what it caught.
    Attacker,
}

/// One HTTP request and its answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exchange {
    /// Who asked.
    pub actor: Actor,
    /// Which hostile party it was, where an attacker asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thief: Option<String>,
    /// The party that answered; `None`: the client's own callback listener.
    pub party: Option<String>,
    /// The request's method.
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Request headers.
    pub headers: Vec<(String, String)>,
    /// Request body, cut at a bound.
    pub body: String,
    /// Status of the answer; `None`: the answer was lost on purpose.
    pub status: Option<u16>,
    /// Answer headers.
    pub answer_headers: Vec<(String, String)>,
    /// Answer body, cut at a bound.
    pub answer_body: String,
    /// Why the server answered like this, in a few words.
    pub note: String,
}

impl Transcript {
    /// The transcript of a client that ended and had done nothing.
    pub const fn of_nothing(header: Header) -> Self {
        Self {
            header,
            status: Status::Completed,
            events: Vec::new(),
            exchanges: Vec::new(),
            secrets: Vec::new(),
            durations: None,
        }
    }

    /// Whether the answer that carried the deviation `name` reached the client, and the index of
    /// the first such event.
    pub fn delivery_of(&self, name: &str) -> Option<usize> {
        self.events
            .iter()
            .position(|e| e.delivered && e.deviations.iter().any(|d| d == name))
    }

    /// Capabilities of the client that this run shows.
    pub fn shown_capabilities(&self) -> Vec<Capability> {
        let mut shown = Vec::new();
        for event in &self.events {
            let text = |field| event.fields.text(field);
            match event.kind {
                EventKind::AuthorizationRequest => {
                    match text(EventField::ClientKind) {
                        "pre-registered" => {
                            shown.push(Capability::PreRegistration);
                            // no metadata led there
                            let has_metadata = self
                                .header
                                .revision
                                .is_some_and(|revision| revision > Revision::March2025);
                            if has_metadata
                                && !self.events.iter().any(|e| {
                                    e.kind == EventKind::Prm
                                        && e.fields.get(EventField::Status)
                                            == Some(&Json::from(200))
                                })
                            {
                                shown.push(Capability::PreconfiguredIssuer);
                            }
                        }
                        "cimd" => shown.push(Capability::Cimd),
                        "dcr" => shown.push(Capability::Dcr),
                        _ => {}
                    }
                    if text(EventField::By) == "user-agent" {
                        shown.push(Capability::UserAgent);
                    }
                    if text(EventField::RedirectKind) == "private-scheme" {
                        shown.push(Capability::PrivateUseScheme);
                    }
                    if text(EventField::RedirectUrisRegistered) == "several" {
                        shown.push(Capability::SeveralRedirectUris);
                    }
                    if is_structured(text(EventField::State)) {
                        shown.push(Capability::ApplicationState);
                    }
                }
                EventKind::TokenRequest => {
                    match text(EventField::GrantType) {
                        "refresh_token" => shown.push(Capability::Refresh),
                        "client_credentials" => shown.push(Capability::ClientCredentials),
                        "urn:ietf:params:oauth:grant-type:token-exchange" => {
                            shown.push(Capability::Enterprise)
                        }
                        _ => {}
                    }
                    // a key that was handed over for the occasion is not the client's own
                    if text(EventField::ClientAuth) == "private_key_jwt"
                        && matches!(text(EventField::ClientKind), "cimd" | "dcr")
                    {
                        shown.push(Capability::PrivateKeyJwt);
                    }
                }
                EventKind::CallbackPage => {
                    shown.extend([Capability::CallbackListener, Capability::ServesPages])
                }
                EventKind::ClientDocument => shown.push(Capability::CimdDocumentReachable),
                _ => {}
            }
        }
        shown.extend(self.shown_driving());
        shown
    }

    /// Capabilities about how the client lets itself be driven: several servers, named tools, a
    /// kept state.
    fn shown_driving(&self) -> Vec<Capability> {
        let mut shown = Vec::new();
        let called: Vec<_> = self
            .events
            .iter()
            .filter(|e| e.kind == EventKind::ToolCalled)
            .collect();
        let servers: std::collections::BTreeSet<_> =
            called.iter().map(|e| (e.run, e.party.as_deref())).collect();
        if servers
            .iter()
            .any(|(run, party)| servers.iter().any(|(r, p)| r == run && p > party))
        {
            shown.push(Capability::SeveralServers);
        }
        if called.iter().enumerate().any(|(i, a)| {
            called[..i]
                .iter()
                .any(|b| a.run == b.run && a.party == b.party)
        }) {
            shown.push(Capability::NamedTools);
        }
        let open_at_once = |begin: EventKind, end: EventKind, filter: &dyn Fn(&Event) -> bool| {
            let mut open = 0_u32;
            self.events.iter().filter(|e| filter(e)).any(|e| {
                if e.kind == begin {
                    open += 1;
                } else if e.kind == end {
                    open = open.saturating_sub(1);
                }
                open > 1
            })
        };
        if open_at_once(
            EventKind::AuthorizationRequest,
            EventKind::TokenRequest,
            &|_| true,
        ) {
            shown.push(Capability::ServersAtOnce);
        }
        if self.refreshes_when_rejected() {
            shown.push(Capability::RefreshWhenRejected);
        }
        if self.calls_on_while_refused() {
            shown.push(Capability::CallsAtOnce);
        }
        let starts: Vec<_> = self
            .events
            .iter()
            .filter(|e| e.kind == EventKind::ClientStart)
            .map(|e| e.run)
            .collect();
        let registered = |run: u32| {
            self.events
                .iter()
                .any(|e| e.run == run && e.kind == EventKind::RegistrationRequest)
        };
        let called_in = |run: u32| called.iter().any(|e| e.run == run);
        if starts.contains(&1)
            && starts.contains(&2)
            && registered(1)
            && called_in(2)
            && !registered(2)
            || self.carries_over()
        {
            shown.push(Capability::KeepsState);
        }
        shown
    }

    /// Whether the rejection of an access token is answered with the refresh token.
    fn refreshes_when_rejected(&self) -> bool {
        let (mut carried, mut rejected) = (false, false);
        self.events.iter().any(|event| {
            let field = |field| event.fields.get(field).cloned().unwrap_or_default();
            match event.kind {
                EventKind::McpRequest => {
                    carried = field(EventField::Carries)
                        .to_string()
                        .contains("access_token")
                }
                EventKind::Challenge => rejected |= carried && field(EventField::Status) == 401,
                EventKind::AuthorizationRequest => rejected = false,
                EventKind::TokenRequest => {
                    return rejected && field(EventField::GrantType) == "refresh_token";
                }
                _ => {}
            }
            false
        })
    }

    /// Whether a call is refused and the next one comes without a word in between: they were under
    /// way at the same time.
    fn calls_on_while_refused(&self) -> bool {
        let is_call = |event: &Event| event.fields.text(EventField::Rpc) == "tools/call";
        let steps: Vec<_> = self
            .events
            .iter()
            .filter(|e| e.kind.is_request() || e.kind == EventKind::Challenge)
            .collect();
        steps.windows(3).any(|step| {
            let kinds = step.iter().map(|e| e.kind).eq([
                EventKind::McpRequest,
                EventKind::Challenge,
                EventKind::McpRequest,
            ]);
            kinds && step.iter().all(|e| is_call(e) && e.run == step[0].run)
        })
    }

    /// Whether a start used a token that an earlier one was given.
    fn carries_over(&self) -> bool {
        let run_of = |tag: &str| {
            let secret = self
                .secrets
                .iter()
                .find(|secret| secret.tag() == tag && secret.name.ends_with("_token"))?;
            self.events.get(secret.event).map(|event| event.run)
        };
        let carried = |event: &Event| {
            event
                .fields
                .texts(EventField::Carries)
                .filter_map(run_of)
                .any(|run| run < event.run)
        };
        self.events
            .iter()
            .filter(|e| e.kind.is_request())
            .any(carried)
    }
}

/// Whether `state` is not merely unguessable but transports something: JSON, a form or a JWT, as it
/// is or in base64.
fn is_structured(state: &str) -> bool {
    let is_object =
        |text: &str| serde_json::from_str::<Json>(text).is_ok_and(|value| value.is_object());
    let is_form =
        |text: &str| text.split('&').count() > 1 && text.split('&').all(|pair| pair.contains('='));
    Haystack::new([state]).any(|form| is_object(form) || is_form(form))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transcript(events: &[(u32, EventKind, &str)], secrets: Vec<Secret>) -> Transcript {
        let event = |(run, kind, text): &(u32, EventKind, &str)| Event {
            run: *run,
            party: Some("mcp".to_owned()),
            kind: *kind,
            exchange: None,
            deviations: Vec::new(),
            delivered: true,
            fields: EventFields::from_iter([
                (EventField::Rpc, Json::from(*text)),
                (EventField::Carries, Json::from(vec![*text])),
            ]),
        };
        let events = events.iter().map(event).collect();
        Transcript {
            header: Header::default(),
            status: Status::Completed,
            events,
            exchanges: Vec::new(),
            secrets,
            durations: None,
        }
    }

    #[test]
    fn calls_at_once_show_when_they_are_refused() {
        use EventKind::{Challenge, McpRequest, PrmRequest};
        let shows = |kinds: &[EventKind]| {
            let events: Vec<_> = kinds.iter().map(|kind| (1, *kind, "tools/call")).collect();
            transcript(&events, Vec::new())
                .shown_capabilities()
                .contains(&Capability::CallsAtOnce)
        };
        assert!(shows(&[McpRequest, Challenge, McpRequest, Challenge]));
        assert!(
            !shows(&[McpRequest, Challenge, PrmRequest, McpRequest]),
            "it looks what to do first"
        );
        assert!(!shows(&[McpRequest, McpRequest]), "one after the other");
    }

    #[test]
    fn who_refreshes_by_the_clock_only_does_not_show_more() {
        use EventKind::{AuthorizationRequest, Challenge, McpRequest, TokenRequest};
        let shows = |kinds: &[EventKind]| {
            let events: Vec<_> = kinds
                .iter()
                .map(|kind| (1, *kind, "as.access_token#1"))
                .collect();
            let mut transcript = transcript(&events, Vec::new());
            for event in &mut transcript.events {
                event.fields.insert(EventField::Status, 401);
                event.fields.insert(EventField::GrantType, "refresh_token");
            }
            transcript
                .shown_capabilities()
                .contains(&Capability::RefreshWhenRejected)
        };
        assert!(shows(&[McpRequest, Challenge, TokenRequest]));
        assert!(!shows(&[McpRequest, TokenRequest]), "nothing was rejected");
        assert!(
            !shows(&[McpRequest, Challenge, AuthorizationRequest, TokenRequest]),
            "it signs in again"
        );
    }

    #[test]
    fn a_token_of_an_earlier_start_shows_that_it_was_kept() {
        let token = Secret {
            name: "as.access_token".into(),
            number: 1,
            value: "t".into(),
            event: 0,
            audience: Vec::new(),
        };
        let shows = |run: u32| {
            let events = [
                (1, EventKind::TokenResponse, ""),
                (run, EventKind::McpRequest, "as.access_token#1"),
            ];
            transcript(&events, vec![token.clone()])
                .shown_capabilities()
                .contains(&Capability::KeepsState)
        };
        assert!(shows(2) && !shows(1));
    }

    #[test]
    fn a_state_that_transports_something_shows() {
        assert!(
            is_structured("{\"to\":\"/inbox\"}")
                && is_structured("eyJ0byI6Ii9pbmJveCJ9")
                && is_structured("to=/inbox&nonce=1")
        );
        assert!(is_structured("eyJhbGciOiJub25lIn0.eyJ0byI6Ii9pbmJveCJ9."));
        assert!(
            !is_structured("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
                && !is_structured("")
                && !is_structured("12345")
        );
    }
}
