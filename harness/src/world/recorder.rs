//! Records what happens in a world, in one total order: events, HTTP exchanges and secrets.
//!
//! The recorder knows no party and no scenario. It is told what to record, and it answers which
//! secrets a text contains and whether so much has happened that the client must be looping.

use crate::scenario::model::{EventKind, Nth, SecretName};
use crate::transcript::{
    Event, EventFields, Exchange, Haystack, Header, Resolver, Secret, Status, Transcript,
    Unsearched, View,
};

use super::http_answer::HttpAnswer;

/// Requests that a client may make in one world before it is taken to be looping.
const MAX_REQUESTS: usize = 400;
/// Events that may be recorded in one world before the client is taken to be looping.
const MAX_EVENTS: usize = 4000;
/// Bytes that a client may send in one world before it is taken to be looping.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// How much of a body the transcript keeps, in bytes.
const MAX_KEPT_BODY: usize = 64 * 1024;

/// What has been recorded so far.
#[derive(Debug)]
pub(crate) struct Recorder {
    header: Header,
    events: Vec<Event>,
    exchanges: Vec<Exchange>,
    secrets: Vec<Secret>,
    /// Bytes received with requests.
    received: usize,
    /// The start of the client that is under way, counted from 1.
    run: u32,
    /// What of the client's files and output was not searched.
    unsearched: Unsearched,
}

/// An event that is to be recorded.
#[derive(Debug)]
pub(crate) struct NewEvent {
    /// The party at which it happened; `None`: at the client.
    pub(crate) party: Option<String>,
    pub(crate) kind: EventKind,
    pub(crate) fields: EventFields,
    /// The deviations that the answer carries.
    pub(crate) deviations: Vec<String>,
    /// Whether it has reached the client. Events that are not answers always have.
    pub(crate) delivered: bool,
    /// The index of the exchange that it was read from.
    pub(crate) exchange: Option<usize>,
}

impl NewEvent {
    /// An event that is not an answer.
    pub(crate) fn new(party: Option<&str>, kind: EventKind, fields: EventFields) -> Self {
        Self {
            party: party.map(str::to_owned),
            kind,
            fields,
            deviations: Vec::new(),
            delivered: true,
            exchange: None,
        }
    }
}

impl Recorder {
    pub(crate) fn new(header: Header) -> Self {
        Self {
            header,
            events: Vec::new(),
            exchanges: Vec::new(),
            secrets: Vec::new(),
            received: 0,
            run: 0,
            unsearched: Unsearched::default(),
        }
    }

    // ------------------------------------------------------------ recording

    /// Begins the next start of the client: later events belong to it.
    pub(crate) fn begin_start(&mut self) {
        self.run += 1;
    }

    /// Records an event that is not an answer. Returns its index.
    pub(crate) fn record(
        &mut self,
        party: Option<&str>,
        kind: EventKind,
        fields: EventFields,
    ) -> usize {
        self.record_event(NewEvent::new(party, kind, fields))
    }

    /// Records an event. Returns its index.
    pub(crate) fn record_event(&mut self, event: NewEvent) -> usize {
        let index = self.events.len();
        let fields = event.fields.into_iter();
        self.events.push(Event {
            run: self.run,
            party: event.party,
            kind: event.kind,
            exchange: event.exchange,
            deviations: event.deviations,
            delivered: event.delivered,
            fields: fields.filter(|(_, value)| !value.is_null()).collect(),
        });
        index
    }

    /// Records an HTTP exchange. Returns its index.
    pub(crate) fn record_exchange(&mut self, exchange: Exchange) -> usize {
        self.exchanges.push(exchange);
        self.exchanges.len() - 1
    }

    /// Records a request of `size` bytes, not answered yet. Returns the index of its exchange.
    pub(crate) fn record_request(&mut self, size: usize, mut exchange: Exchange) -> usize {
        self.received += size;
        exchange.body = truncate_body(&exchange.body);
        self.record_exchange(exchange)
    }

    /// Completes the exchange at this index with its answer.
    pub(crate) fn complete_exchange(&mut self, index: usize, answer: &HttpAnswer, note: &str) {
        if let Some(exchange) = self.exchanges.get_mut(index) {
            exchange.status = answer.transport.is_none().then_some(answer.status);
            exchange.answer_headers = answer.headers.clone();
            exchange.answer_body = truncate_body(&answer.body);
            exchange.note = note.to_owned();
        }
    }

    /// Marks answers as having reached the client.
    pub(crate) fn mark_delivered(&mut self, events: &[usize]) {
        for &event in events {
            if let Some(event) = self.events.get_mut(event) {
                event.delivered = true;
            }
        }
    }

    /// Registers a secret and who may see it. The event that hands it out is the next one recorded.
    pub(crate) fn issue_secret(
        &mut self,
        party: &str,
        kind: &str,
        value: &str,
        audience: Vec<String>,
    ) {
        let name = format!("{party}.{kind}");
        let of_that_name = self.secrets.iter().filter(|s| s.name == name);
        if of_that_name.clone().any(|secret| secret.value == value) {
            return;
        }
        let number = of_that_name.count() + 1;
        self.secrets.push(Secret {
            name,
            number,
            value: value.to_owned(),
            event: self.events.len(),
            audience,
        });
    }

    /// Records that files or output of the client were too much to be searched.
    pub(crate) fn record_unsearched(&mut self, unsearched: &Unsearched) {
        self.unsearched.add(unsearched);
    }

    /// Lets more parties see the secrets that the test picks.
    pub(crate) fn widen_audience(
        &mut self,
        parties: &[String],
        is_concerned: impl Fn(&Secret) -> bool,
    ) {
        for secret in self
            .secrets
            .iter_mut()
            .filter(|secret| is_concerned(secret))
        {
            let new = parties
                .iter()
                .filter(|name| !secret.audience.contains(name));
            let new: Vec<String> = new.cloned().collect();
            secret.audience.extend(new);
        }
    }

    // ------------------------------------------------------------ reading

    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    pub(crate) fn secrets(&self) -> &[Secret] {
        &self.secrets
    }

    pub(crate) fn count_exchanges(&self) -> usize {
        self.exchanges.len()
    }

    /// Which start of the client is under way, counted from 1.
    pub(crate) fn run(&self) -> u32 {
        self.run
    }

    /// The id of the case that is recorded.
    pub(crate) fn case_id(&self) -> &str {
        &self.header.case
    }

    /// The unique text that `{canary.NAME}` stands for.
    pub(crate) fn canary(&self, name: &str) -> String {
        self.header.canary(name)
    }

    /// Whether a text holds one of this run's canaries.
    pub(crate) fn contains_canary(&self, text: &str) -> bool {
        text.match_indices("canary-").any(|(at, prefix)| {
            let name = text[at + prefix.len()..].split('-').next();
            text[at..].starts_with(&self.canary(name.unwrap_or_default()))
        })
    }

    /// What has been recorded, as patterns see it.
    pub(crate) fn view(&self) -> View<'_> {
        View {
            header: &self.header,
            events: &self.events,
            secrets: &self.secrets,
            shared: None,
        }
    }

    /// A resolver of placeholders as of now.
    pub(crate) fn resolver(&self) -> Resolver<'_> {
        Resolver {
            view: self.view(),
            at: self.events.len(),
            original: None,
        }
    }

    /// Whether so much has happened that the client must be looping.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.exchanges.len() >= MAX_REQUESTS
            || self.events.len() >= MAX_EVENTS
            || self.received >= MAX_BYTES
    }

    /// Tags of the secrets that occur in these texts, in any encoding.
    pub(crate) fn find_secrets(&self, haystack: &Haystack) -> Vec<String> {
        let found = self.secrets.iter().filter(|s| haystack.contains(&s.value));
        found.map(Secret::tag).collect()
    }

    /// The values that a secret's name stands for now.
    pub(crate) fn secret_values(&self, wanted: &SecretName) -> Vec<String> {
        let name = format!("{}.{}", wanted.party, wanted.kind);
        let of_that_name: Vec<&Secret> = self.secrets.iter().filter(|s| s.name == name).collect();
        let selected: Vec<&Secret> = match wanted.nth {
            Nth::Unnumbered => of_that_name,
            Nth::Number(number) => {
                let numbered = of_that_name.into_iter().filter(|s| s.number == number);
                numbered.collect()
            }
            Nth::Latest => of_that_name.last().copied().into_iter().collect(),
        };
        selected.into_iter().map(|s| s.value.clone()).collect()
    }

    /// Everything that has been recorded, with how the run ended.
    pub(crate) fn transcript(&self, status: Status) -> Transcript {
        Transcript {
            header: self.header.clone(),
            status,
            events: self.events.clone(),
            exchanges: self.exchanges.clone(),
            secrets: self.secrets.clone(),
            unsearched: self.unsearched.clone(),
            driven_by_person: false,
            attested: Vec::new(),
            durations: None,
        }
    }
}

fn truncate_body(body: &str) -> String {
    let mut end = body.len().min(MAX_KEPT_BODY);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    body[..end].to_owned()
}
