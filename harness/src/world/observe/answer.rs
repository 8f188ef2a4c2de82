//! Fields of answers. What depends on the request is known before it is answered; the rest is read
//! from the answer as it is sent, deviations included.

use serde_json::{Value as Json, json};

use super::super::draft::{Content, Draft};
use super::super::http_request::{Parameters, ReceivedRequest};
use super::super::mcp_server::rpc::RpcMessage;
use super::super::route::Endpoint;
use super::fields::{fields, oauth_fields};
use crate::scenario::model::{EventField, EventKind, Message};
use crate::transcript::EventFields;

/// The event of an answer and its fields. `asked`: what the client means by the request.
pub(crate) fn answer_event(
    message: Message,
    endpoint: Endpoint,
    asked: EventKind,
    request: &ReceivedRequest<'_>,
    draft: &Draft,
) -> (EventKind, EventFields) {
    match event_in_clients_view(asked) {
        Some(EventKind::AuthorizationResponse) if asked != endpoint.request_kind() => {
            (EventKind::AuthorizationResponse, EventFields::default())
        }
        Some(kind) if asked != endpoint.request_kind() => {
            let status = (EventField::Status, json!(draft.status));
            (kind, fields([status]))
        }
        _ => event_of_message(message, endpoint, request, draft),
    }
}

fn event_of_message(
    message: Message,
    endpoint: Endpoint,
    request: &ReceivedRequest<'_>,
    draft: &Draft,
) -> (EventKind, EventFields) {
    let status = (EventField::Status, json!(draft.status));
    let location = (EventField::Location, json!(endpoint.place()));
    let member = |field: EventField| (field, json!(draft.member(field.as_str())));
    match message {
        Message::Metadata => (EventKind::Metadata, fields([status, location])),
        Message::Prm => {
            let servers = (EventField::AuthorizationServers, listed_servers(draft));
            (EventKind::Prm, fields([status, location, servers]))
        }
        Message::RegistrationResponse => (
            EventKind::RegistrationResponse,
            fields([status, member(EventField::Error)]),
        ),
        Message::TokenResponse => {
            let grant_type = json!(request.parameters.get("grant_type"));
            let event = fields([
                status,
                member(EventField::Error),
                (EventField::GrantType, grant_type),
            ]);
            (EventKind::TokenResponse, event)
        }
        Message::AuthorizationResponse => (
            EventKind::AuthorizationResponse,
            authorization_response_fields(draft),
        ),
        Message::Challenge => {
            let scheme = match draft.content {
                Content::Challenge { scheme, shown, .. } if shown => Some(scheme),
                _ => None,
            };
            let call = RpcMessage::read(request.http);
            let event = fields([
                status,
                (EventField::Scheme, json!(scheme)),
                member(EventField::Error),
                member(EventField::Scope),
                (EventField::Rpc, call.method_field()),
            ]);
            (EventKind::Challenge, event)
        }
        Message::McpResponse => {
            let call = RpcMessage::read(request.http);
            let event = fields([
                status,
                (EventField::Rpc, call.method_field()),
                (EventField::Tool, json!(call.tool())),
            ]);
            (EventKind::McpResponse, event)
        }
    }
}

/// The authorization servers that a protected resource metadata document lists.
fn listed_servers(draft: &Draft) -> Json {
    match &draft.content {
        Content::Json(members) => {
            let servers = members.get("authorization_servers");
            servers.cloned().unwrap_or_default()
        }
        _ => Json::Null,
    }
}

/// The event of an answer that the endpoint gives to a request for something else.
fn event_in_clients_view(asked: EventKind) -> Option<EventKind> {
    Some(match asked {
        EventKind::PrmRequest => EventKind::Prm,
        EventKind::MetadataRequest => EventKind::Metadata,
        EventKind::RegistrationRequest => EventKind::RegistrationResponse,
        EventKind::AuthorizationRequest => EventKind::AuthorizationResponse,
        EventKind::TokenRequest => EventKind::TokenResponse,
        EventKind::McpRequest => EventKind::McpResponse,
        _ => return None,
    })
}

fn authorization_response_fields(draft: &Draft) -> EventFields {
    match &draft.content {
        Content::Redirect { parameters, .. } => {
            let sent = parameters.iter();
            let sent = sent.map(|p| (p.name.clone(), p.value.clone()));
            oauth_fields(&Parameters(sent.collect()))
        }
        _ => EventFields::default(),
    }
}
