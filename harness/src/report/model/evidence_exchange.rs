//! The exchange that shows a violation, in one line: method, address, the parameter in question,
//! status.

use crate::report::model::arrow_label::{form, parameter, query};
use crate::report::model::observation::ViolationReader;
use crate::report::model::redactor::Redactor;
use crate::report::model::shown_run::ShownRun;
use crate::scenario::model::{EventField, Expectation};
use crate::transcript::{Exchange, Haystack, Transcript};

/// Lines that help; a client in a loop would fill pages.
const MOST: usize = 3;

/// What a derived field is read from, as it is called in a message.
const READ_FROM: [(&str, &str); 19] = [
    ("auth_scheme", "authorization"),
    ("bearer", "authorization"),
    ("basic_encoding", "authorization"),
    ("body_kind", "content-type"),
    ("client_auth", "client_secret"),
    ("client_kind", "client_id"),
    ("content_type", "content-type"),
    ("pkce", "code_verifier"),
    ("protocol_version", "mcp-protocol-version"),
    ("redirect_kind", "redirect_uri"),
    ("redirect_kinds", "redirect_uris"),
    ("redirect_known", "redirect_uri"),
    ("redirect_uri_is", "redirect_uri"),
    ("refresh_token_is", "refresh_token"),
    ("resource_as_authorized", "resource"),
    ("resource_is", "resource"),
    ("resource_known", "resource"),
    ("session_id", "mcp-session-id"),
    ("state_reveals", "state"),
];

/// Fields that hold tags of secrets: the parameters with these secrets are in question.
const CARRIERS: [EventField; 4] = [
    EventField::Carries,
    EventField::Foreign,
    EventField::QueryCarries,
    EventField::Cookies,
];

/// The exchanges that show the violation, a line each.
pub(crate) fn proof(expectation: &Expectation, scene: &ShownRun<'_>) -> Vec<String> {
    let ShownRun {
        transcript,
        evidence,
        ..
    } = *scene;
    let witness = ViolationReader::new(scene);
    let redactor = Redactor::new(transcript);
    let mut lines: Vec<String> = Vec::new();
    for &index in evidence {
        let Some(event) = transcript.events.get(index) else {
            continue;
        };
        let Some(exchange) = event.exchange.and_then(|at| transcript.exchanges.get(at)) else {
            continue;
        };
        let sent = EvidenceRequest {
            exchange,
            parameters: parameters(exchange),
            redactor: &redactor,
        };
        let mut details: Vec<String> = Vec::new();
        for field in witness.decisive_fields(&expectation.demands, index) {
            details.extend(match field.field {
                carrier if CARRIERS.contains(&carrier) => {
                    let tags: Vec<_> = event.fields.texts(carrier).collect();
                    sent.holders(transcript, &tags)
                }
                EventField::Header => field
                    .member
                    .as_deref()
                    .and_then(|header| sent.named(header))
                    .into_iter()
                    .collect(),
                other => sent.named(other.as_str()).into_iter().collect(),
            });
        }
        if details.is_empty() {
            let tags: Vec<_> = event.fields.texts(EventField::Carries).collect();
            details = sent.holders(transcript, &tags);
        }
        let mut seen = Vec::new();
        details.retain(|detail| {
            !seen.contains(detail) && {
                seen.push(detail.clone());
                true
            }
        });
        let line = sent.line(&details);
        if lines.len() < MOST && !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

/// A request, looked through for what is in question.
struct EvidenceRequest<'a> {
    exchange: &'a Exchange,
    parameters: Vec<(String, String)>,
    redactor: &'a Redactor<'a>,
}

impl EvidenceRequest<'_> {
    /// `POST {as.token_endpoint} code=⟨as.code#1⟩ → 200`, and after an error why the server
    /// answered so.
    fn line(&self, details: &[String]) -> String {
        let path = self.redactor.path(
            self.exchange.party.as_deref(),
            self.exchange.target.split('?').next().unwrap_or_default(),
        );
        let status = self
            .exchange
            .status
            .map_or_else(|| "lost".to_owned(), |status| status.to_string());
        let is_refusal = self.exchange.status.is_some_and(|status| status >= 400);
        let reason = match self.exchange.note.as_str() {
            note if is_refusal && !note.is_empty() => format!(" ({})", self.redactor.text(note)),
            _ => String::new(),
        };
        let details = details.join(", ");
        let space = if details.is_empty() { "" } else { " " };
        let method = &self.exchange.method;
        format!("{method} {path}{space}{details} → {status}{reason}")
    }

    /// A parameter or header, if the request could have it.
    fn named(&self, field: &str) -> Option<String> {
        let name = READ_FROM
            .iter()
            .find(|(derived, _)| *derived == field)
            .map_or(field, |(_, name)| *name);
        if let Some(value) = parameter(&self.parameters, name) {
            return Some(format!("{name}={}", self.redactor.value(name, value)));
        }
        let header = self
            .exchange
            .headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name));
        header.map(|(header, value)| format!("{header}: {}", self.credentials(value)))
    }

    /// The parameters and headers that hold one of these secrets.
    fn holders(&self, transcript: &Transcript, tags: &[&str]) -> Vec<String> {
        let secrets: Vec<&str> = transcript
            .secrets
            .iter()
            .filter(|s| tags.contains(&s.tag().as_str()))
            .map(|s| s.value.as_str())
            .collect();
        let holds = |text: &str| {
            let haystack = Haystack::new([text]);
            secrets.iter().any(|secret| haystack.contains(secret))
        };
        let dull = |name: &str| matches!(name, "client_id" | "mcp-session-id");
        let parameters = self
            .parameters
            .iter()
            .filter(|(name, value)| !dull(name) && holds(value));
        let headers = self
            .exchange
            .headers
            .iter()
            .filter(|(name, value)| !dull(name) && holds(value));
        parameters
            .map(|(name, value)| format!("{name}={}", self.redactor.value(name, value)))
            .chain(headers.map(|(name, value)| format!("{name}: {}", self.credentials(value))))
            .collect()
    }

    /// `Bearer ⟨as.access_token#1⟩`
    fn credentials(&self, value: &str) -> String {
        match value.split_once(' ') {
            Some((scheme, rest)) => format!(
                "{} {}",
                self.redactor.text(scheme),
                self.redactor.value("credentials", rest)
            ),
            None => self.redactor.value("credentials", value),
        }
    }
}

/// Everything that a request names: of its query, its form, its JSON.
fn parameters(exchange: &Exchange) -> Vec<(String, String)> {
    let mut all = query(&exchange.target);
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&exchange.body) {
        Ok(members) => all.extend(members.into_iter().map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name, text)
        })),
        Err(_) => all.extend(form(&exchange.body)),
    }
    all
}
