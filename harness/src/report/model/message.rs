//! Requests and answers as they may be shown: parameters apart, secrets by their tags, JSON laid
//! out.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::report::model::arrow_label::{form, query};
use crate::report::model::printable_text::PrintableText;
use crate::report::model::redactor::Redactor;
use crate::report::model::shortening::shortened;
use crate::transcript::Exchange;

/// The longest body that is shown, in characters.
const LONGEST: usize = 3_000;
/// The longest value of a parameter or member.
const LONGEST_VALUE: usize = 240;
/// Headers that say nothing about authorization.
const DULL: [&str; 12] = [
    "accept-encoding",
    "accept-language",
    "connection",
    "content-length",
    "date",
    "host",
    "keep-alive",
    "sec-fetch-mode",
    "transfer-encoding",
    "upgrade-insecure-requests",
    "user-agent",
    "x-request-id",
];

/// One half of an exchange.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownMessage {
    /// Method and path, or nothing.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub line: PrintableText,
    /// Those of the query, of a form, or of the address that a redirect leads to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<(PrintableText, PrintableText)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(PrintableText, PrintableText)>,
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub body: PrintableText,
}

/// Writes the messages of one transcript.
pub(crate) struct MessageWriter<'a> {
    redactor: Redactor<'a>,
}

impl<'a> MessageWriter<'a> {
    pub(crate) fn new(redactor: Redactor<'a>) -> Self {
        Self { redactor }
    }

    pub(crate) fn text(&self, text: &str) -> String {
        self.redactor.text(text)
    }

    pub(crate) fn lines(&self, text: &str) -> String {
        self.redactor.lines(text)
    }

    pub(crate) fn request(&self, exchange: &Exchange) -> ShownMessage {
        let path = exchange.target.split('?').next().unwrap_or_default();
        let mut parameters = query(&exchange.target);
        let is_form = header(&exchange.headers, "content-type").map_or_else(
            || exchange.body.contains('=') && !exchange.body.trim_start().starts_with(['{', '[']),
            |kind| kind.starts_with("application/x-www-form-urlencoded"),
        );
        if is_form {
            parameters.extend(form(&exchange.body));
        }
        ShownMessage {
            line: format!(
                "{} {}",
                self.redactor.text(&exchange.method),
                self.redactor.path(exchange.party.as_deref(), path)
            )
            .into(),
            parameters: self.parameters(&parameters),
            headers: self.headers(&exchange.headers),
            body: if is_form {
                PrintableText::default()
            } else {
                self.body(&exchange.body).into()
            },
        }
    }

    pub(crate) fn response(&self, exchange: &Exchange) -> ShownMessage {
        let location = header(&exchange.answer_headers, "location");
        ShownMessage {
            line: PrintableText::default(),
            parameters: self.parameters(&location.map(query).unwrap_or_default()),
            headers: self.headers(&exchange.answer_headers),
            body: self.body(&exchange.answer_body).into(),
        }
    }

    fn value(&self, name: &str, value: &str) -> String {
        self.redactor.value_up_to(LONGEST_VALUE, name, value)
    }

    fn parameters(&self, parameters: &[(String, String)]) -> Vec<(PrintableText, PrintableText)> {
        parameters
            .iter()
            .map(|(name, value)| {
                (
                    self.redactor.text(name).into(),
                    self.value(name, value).into(),
                )
            })
            .collect()
    }

    fn headers(&self, headers: &[(String, String)]) -> Vec<(PrintableText, PrintableText)> {
        let telling = headers
            .iter()
            .filter(|(name, _)| !DULL.contains(&name.to_ascii_lowercase().as_str()));
        telling
            .map(|(name, value)| {
                (
                    self.redactor.text(name).into(),
                    self.header(name, value).into(),
                )
            })
            .collect()
    }

    fn header(&self, name: &str, value: &str) -> String {
        let shown = match name.to_ascii_lowercase().as_str() {
            // its parameters are told apart
            "location" => self.value(name, value.split('?').next().unwrap_or_default()),
            "authorization" | "proxy-authorization" => match value.split_once(' ') {
                Some((scheme, credentials)) => {
                    format!(
                        "{} {}",
                        self.redactor.text(scheme),
                        self.value("credentials", credentials)
                    )
                }
                None => self.value("credentials", value),
            },
            "dpop" => self.value("credentials", value),
            _ => self.redactor.text(value),
        };
        shortened(&shown, LONGEST)
    }

    /// JSON is laid out, and its members are shown by what they are called.
    fn body(&self, body: &str) -> String {
        let shown = match serde_json::from_str::<Json>(body) {
            Ok(json @ (Json::Object(_) | Json::Array(_))) => {
                let shown = self.json("", &json);
                serde_json::to_string_pretty(&shown).unwrap_or_default()
            }
            _ => self.redactor.lines(body),
        };
        shortened(&self.redactor.whole(shown), LONGEST)
    }

    fn json(&self, name: &str, value: &Json) -> Json {
        match value {
            Json::String(text) => Json::String(self.value(name, text)),
            Json::Array(items) => items.iter().map(|item| self.json(name, item)).collect(),
            Json::Object(members) => Json::Object(
                members
                    .iter()
                    .map(|(k, v)| (self.redactor.text(k), self.json(k, v)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }
}

fn header<'a>(headers: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.as_str())
}
