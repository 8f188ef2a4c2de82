//! The names of events in sentences: "token request to `as`" for `as.token-request`.

use crate::scenario::model::{EventKind, EventName};

/// What happened, as a sentence names one of them: ``token request to `as` ``.
pub(crate) fn event_phrase(event: &EventName) -> String {
    phrase(event, Number::One)
}

/// The same for several: ``token requests to `as` ``.
pub(crate) fn events_phrase(event: &EventName) -> String {
    phrase(event, Number::Several)
}

/// The phrase after its indefinite article: `an authorization request`.
pub(crate) fn with_article(phrase: &str) -> String {
    let takes_an = phrase.starts_with(['a', 'e', 'i', 'o']) || phrase.starts_with("MCP");
    format!("{} {phrase}", if takes_an { "an" } else { "a" })
}

/// An event of this kind, at a party if it is named.
pub(crate) fn event_at_party(kind: EventKind, party: Option<&str>) -> String {
    phrase_of_kind(kind, party, Number::One)
}

#[derive(Clone, Copy, PartialEq)]
enum Number {
    One,
    Several,
}

fn phrase(event: &EventName, number: Number) -> String {
    match event {
        EventName::Kind { party, kind } => phrase_of_kind(*kind, party.as_deref(), number),
        EventName::Delivered(name) if number == Number::One => {
            format!("delivery of the deviation `{name}`")
        }
        EventName::Delivered(name) => format!("deliveries of the deviation `{name}`"),
    }
}

fn phrase_of_kind(kind: EventKind, party: Option<&str>, number: Number) -> String {
    let EventWords {
        noun,
        nouns,
        detail,
        preposition,
    } = words(kind);
    let noun = if number == Number::One { noun } else { nouns };
    match party {
        Some(party) => format!("{noun}{detail} {preposition} `{party}`"),
        None => format!("{noun}{detail}"),
    }
}

/// How sentences speak of a kind of event.
struct EventWords {
    noun: &'static str,
    nouns: &'static str,
    /// What follows the noun: ` for protected resource metadata`.
    detail: &'static str,
    /// What leads from the event to its party.
    preposition: &'static str,
}

const fn new(
    noun: &'static str,
    nouns: &'static str,
    detail: &'static str,
    preposition: &'static str,
) -> EventWords {
    EventWords {
        noun,
        nouns,
        detail,
        preposition,
    }
}

// Long because it is a table with a line for each kind of event.
const fn words(kind: EventKind) -> EventWords {
    match kind {
        EventKind::Request => new("request", "requests", "", "to"),
        EventKind::Handshake => new("TLS handshake", "TLS handshakes", "", "with"),
        EventKind::PrmRequest => {
            let detail = " for protected resource metadata";
            new("request", "requests", detail, "to")
        }
        EventKind::MetadataRequest => {
            let detail = " for authorization server metadata";
            new("request", "requests", detail, "to")
        }
        EventKind::RegistrationRequest => {
            new("registration request", "registration requests", "", "to")
        }
        EventKind::AuthorizationRequest => {
            new("authorization request", "authorization requests", "", "to")
        }
        EventKind::TokenRequest => new("token request", "token requests", "", "to"),
        EventKind::McpRequest => new("MCP request", "MCP requests", "", "to"),
        EventKind::Prm => {
            let detail = " with protected resource metadata";
            new("document", "documents", detail, "from")
        }
        EventKind::Metadata => {
            let detail = " with authorization server metadata";
            new("document", "documents", detail, "from")
        }
        EventKind::Challenge => new("challenge", "challenges", "", "from"),
        EventKind::RegistrationResponse => new(
            "registration response",
            "registration responses",
            "",
            "from",
        ),
        EventKind::AuthorizationResponse => new(
            "authorization response",
            "authorization responses",
            "",
            "from",
        ),
        EventKind::TokenResponse => new("token response", "token responses", "", "from"),
        EventKind::McpResponse => new("MCP response", "MCP responses", "", "from"),
        EventKind::ClientDocument => {
            let nouns = "client ID metadata documents";
            new("client ID metadata document", nouns, "", "fetched by")
        }
        EventKind::BrowserOpen => new("opening", "openings", " of the browser", "at"),
        EventKind::CallbackPage => new("page", "pages", " after the redirect", "at"),
        EventKind::ClientStart => new("start", "starts", " of the client", "at"),
        EventKind::ClientFinished => new("end", "ends", " of the client's run", "at"),
        EventKind::Display => new("output", "outputs", " of the client", "at"),
        EventKind::File => new("file", "files", " left by the client", "at"),
        EventKind::Child => new("process", "processes", " started by the client", "at"),
        EventKind::Listening => new("listener", "listeners", " of the client", "at"),
        EventKind::ForeignName => new("look-up", "look-ups", " of a foreign name", "at"),
        EventKind::ModelAsked => new("message", "messages", " to the agent's model", "at"),
        EventKind::ModelCalled => new("call", "calls", " that the agent's model asked for", "at"),
        EventKind::CallAccepted => new("accepted MCP request", "accepted MCP requests", "", "to"),
        EventKind::ToolCalled => new("tool call", "tool calls", "", "to"),
        EventKind::AttackerGain => new("gain", "gains", " of an attacker", "at"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_read_as_words() {
        let requests = EventName::Kind {
            party: Some("mcp".to_owned()),
            kind: EventKind::PrmRequest,
        };
        assert_eq!(
            event_phrase(&requests),
            "request for protected resource metadata to `mcp`"
        );
        assert_eq!(
            events_phrase(&requests),
            "requests for protected resource metadata to `mcp`"
        );
        assert_eq!(with_article("MCP request"), "an MCP request");
        assert_eq!(with_article("token request"), "a token request");
    }
}
