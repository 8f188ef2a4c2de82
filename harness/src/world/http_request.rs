//! HTTP requests as the parties see them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::sender::Arrival;
use crate::scenario::model::SINGLE_PARAMETERS;
use crate::transcript::Actor;

/// A request, its body read to the end (or to the bound).
#[derive(Debug, Clone)]
pub(crate) struct HttpRequest {
    pub(crate) arrival: Arrival,
    pub(crate) method: String,
    /// Path and query as sent.
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl HttpRequest {
    /// A GET without headers.
    pub(crate) fn get(arrival: Arrival, target: &str) -> Self {
        Self {
            arrival,
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

    /// The access token that is sent with a proof of possession, if there is one.
    pub(crate) fn dpop_token(&self) -> Option<&str> {
        self.authorization()
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("dpop"))
            .map(|(_, token)| token)
    }

    /// Client ID and secret of HTTP Basic, as they were sent (not form-decoded).
    pub(crate) fn basic_credentials(&self) -> Option<(String, String)> {
        let (scheme, credentials) = self.authorization()?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let bytes = STANDARD.decode(credentials).ok()?;
        // RFC 7617 leaves the charset open: bytes that are not UTF-8 are read as Latin-1
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|e| e.into_bytes().into_iter().map(char::from).collect());
        text.split_once(':')
            .map(|(id, secret)| (id.to_owned(), secret.to_owned()))
    }

    /// The number of bytes that the sender sent, roughly.
    pub(crate) fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(n, v)| n.len() + v.len());
        headers.sum::<usize>() + self.target.len() + self.body.len()
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

/// A request whose sender is known.
#[derive(Debug)]
pub(crate) struct ReceivedRequest<'a> {
    pub(crate) http: &'a HttpRequest,
    pub(crate) actor: Actor,
    /// The parameters of an OAuth request: those of the form in a POST, else those of the query.
    pub(crate) parameters: Parameters,
}

impl<'a> ReceivedRequest<'a> {
    pub(crate) fn new(http: &'a HttpRequest, actor: Actor) -> Self {
        let parameters = if http.method == "POST" {
            http.form_parameters()
        } else {
            http.query_parameters()
        };
        Self {
            http,
            actor,
            parameters,
        }
    }

    /// Whether the body is said to be a form.
    pub(crate) fn is_form(&self) -> bool {
        self.http.content_type().as_deref() == Some("application/x-www-form-urlencoded")
    }
}

/// Decodes a text that was encoded like a form value.
pub(crate) fn decode_form_value(text: &str) -> String {
    percent_encoding::percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
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

    /// All values of that name that are not empty.
    pub(crate) fn all_filled<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let values = self.0.iter().filter(move |(n, _)| n == name);
        values.map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
    }

    /// Names that occur more than once although OAuth 2.1 forbids it.
    pub(crate) fn forbidden_repetitions(&self) -> impl Iterator<Item = &'static str> {
        let is_repeated = |name: &&str| self.0.iter().filter(|(n, _)| n == name).count() > 1;
        SINGLE_PARAMETERS.iter().copied().filter(is_repeated)
    }
}
