//! HTTP messages as the parties see them: a request taken apart, an answer still in structured
//! form.

use serde_json::{Map, Value as Json};

use crate::scenario::model::{Message, Transport};
use crate::transcript::Actor;

/// A request, its body read to the end (or to the bound).
#[derive(Debug, Clone)]
pub(crate) struct HttpRequest {
    pub(crate) actor: Actor,
    pub(crate) method: String,
    /// Path and query as sent.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl HttpRequest {
    /// A GET of the browser or of an attacker.
    pub(crate) fn get(actor: Actor, target: &str) -> Self {
        Self {
            actor,
            method: "GET".to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: String::new(),
        }
    }

    pub(crate) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(crate) fn query(&self) -> &str {
        self.target
            .split_once('?')
            .map(|(_, q)| q)
            .unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// Parameters of the query, decoded, in order.
    pub(crate) fn query_parameters(&self) -> Parameters {
        Parameters::parse(self.query())
    }

    /// Parameters of a form body, decoded, in order.
    pub(crate) fn form_parameters(&self) -> Parameters {
        Parameters::parse(&self.body)
    }

    /// Scheme (as written) and credentials of the Authorization header.
    pub(crate) fn authorization(&self) -> Option<(&str, &str)> {
        let value = self.header("authorization")?;
        Some(
            value
                .split_once(' ')
                .map_or((value, ""), |(scheme, rest)| (scheme, rest.trim())),
        )
    }

    /// The bearer token, if there is one.
    pub(crate) fn bearer(&self) -> Option<&str> {
        self.authorization()
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token)
    }

    /// The media type of the body without its parameters, in lower case.
    pub(crate) fn content_type(&self) -> Option<String> {
        self.header("content-type").map(|v| {
            v.split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase()
        })
    }
}

/// Decoded parameters in the order sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters(pub(crate) Vec<(String, String)>);

impl Parameters {
    pub(crate) fn parse(encoded: &str) -> Self {
        Self(
            url::form_urlencoded::parse(encoded.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    /// The first value of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// The first value of that name, if it is not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|v| !v.is_empty())
    }

    /// Names that occur more than once.
    pub(crate) fn duplicates(&self) -> Vec<String> {
        let mut names: Vec<&String> = self.0.iter().map(|(n, _)| n).collect();
        names.sort();
        let mut twice: Vec<String> = names
            .windows(2)
            .filter(|w| w[0] == w[1])
            .map(|w| w[0].clone())
            .collect();
        twice.dedup();
        twice
    }
}

/// An answer before it is written out: deviations work on this form.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// Which kind of answer it is, if it is one that scenarios know.
    pub(crate) message: Option<Message>,
    /// At which of several places it was asked for (`oauth`, `path`, ...).
    pub(crate) place: &'static str,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) content: Content,
    pub(crate) transport: Option<Transport>,
    /// Why the server answers like this.
    pub(crate) note: String,
    /// Deviations applied so far.
    pub(crate) deviations: Vec<String>,
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
    /// A Bearer challenge; rendered as a WWW-Authenticate header.
    Challenge {
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
            place: "",
            status,
            headers: Vec::new(),
            content,
            transport: None,
            note,
            deviations: Vec::new(),
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
        Self::page(404, "nothing here")
    }

    pub(crate) fn of_kind(mut self, message: Message, place: &'static str) -> Self {
        self.message = Some(message);
        self.place = place;
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
            Content::Challenge { parameters, shown } => {
                if *shown {
                    let list: Vec<String> = parameters
                        .iter()
                        .map(|(n, v)| format!("{n}=\"{}\"", quoted(v)))
                        .collect();
                    add(
                        "WWW-Authenticate",
                        format!("Bearer {}", list.join(", ")).trim_end().to_owned(),
                    );
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

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// An answer as it goes over the wire.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HttpAnswer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// The body stays open after what is there.
    pub(crate) open: bool,
    pub(crate) transport: Option<Transport>,
}

impl HttpAnswer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }
}
