//! Fields of every HTTP request.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::super::http_request::{Parameters, ReceivedRequest};
use super::super::recorder::Recorder;
use super::super::sender::sender_word;
use super::fields::fields;
use crate::scenario::model::EventField;
use crate::transcript::{EventFields, Haystack, Secret};

/// The fields that every HTTP request at `party` has. `known`: a specification gives the place to
/// MCP.
pub(crate) fn request_fields(
    party: &str,
    known: bool,
    request: &ReceivedRequest<'_>,
    recorder: &Recorder,
) -> EventFields {
    let http = request.http;
    let header_values = http.headers.iter().map(|(_, value)| value.as_str());
    let everything = header_values.chain([http.target.as_str(), http.body.as_str()]);
    let carried = Carried::find(recorder, &Haystack::new(everything));
    let in_query = Haystack::new([http.query()]);
    let in_body = Haystack::new([http.body.as_str()]);
    let cookie_headers = http.headers.iter().filter(|(name, _)| name == "cookie");
    let in_cookies = Haystack::new(cookie_headers.map(|(_, value)| value.as_str()));
    let mut query_carries = carried.tags_in(&in_query);
    if http.query_parameters().filled("code_verifier").is_some() {
        query_carries.push("code_verifier".to_owned());
    }
    let auth_scheme = http.authorization().map(|(scheme, _)| scheme);
    let headers = http.headers.iter().map(|(n, v)| (n.clone(), json!(v)));
    fields([
        (EventField::Method, json!(http.method)),
        (EventField::Path, json!(http.path())),
        (EventField::Target, json!(http.target)),
        (EventField::Known, json!(known)),
        (EventField::By, json!(sender_word(request.actor))),
        (EventField::Bearer, json!(http.bearer())),
        (
            EventField::AuthScheme,
            json!(auth_scheme.map(canonical_scheme)),
        ),
        (EventField::Carries, json!(carried.tags())),
        (EventField::Foreign, json!(carried.foreign_to(party))),
        (EventField::QueryCarries, json!(query_carries)),
        (EventField::BodyCarries, json!(carried.tags_in(&in_body))),
        (
            EventField::Cookies,
            json!(recorder.find_secrets(&in_cookies)),
        ),
        (EventField::Duplicates, json!(repeated_parameters(request))),
        (EventField::ContentType, json!(http.content_type())),
        (
            EventField::ProtocolVersion,
            json!(http.header("mcp-protocol-version")),
        ),
        (EventField::Header, Json::Object(headers.collect())),
    ])
}

/// The secrets that a request carries.
struct Carried<'a>(Vec<&'a Secret>);

impl<'a> Carried<'a> {
    fn find(recorder: &'a Recorder, haystack: &Haystack) -> Self {
        let secrets = recorder.secrets().iter();
        Self(secrets.filter(|s| haystack.contains(&s.value)).collect())
    }

    fn tags(&self) -> Vec<String> {
        self.0.iter().map(|secret| secret.tag()).collect()
    }

    fn tags_in(&self, haystack: &Haystack) -> Vec<String> {
        let found = self.0.iter().filter(|s| haystack.contains(&s.value));
        found.map(|secret| secret.tag()).collect()
    }

    /// Tags of the secrets that this party may not see.
    fn foreign_to(&self, party: &str) -> Vec<String> {
        let may_see = |secret: &&&Secret| secret.audience.iter().any(|name| name == party);
        let foreign = self.0.iter().filter(|secret| !may_see(secret));
        foreign.map(|secret| secret.tag()).collect()
    }
}

/// Parameters that occur more than once, in the query or in the form, although OAuth 2.1 forbids
/// it.
fn repeated_parameters(request: &ReceivedRequest<'_>) -> BTreeSet<&'static str> {
    let form = if request.is_form() {
        request.http.form_parameters()
    } else {
        Parameters::default()
    };
    let query = request.http.query_parameters();
    let in_query = query.forbidden_repetitions();
    in_query.chain(form.forbidden_repetitions()).collect()
}

/// The scheme as specifications write it, whatever case it was sent in.
fn canonical_scheme(scheme: &str) -> String {
    let known = ["Bearer", "Basic", "DPoP"];
    let canonical = known.into_iter().find(|s| s.eq_ignore_ascii_case(scheme));
    canonical.unwrap_or(scheme).to_owned()
}
