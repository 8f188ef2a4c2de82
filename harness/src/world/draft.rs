//! An answer before it is written out: deviations work on this form.

use serde_json::{Map, Value as Json};

use super::http_answer::HttpAnswer;
use crate::scenario::model::{EventKind, Message, Transport};
use crate::transcript::EventFields;

/// An answer before it is written out: deviations work on this form.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// Which kind of answer it is, if it is one that scenarios know.
    pub(crate) message: Option<Message>,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) content: Content,
    pub(crate) transport: Option<Transport>,
    /// Why the server answers like this.
    pub(crate) note: String,
    /// Names of the deviations applied so far.
    pub(crate) deviations: Vec<String>,
    /// What the request brought about: events that are recorded just before that of the answer.
    pub(crate) consequences: Vec<(EventKind, EventFields)>,
}

/// The content of an answer.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Empty,
    Json(Map<String, Json>),
    /// A redirect with response parameters.
    Redirect {
        to: String,
        parameters: Vec<Parameter>,
    },
    /// A challenge; rendered as a WWW-Authenticate header.
    Challenge {
        /// `Bearer` or `DPoP`.
        scheme: &'static str,
        parameters: Vec<(String, String)>,
        shown: bool,
    },
    Raw {
        content_type: &'static str,
        body: String,
    },
    /// A server-sent event stream that stays open after its first events.
    OpenStream {
        events: String,
    },
}

/// A parameter of a redirect.
#[derive(Debug, Clone)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) value: String,
    /// The value is encoded already (or malformed on purpose).
    pub(crate) raw: bool,
}

impl Draft {
    pub(crate) fn new(status: u16, content: Content, note: impl Into<String>) -> Self {
        let note = note.into();
        Self {
            message: None,
            status,
            headers: Vec::new(),
            content,
            transport: None,
            note,
            deviations: Vec::new(),
            consequences: Vec::new(),
        }
    }

    pub(crate) fn json(status: u16, body: Json, note: impl Into<String>) -> Self {
        let content = match body {
            Json::Object(members) => Content::Json(members),
            other => Content::Raw {
                content_type: "application/json",
                body: other.to_string(),
            },
        };
        Self::new(status, content, note)
    }

    /// A plain page for the browser.
    pub(crate) fn page(status: u16, text: &str) -> Self {
        let body =
            format!("<!doctype html><meta charset=utf-8><title>{status}</title><p>{text}</p>");
        Self::new(
            status,
            Content::Raw {
                content_type: "text/html; charset=utf-8",
                body,
            },
            text,
        )
    }

    pub(crate) fn not_found() -> Self {
        Self::page(404, "nothing is served here")
    }

    /// Says which of the answers that scenarios know this is.
    pub(crate) fn with_message(mut self, message: Message) -> Self {
        self.message = Some(message);
        self
    }

    pub(crate) fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The member or parameter of that name, as text.
    pub(crate) fn member(&self, name: &str) -> Option<String> {
        match &self.content {
            Content::Json(members) => members
                .get(name)
                .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)),
            Content::Redirect { parameters, .. } => parameters
                .iter()
                .find(|p| p.name == name)
                .map(|p| p.value.clone()),
            Content::Challenge { parameters, .. } => parameters
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, v)| v.clone()),
            _ => None,
        }
    }

    /// The answer as it goes over the wire.
    pub(crate) fn render(&self) -> HttpAnswer {
        let mut headers = self.headers.clone();
        let has = |headers: &[(String, String)], name: &str| {
            headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name))
        };
        let mut add = |name: &str, value: String| {
            if !has(&headers, name) {
                headers.push((name.to_owned(), value));
            }
        };
        let mut open = false;
        let body = match &self.content {
            Content::Empty => String::new(),
            Content::Json(members) => {
                add("Content-Type", "application/json".to_owned());
                add("Cache-Control", "no-store".to_owned());
                Json::Object(members.clone()).to_string()
            }
            Content::Redirect { to, parameters } => {
                add("Location", redirect_location(to, parameters));
                add("Cache-Control", "no-store".to_owned());
                String::new()
            }
            Content::Challenge {
                scheme,
                parameters,
                shown,
            } => {
                if *shown {
                    add("WWW-Authenticate", challenge_header(scheme, parameters));
                }
                String::new()
            }
            Content::Raw { content_type, body } => {
                add("Content-Type", (*content_type).to_owned());
                body.clone()
            }
            Content::OpenStream { events } => {
                add("Content-Type", "text/event-stream".to_owned());
                add("Cache-Control", "no-store".to_owned());
                open = true;
                events.clone()
            }
        };
        HttpAnswer {
            status: self.status,
            headers,
            body,
            open,
            transport: self.transport,
        }
    }
}

fn challenge_header(scheme: &str, parameters: &[(String, String)]) -> String {
    let quoted = parameters.iter();
    let quoted = quoted.map(|(name, value)| format!("{name}=\"{}\"", escape_quotes(value)));
    let list: Vec<String> = quoted.collect();
    format!("{scheme} {}", list.join(", "))
        .trim_end()
        .to_owned()
}

fn redirect_location(to: &str, parameters: &[Parameter]) -> String {
    let pairs: Vec<String> = parameters
        .iter()
        .map(|p| {
            let encode = |text: &str| {
                url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
            };
            format!(
                "{}={}",
                encode(&p.name),
                if p.raw {
                    p.value.clone()
                } else {
                    encode(&p.value)
                }
            )
        })
        .collect();
    if pairs.is_empty() {
        return to.to_owned();
    }
    format!(
        "{to}{}{}",
        if to.contains('?') { '&' } else { '?' },
        pairs.join("&")
    )
}

fn escape_quotes(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
