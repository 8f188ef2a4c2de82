//! What an arrow of a diagram says: the request in short, and what its answer told.

use serde_json::Value as Json;

use crate::report::model::redactor::{Redactor, RequestPlace};
use crate::transcript::{Actor, Exchange};

/// Writes labels for the exchanges of one transcript.
pub(crate) struct ArrowLabels<'a> {
    redactor: Redactor<'a>,
}

impl<'a> ArrowLabels<'a> {
    pub(crate) fn new(redactor: Redactor<'a>) -> Self {
        Self { redactor }
    }

    /// `POST {as.token_endpoint} code=⟨as.code#1⟩`
    pub(crate) fn request(&self, exchange: &Exchange) -> String {
        let place = self.place(exchange);
        let details = self.details(exchange, place.value);
        let space = if details.is_empty() { "" } else { " " };
        format!(
            "{} {}{space}{}",
            exchange.method,
            place.shown,
            details.join(", ")
        )
    }

    /// Authorization, token and registration requests, and what reaches the client's redirect URI.
    pub(crate) fn is_of_the_flow(&self, exchange: &Exchange) -> bool {
        let steps = [
            "authorization_endpoint",
            "token_endpoint",
            "registration_endpoint",
            CALLBACK,
        ];
        self.place(exchange)
            .value
            .is_some_and(|value| steps.contains(&value))
    }

    fn place(&self, exchange: &Exchange) -> RequestPlace<'a> {
        match &exchange.party {
            Some(party) => self.redactor.place(party, &exchange.target),
            None => RequestPlace {
                value: Some(CALLBACK),
                shown: CALLBACK.to_owned(),
            },
        }
    }

    /// The parameters that attacks and checks are about.
    fn details(&self, exchange: &Exchange, place: Option<&str>) -> Vec<String> {
        let sent = if exchange.method == "POST" {
            form(&exchange.body)
        } else {
            query(&exchange.target)
        };
        let named = |names: &[&str]| -> Vec<String> {
            let found = names
                .iter()
                .filter_map(|name| Some((name, parameter(&sent, name)?)));
            found
                .map(|(name, value)| format!("{name}={}", self.redactor.value(name, value)))
                .collect()
        };
        match place {
            Some("authorization_endpoint") => named(&["resource"]),
            Some(CALLBACK) => named(&["code", "iss", "error", "state"]),
            Some("token_endpoint") => {
                let grant = parameter(&sent, "grant_type")
                    .filter(|grant| *grant != "authorization_code" && *grant != "refresh_token");
                let mut details: Vec<String> = grant
                    .map(|grant| format!("grant_type={}", last_word(grant)))
                    .into_iter()
                    .collect();
                details.extend(named(&["code", "refresh_token", "resource"]));
                details
            }
            Some("registration_endpoint") => Vec::new(),
            Some("url")
                if serde_json::from_str::<Json>(&exchange.body).is_ok()
                    || exchange.body.is_empty() =>
            {
                let rpc = serde_json::from_str::<Json>(&exchange.body).ok();
                let method = rpc
                    .as_ref()
                    .and_then(|rpc| rpc.get("method")?.as_str())
                    .map(|m| self.redactor.value("method", m));
                method
                    .into_iter()
                    .chain(self.credentials(exchange))
                    .collect()
            }
            _ => {
                let headers = exchange.headers.iter().map(|(_, value)| value.as_str());
                let carried = self
                    .redactor
                    .carried(headers.chain([exchange.target.as_str(), exchange.body.as_str()]));
                carried.iter().map(|tag| format!("⟨{tag}⟩")).collect()
            }
        }
    }

    /// What the Authorization header holds.
    fn credentials(&self, exchange: &Exchange) -> Option<String> {
        let (_, value) = exchange
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("authorization"))?;
        let tags = self.redactor.carried([value.as_str()]);
        Some(match (tags.as_slice(), exchange.actor) {
            ([], Actor::Attacker) => "the token".to_owned(),
            ([], _) => "an unknown token".to_owned(),
            (tags, _) => tags
                .iter()
                .map(|tag| format!("⟨{tag}⟩"))
                .collect::<Vec<_>>()
                .join(" "),
        })
    }

    /// Where a redirect leads, what an authorization response says, or the error.
    pub(crate) fn answer(&self, exchange: &Exchange) -> String {
        let header = |wanted: &str| {
            exchange
                .answer_headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, v)| v.as_str())
        };
        if let Some(location) = header("location") {
            let parameters = query(location);
            let base = location.split('?').next().unwrap_or_default();
            let shown = self.redactor.value("location", base);
            if shown.starts_with('⟨') {
                return format!("to {shown}");
            }
            let of_response = ["iss", "error"]
                .iter()
                .filter_map(|name| Some((name, parameter(&parameters, name)?)));
            return of_response
                .map(|(name, value)| format!("{name}={}", self.redactor.value(name, value)))
                .collect::<Vec<_>>()
                .join(", ");
        }
        let challenge = header("www-authenticate")
            .and_then(|value| value.split_once("error=\"")?.1.split('"').next());
        if let Some(error) = challenge {
            return self.redactor.value("error", error);
        }
        let body = serde_json::from_str::<Json>(&exchange.answer_body).ok();
        let error = body.as_ref().and_then(|body| body.get("error")?.as_str());
        error
            .map(|error| self.redactor.value("error", error))
            .unwrap_or_default()
    }
}

/// The client's own listener, at its redirect URI.
const CALLBACK: &str = "callback";

pub(crate) fn query(target: &str) -> Vec<(String, String)> {
    form(target.split_once('?').map_or("", |(_, query)| query))
}

pub(crate) fn form(encoded: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(encoded.as_bytes())
        .into_owned()
        .collect()
}

pub(crate) fn parameter<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters
        .iter()
        .find(|(n, _)| n == name)
        .map(|(_, value)| value.as_str())
}

/// `jwt-bearer` of `urn:ietf:params:oauth:grant-type:jwt-bearer`.
fn last_word(urn: &str) -> String {
    let last = urn.rsplit(':').next().unwrap_or(urn);
    last.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .take(24)
        .collect()
}
