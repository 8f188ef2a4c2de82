//! Fields of authorization requests.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::super::authorization_server::client::{ClientKind, RegisteredClient};
use super::super::authorization_server::client_id::url_parts;
use super::super::client_view::ClientView;
use super::super::http_request::{Parameters, ReceivedRequest};
use super::super::pkce::s256_challenge;
use super::super::recorder::Recorder;
use super::super::redirect_uri::redirect_uri_kind;
use super::super::sender::sender_word;
use super::fields::{fields, oauth_fields};
use crate::scenario::model::{EventField, EventKind, LoopbackPorts};
use crate::transcript::{Event, EventFields, Haystack};

/// Fields of an authorization request at `party` beyond those of every request. `client`: the
/// client that it names, in the client's view.
pub(crate) fn authorization_fields(
    party: &str,
    client: Option<&RegisteredClient>,
    request: &ReceivedRequest<'_>,
    recorder: &Recorder,
    view: &ClientView,
) -> EventFields {
    let parameters = &request.parameters;
    let client_id = parameters.get("client_id");
    let redirect_uri = parameters.get("redirect_uri");
    let resource = parameters.get("resource");
    let resources = parameters.all_filled("resource");
    let kind = match client {
        Some(client) => client.kind,
        None => ClientKind::of_unknown(client_id.unwrap_or_default()),
    };
    let mut out = oauth_fields(parameters);
    out.extend(fields([
        (
            EventField::RedirectKind,
            json!(redirect_uri.map(redirect_uri_kind)),
        ),
        (
            EventField::RedirectKnown,
            json!(is_redirect_known(client, redirect_uri)),
        ),
        (EventField::ClientIdHas, json!(client_id.map(url_parts))),
        (
            EventField::RedirectListed,
            json!(redirect_listed(client, redirect_uri)),
        ),
        (
            EventField::RedirectUrisRegistered,
            json!(redirect_uris_registered(client)),
        ),
        (
            EventField::RedirectSchemeHasDomain,
            json!(redirect_uri.map(scheme_has_domain)),
        ),
        (EventField::ClientKind, json!(kind)),
        (
            EventField::ResourceIs,
            json!(view.word_of_resources(resources)),
        ),
        (EventField::ResourceKnown, json!(view.knows_a_resource())),
        (
            EventField::ResourceSlashAdded,
            json!(view.is_slash_added(resource)),
        ),
        (EventField::Query, json!(values_by_name(parameters))),
        (EventField::StateReveals, json!(state_reveals(parameters))),
        (
            EventField::LoadedBefore,
            json!(is_loaded_before(party, request, recorder)),
        ),
    ]));
    out
}

fn values_by_name(parameters: &Parameters) -> BTreeMap<&str, Vec<&str>> {
    let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in &parameters.0 {
        values.entry(name).or_default().push(value);
    }
    values
}

fn is_redirect_known(client: Option<&RegisteredClient>, uri: Option<&str>) -> bool {
    match (client, uri) {
        (Some(client), Some(uri)) => client.allows_redirect_uri(uri, LoopbackPorts::Any),
        _ => true,
    }
}

/// Whether the client's metadata document lists the redirect URI, as far as there is such a
/// document.
fn redirect_listed(client: Option<&RegisteredClient>, uri: Option<&str>) -> &'static str {
    let document = client.filter(|c| c.kind == ClientKind::Cimd && c.redirect_uris.is_some());
    match (document, uri) {
        (Some(client), Some(uri)) if client.allows_redirect_uri(uri, LoopbackPorts::Any) => {
            "listed"
        }
        (Some(_), Some(_)) => "not-listed",
        _ => "unknown",
    }
}

fn redirect_uris_registered(client: Option<&RegisteredClient>) -> &'static str {
    match client.and_then(|c| c.redirect_uris.as_deref()) {
        None | Some([]) => "unknown",
        Some([_]) => "one",
        Some(_) => "several",
    }
}

fn scheme_has_domain(uri: &str) -> bool {
    let scheme = uri.split(':').next();
    scheme.is_some_and(|scheme| scheme.contains('.'))
}

/// Whether `state` shows the code verifier to whoever looks inside.
fn state_reveals(parameters: &Parameters) -> &'static str {
    let (Some(state), Some(challenge)) =
        (parameters.get("state"), parameters.get("code_challenge"))
    else {
        return "nothing";
    };
    let unreserved = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
    let is_verifier = |word: &str| {
        (43..=128).contains(&word.len())
            && (s256_challenge(word) == challenge || word == challenge && state != challenge)
    };
    let has_verifier = |form: &str| form.split(|c: char| !unreserved(c)).any(is_verifier);
    if Haystack::new([state]).any(has_verifier) {
        "a-secret"
    } else {
        "nothing"
    }
}

/// Whether this very address was loaded before, and by the other one of client and browser only:
/// one authorization request, repeated.
fn is_loaded_before(party: &str, request: &ReceivedRequest<'_>, recorder: &Recorder) -> bool {
    let target = split_target(&request.http.target);
    let is_same = |event: &&Event| {
        let sent = event.fields.get(EventField::Target).and_then(Json::as_str);
        event.kind == EventKind::AuthorizationRequest
            && event.party.as_deref() == Some(party)
            && sent.map(split_target).as_ref() == Some(&target)
    };
    let sender = json!(sender_word(request.actor));
    let earlier = recorder.events().iter().filter(is_same);
    let mut by_the_other = earlier
        .map(|event| event.fields.get(EventField::By) != Some(&sender))
        .peekable();
    by_the_other.peek().is_some() && by_the_other.all(|by_the_other| by_the_other)
}

/// Path and parameters of a request target. Client and browser need not spell a space alike.
fn split_target(target: &str) -> (String, Vec<(String, String)>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parameters = url::form_urlencoded::parse(query.as_bytes()).into_owned();
    (path.to_owned(), parameters.collect())
}
