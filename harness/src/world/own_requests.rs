//! The client's own authorization requests, and which of them a code or a token request belongs to
//! in the client's view.
//!
//! The code that a response brings can have been issued for another request, if a server relayed
//! the browser or if responses were exchanged on their way. The client takes it for the answer to
//! the request whose `state` comes with it.

use std::collections::BTreeMap;

use super::http_request::Parameters;
use super::pkce::s256_challenge;
use crate::scenario::model::{EventField, EventKind};
use crate::transcript::Event;

/// The authorization requests that codes belong to in the client's view.
#[derive(Debug, Default)]
pub(crate) struct OwnRequests {
    /// By code: the index of the event of the request.
    by_code: BTreeMap<String, usize>,
}

impl OwnRequests {
    /// Notes that a response with these parameters is on its way to the client's `redirect_uri`.
    /// Returns the index of the request that the client takes it for an answer to.
    pub(crate) fn note_response(
        &mut self,
        events: &[Event],
        redirect_uri: &str,
        response: &Parameters,
    ) -> Option<usize> {
        let state = response.filled("state");
        let is_answered = |event: &Event| {
            let fields = &event.fields;
            event.kind == EventKind::AuthorizationRequest
                && match state {
                    Some(state) => fields.text(EventField::State) == state,
                    None => fields.text(EventField::RedirectUri) == redirect_uri,
                }
        };
        let request = events.iter().rposition(is_answered)?;
        if let Some(code) = response.filled("code") {
            self.by_code.insert(code.to_owned(), request);
        }
        Some(request)
    }

    /// The authorization request that a token request belongs to: the one with the challenge of its
    /// code verifier; of several with the same challenge, or without one, the one that its code
    /// came in answer to.
    pub(crate) fn find<'e>(
        &self,
        events: &'e [Event],
        token_request: &Parameters,
    ) -> Option<&'e Event> {
        let code = token_request.filled("code");
        let by_code = code.and_then(|code| events.get(*self.by_code.get(code)?));
        let Some(verifier) = token_request.filled("code_verifier") else {
            return by_code;
        };
        let challenge = s256_challenge(verifier);
        let is_challenged = |event: &&Event| {
            let sent = event.fields.text(EventField::CodeChallenge);
            event.kind == EventKind::AuthorizationRequest && (sent == challenge || sent == verifier)
        };
        by_code
            .filter(is_challenged)
            .or_else(|| events.iter().rfind(is_challenged))
            .or(by_code)
    }
}
