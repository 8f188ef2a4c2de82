//! Fields of registration requests.

use serde_json::json;

use super::super::authorization_server::client::read_redirect_uris;
use super::super::authorization_server::register::read_registration;
use super::super::http_request::HttpRequest;
use super::super::redirect_uri::redirect_uri_kind;
use super::fields::fields;
use crate::scenario::model::EventField;
use crate::transcript::EventFields;

/// Members of a registration request that events have as fields.
const MEMBERS: &[EventField] = &[
    EventField::ClientId,
    EventField::ClientName,
    EventField::RedirectUris,
    EventField::GrantTypes,
    EventField::ResponseTypes,
    EventField::Scope,
    EventField::TokenEndpointAuthMethod,
    EventField::ApplicationType,
    EventField::Jwks,
    EventField::JwksUri,
    EventField::DpopBoundAccessTokens,
];

/// Fields of a registration request beyond those of every request.
pub(crate) fn registration_fields(request: &HttpRequest) -> EventFields {
    let Some(body) = read_registration(request) else {
        return fields([(EventField::BodyKind, json!("other"))]);
    };
    let uris = read_redirect_uris(&body);
    let kinds: Vec<&str> = uris.iter().map(|uri| redirect_uri_kind(uri)).collect();
    let mut out = fields([
        (EventField::BodyKind, json!("json-object")),
        (EventField::RedirectKinds, json!(kinds)),
    ]);
    let members = MEMBERS
        .iter()
        .filter_map(|field| Some((*field, body.get(field.as_str())?.clone())));
    out.extend(members);
    out
}
