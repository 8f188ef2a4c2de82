//! What the client did last, what a server answered, and why.

use crate::report::model::redactor::Redactor;
use crate::transcript::{Actor, Exchange, Transcript};

/// The last request of the client, if a server refused it, with the server's reason: for example
/// `the last request, POST {mcp.url}, was answered 400: Mcp-Session-Id is missing`.
pub(crate) fn last_refusal(transcript: &Transcript) -> Option<String> {
    let requests = transcript.exchanges.iter();
    let last = requests.rev().find(|exchange| is_telling(exchange))?;
    let status = last.status.filter(|status| *status >= 400)?;
    let redactor = Redactor::new(transcript);
    let path = last.target.split('?').next().unwrap_or_default();
    let place = redactor.path(last.party.as_deref(), path);
    let reason = match last.note.as_str() {
        "" => String::new(),
        note => format!(": {}", redactor.text(note)),
    };
    let method = &last.method;
    Some(format!(
        "the last request, {method} {place}, was answered {status}{reason}"
    ))
}

/// Whether the answer can be what stopped the client. Every client meets a 401 before it has a
/// token, and a 405 where it asks for a stream or ends a session.
fn is_telling(exchange: &Exchange) -> bool {
    let is_clients = matches!(exchange.actor, Actor::Client | Actor::UserAgent);
    let has_token = exchange
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let is_first_401 = exchange.status == Some(401) && !has_token;
    is_clients && exchange.party.is_some() && !is_first_401 && exchange.status != Some(405)
}
