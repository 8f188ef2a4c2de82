//! What must hold, and which events are meant.

use serde::Serialize;

use super::{EventField, Level, Source, Template, Value};
use crate::words::words;

/// One check: a requirement and what must hold for it in this case. Monitors have the same form and
/// name no party.
#[derive(Debug, Clone)]
pub struct Expectation {
    pub requirement: String,
    /// More requirements that get this verdict.
    pub also: Vec<String>,
    /// Only what comes later counts, and without it nothing was exercised.
    pub after: Option<Pattern>,
    pub demands: Demands,
    /// Another severity than the requirement's, for this case.
    pub level: Option<Level>,
    /// Why another level, or why several outcomes pass.
    pub because: Option<String>,
    /// Number of a position of ours (`fixtures/positions.toml`).
    pub position: Option<u32>,
    pub source: Source,
}

impl Expectation {
    /// Every requirement that gets the verdict of this check.
    pub fn requirements(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.requirement).chain(&self.also)
    }

    /// Every condition on a field of an event.
    pub fn field_matches(&self) -> impl Iterator<Item = &FieldMatch> {
        let after = self.after.iter().flat_map(|pattern| &pattern.filter);
        after.chain(self.demands.field_matches())
    }

    /// The fields whose values are compared over all cases of a suite run.
    pub(crate) fn fields_of_the_run(&self) -> Vec<(EventKind, &FieldMatch)> {
        let is_compared = |field: &&FieldMatch| {
            field
                .matchers
                .iter()
                .any(|m| matches!(m, Matcher::Unshared(_)))
        };
        let conditions = self.demands.every.iter().flat_map(|every| {
            let fields = every.has.iter().filter(is_compared);
            fields.map(|field| (&every.pattern.event, field))
        });
        conditions
            .filter_map(|(event, field)| match event {
                EventName::Kind { kind, .. } => Some((*kind, field)),
                EventName::Delivered(_) => None,
            })
            .collect()
    }

    /// Whether what holds depends on what nothing but the client's machine shows: output, files,
    /// processes, sockets and pages of the client.
    pub fn rests_on_clients_machine(&self) -> bool {
        self.is_about(|kind| {
            matches!(
                kind,
                EventKind::Display
                    | EventKind::File
                    | EventKind::Child
                    | EventKind::CallbackPage
                    | EventKind::Listening
                    | EventKind::ModelAsked
                    | EventKind::ModelCalled
            )
        })
    }

    /// Whether a demand is about how the client ended.
    pub fn is_about_end(&self) -> bool {
        self.is_about(|kind| kind == EventKind::ClientFinished)
    }

    fn is_about(&self, is_meant: impl Fn(EventKind) -> bool) -> bool {
        let mut patterns = self.demands.patterns().into_iter();
        patterns.any(|pattern| match &pattern.event {
            EventName::Kind { kind, .. } => is_meant(*kind),
            EventName::Delivered(_) => false,
        })
    }

    /// Whether what holds depends on what was found in the client's output and files.
    pub fn rests_on_search(&self) -> bool {
        self.is_about(|kind| {
            matches!(
                kind,
                EventKind::Display | EventKind::File | EventKind::ModelAsked
            )
        })
    }
}

/// What is demanded; all forms that are present must hold.
#[derive(Debug, Clone, Default)]
pub struct Demands {
    pub never: Vec<Pattern>,
    pub eventually: Vec<Pattern>,
    pub at_most: Vec<AtMost>,
    pub in_order: Vec<Pattern>,
    pub every: Vec<Every>,
    /// Only in the outermost demands.
    pub any_of: Vec<Demands>,
}

impl Demands {
    /// Every description of an event.
    fn patterns(&self) -> Vec<&Pattern> {
        let at_most = self.at_most.iter().map(|at_most| &at_most.pattern);
        let every = self.every.iter().map(|every| &every.pattern);
        let alternatives = self.any_of.iter().flat_map(Self::patterns);
        self.never
            .iter()
            .chain(&self.eventually)
            .chain(&self.in_order)
            .chain(at_most)
            .chain(every)
            .chain(alternatives)
            .collect()
    }

    /// Every condition on a field of an event.
    fn field_matches(&self) -> Vec<&FieldMatch> {
        let alternatives = self.any_of.iter().flat_map(|way| &way.every);
        let every = self.every.iter().chain(alternatives);
        let conditions = self.patterns().into_iter().flat_map(|p| &p.filter);
        conditions
            .chain(every.flat_map(|every| &every.has))
            .collect()
    }
}

/// No more than `count` such events.
#[derive(Debug, Clone)]
pub struct AtMost {
    pub count: u64,
    pub pattern: Pattern,
}

/// Each event that fits `pattern` has these fields too.
#[derive(Debug, Clone)]
pub struct Every {
    pub pattern: Pattern,
    pub has: Vec<FieldMatch>,
}

/// Which events are meant.
#[derive(Debug, Clone, Serialize)]
pub struct Pattern {
    pub event: EventName,
    pub filter: Vec<FieldMatch>,
}

/// An event's name as a scenario writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum EventName {
    /// `as.token-request`, or `token-request` at any party.
    Kind {
        party: Option<String>,
        kind: EventKind,
    },
    /// `deviation.NAME`: an answer that carried it reached the client.
    Delivered(String),
}

words! {
    /// Everything that can happen, as far as scenarios talk about it.
    pub enum EventKind {
        /// Any HTTP request of the client (also the more special ones below).
        Request = "request",
        /// The client began a TLS handshake, in which it got to see the certificate.
        Handshake = "handshake",
        PrmRequest = "prm-request",
        MetadataRequest = "metadata-request",
        RegistrationRequest = "registration-request",
        AuthorizationRequest = "authorization-request",
        TokenRequest = "token-request",
        McpRequest = "mcp-request",
        Prm = "prm",
        Metadata = "metadata",
        Challenge = "challenge",
        RegistrationResponse = "registration-response",
        AuthorizationResponse = "authorization-response",
        TokenResponse = "token-response",
        McpResponse = "mcp-response",
        ClientDocument = "client-document",
        BrowserOpen = "browser-open",
        CallbackPage = "callback-page",
        /// The client listens for its authorization response, as its private network shows.
        Listening = "listening",
        ClientStart = "client-start",
        ClientFinished = "client-finished",
        Display = "display",
        File = "file",
        Child = "child",
        /// Somebody asked the resolver for a name that no party of the world has.
        ForeignName = "foreign-name",
        /// The client, which is an agent, told its model something.
        ModelAsked = "model-asked",
        /// The model asked the client for a call of a tool.
        ModelCalled = "model-called",
        CallAccepted = "call-accepted",
        ToolCalled = "tool-called",
        AttackerGain = "attacker-gain",
    }
}

impl EventKind {
    /// Whether events of this kind are HTTP requests of the client, and so match a plain `request`
    /// too.
    pub const fn is_request(self) -> bool {
        matches!(
            self,
            Self::Request
                | Self::PrmRequest
                | Self::MetadataRequest
                | Self::RegistrationRequest
                | Self::AuthorizationRequest
                | Self::TokenRequest
                | Self::McpRequest
        )
    }
}

/// One field of an event and what it must be.
#[derive(Debug, Clone, Serialize)]
pub struct FieldMatch {
    /// The field.
    pub field: EventField,
    /// Within `assertion`, `dpop` and `header` the member, such as `jti` or `accept`.
    pub member: Option<String>,
    /// All of them hold.
    pub matchers: Vec<Matcher>,
}

impl FieldMatch {
    /// The field as a scenario writes it: `scope`, `dpop.jti`, `header.accept`.
    pub fn name(&self) -> String {
        match &self.member {
            Some(member) => format!("{}.{member}", self.field),
            None => self.field.to_string(),
        }
    }
}

/// The ways to say what a field must be.
#[derive(Debug, Clone, Serialize)]
pub enum Matcher {
    /// Written as a plain value. On sets: contains.
    Equals(Value),
    Not(Value),
    OneOf(Vec<Value>),
    Present(bool),
    /// Whether it is there at all, be it empty.
    Sent(bool),
    Includes(Vec<Value>),
    SameSet(Vec<Value>),
    Contains(Template),
    StartsWith(Template),
    /// No earlier event of this kind had the same value.
    Fresh(bool),
    /// No event of this kind in an earlier start of the client, or in another case of the suite
    /// run, had the same value.
    Unshared(bool),
    /// Nothing in it repeats itself, or the beginning or end of an earlier value.
    LooksRandom(bool),
    /// Shortest and longest length in characters.
    Length(usize, usize),
    Charset(Charset),
}

words! {
    pub enum Charset {
        /// RFC 3986 section 2.3
        Unreserved = "unreserved",
        /// RFC 9110 section 11.2
        Token68 = "token68",
        /// RFC 6749 section 3.3
        ScopeList = "scope-list",
    }
}
