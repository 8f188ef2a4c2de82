//! Whether the client could do what a check demands.
//!
//! A client that stops early has one fault, and the check that is about this fault shows it. What
//! lies behind it was not reached: a client that was never given a token does not fail the check
//! that it sends tokens unchanged.

use crate::scenario::model::{
    EventField, EventKind, EventName, FieldMatch, Matcher, Pattern, Revision, Value,
};
use crate::transcript::{Event, View};

/// The status of an answer that gives what was asked for.
const SUCCESS: std::ops::Range<u64> = 200..300;

/// Whether the client could bring about an event that fits the pattern: whether it was given what
/// that takes. `browserless`: its tokens come without an authorization request.
pub(super) fn had_occasion(pattern: &Pattern, view: View<'_>, browserless: bool) -> bool {
    let EventName::Kind { party, kind } = &pattern.event else {
        return true;
    };
    let run = Run { view };
    match kind {
        EventKind::PrmRequest | EventKind::Prm | EventKind::Challenge => {
            run.any(|event| is_first_contact(event.kind) && is_at(event, party.as_deref()))
        }
        EventKind::MetadataRequest | EventKind::Metadata => run.knows_issuer(),
        EventKind::RegistrationRequest
        | EventKind::RegistrationResponse
        | EventKind::AuthorizationRequest
        | EventKind::AuthorizationResponse => run.knows_endpoints(),
        EventKind::TokenRequest | EventKind::TokenResponse => {
            if is_about_refresh(&pattern.filter) {
                run.was_issued("refresh_token")
            } else if browserless {
                run.knows_endpoints()
            } else {
                run.received_code() || run.any(|event| event.kind == EventKind::TokenRequest)
            }
        }
        EventKind::CallAccepted | EventKind::McpResponse => run.was_issued("access_token"),
        EventKind::ToolCalled => {
            run.was_issued("access_token")
                && run.any(|event| {
                    event.fields.text(EventField::Rpc) == "tools/call"
                        && is_at(event, party.as_deref())
                })
        }
        _ => true,
    }
}

/// Whether an event of this kind shows that the client has turned to an MCP server.
fn is_first_contact(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::McpRequest | EventKind::Challenge | EventKind::PrmRequest
    )
}

fn is_at(event: &Event, party: Option<&str>) -> bool {
    party.is_none_or(|party| event.party.as_deref() == Some(party))
}

/// Whether the pattern is about token requests that use a refresh token.
fn is_about_refresh(filter: &[FieldMatch]) -> bool {
    filter.iter().any(|field| match field.field {
        EventField::RefreshToken => true,
        EventField::GrantType => field.matchers.iter().any(|matcher| {
            matches!(matcher, Matcher::Equals(Value::Text(text))
                if text.literal() == Some("refresh_token"))
        }),
        _ => false,
    })
}

/// What a run has given to the client.
#[derive(Clone, Copy)]
struct Run<'a> {
    view: View<'a>,
}

impl Run<'_> {
    fn any(self, test: impl Fn(&Event) -> bool) -> bool {
        self.view.events.iter().any(test)
    }

    /// Whether an answer of this kind gave the client what it asked for.
    fn was_answered(self, kind: EventKind) -> bool {
        self.any(|event| {
            let status = event.fields.get(EventField::Status);
            let status = status.and_then(serde_json::Value::as_u64);
            event.kind == kind
                && event.delivered
                && status.is_none_or(|status| SUCCESS.contains(&status))
        })
    }

    /// Whether the client can know its authorization server. In revision 2025-03-26 that is the MCP
    /// server's host.
    fn knows_issuer(self) -> bool {
        self.was_answered(EventKind::Prm) || self.is_march()
    }

    fn knows_endpoints(self) -> bool {
        self.was_answered(EventKind::Metadata) || self.is_march()
    }

    fn is_march(self) -> bool {
        self.view.header.revision == Some(Revision::March2025)
            && self.any(|event| event.kind == EventKind::McpRequest)
    }

    /// Whether the client received a code, or would have received one if it had not stopped to
    /// listen after a forged response.
    fn received_code(self) -> bool {
        let is_forged = |event: &Event| event.fields.get(EventField::Copy).is_some();
        let met_forged_one = self.any_response(|event| event.delivered && is_forged(event));
        self.any_response(|event| {
            event.fields.get(EventField::Error).is_none()
                && (event.delivered || met_forged_one && !is_forged(event))
        })
    }

    fn any_response(self, test: impl Fn(&Event) -> bool) -> bool {
        self.any(|event| event.kind == EventKind::AuthorizationResponse && test(event))
    }

    /// Whether the client received a secret of this kind.
    fn was_issued(self, kind: &str) -> bool {
        let mut secrets = self.view.secrets.iter();
        secrets.any(|secret| {
            let response = self.view.events.get(secret.event);
            secret.name.rsplit('.').next() == Some(kind)
                && response.is_some_and(|response| response.delivered)
        })
    }
}
