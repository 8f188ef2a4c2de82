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

/// The event of an answer and its fields.
pub(crate) fn answer_event(
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
            let shown = matches!(draft.content, Content::Challenge { shown: true, .. });
            let call = RpcMessage::read(request.http);
            let event = fields([
                status,
                (EventField::Scheme, json!(shown.then_some("Bearer"))),
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
        Content::Json(members) => members["authorization_servers"].clone(),
        _ => Json::Null,
    }
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
