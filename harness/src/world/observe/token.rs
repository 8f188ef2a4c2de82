//! Fields of token requests.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

use super::super::authorization_server::client::ClientKind;
use super::super::authorization_server::role::AuthorizationServerRole;
use super::super::client_view::ClientView;
use super::super::http_request::{Parameters, ReceivedRequest, decode_form_value};
use super::super::issued_grants::{IssuedCode, IssuedGrants};
use super::super::pkce::s256_challenge;
use super::super::recorder::Recorder;
use super::super::sender::sender_word;
use super::fields::{fields, oauth_fields};
use crate::scenario::model::{EventField, EventKind};
use crate::transcript::EventFields;

/// Fields of a token request beyond those of every request. They are about the client's request,
/// whichever server it sends it to.
pub(crate) fn token_fields(
    server: &AuthorizationServerRole,
    request: &ReceivedRequest<'_>,
    recorder: &Recorder,
    view: &ClientView,
    issued: &IssuedGrants,
) -> EventFields {
    let parameters = &request.parameters;
    let code = parameters.get("code").and_then(|c| issued.codes.get(c));
    let refresh_token = parameters.get("refresh_token");
    let refresh_token_is = match refresh_token {
        Some(token) => server.refresh_token_word(token, issued),
        None => "absent",
    };
    let redeems_code = parameters.get("grant_type") == Some("authorization_code");
    let basic = request.http.basic_credentials();
    let client = named_client_id(parameters, basic.as_ref());
    let client = client.and_then(|id| server.find_client(&id));
    let kind = client.as_ref().map_or(ClientKind::Unknown, |c| c.kind);
    let resources = parameters.all_filled("resource");
    let encoding = basic.and_then(|(id, secret)| basic_encoding(server, &id, &secret));
    let assertion = parameters.get("client_assertion").map(assertion_fields);
    let mut out = oauth_fields(parameters);
    out.extend(fields([
        (EventField::ClientAuth, json!(client_auth(request))),
        (EventField::BasicEncoding, json!(encoding)),
        (
            EventField::Pkce,
            json!(redeems_code.then(|| pkce_word(parameters, recorder))),
        ),
        (
            EventField::RedirectUriIs,
            json!(redirect_uri_word(parameters, code)),
        ),
        (EventField::RefreshTokenIs, json!(refresh_token_is)),
        (
            EventField::ResourceIs,
            json!(view.word_of_resources(resources)),
        ),
        (
            EventField::ResourceAsAuthorized,
            json!(resource_as_authorized(parameters, code, issued)),
        ),
        (EventField::ResourceKnown, json!(view.knows_a_resource())),
        (EventField::ClientKind, json!(kind)),
        (
            EventField::DeclaredAuth,
            json!(client.and_then(|c| c.auth_method)),
        ),
        (
            EventField::ClientIdIsSubject,
            json!(is_client_id_subject(parameters)),
        ),
        (
            EventField::CodeBy,
            json!(code.map(|c| sender_word(c.requested_by))),
        ),
        (EventField::Assertion, assertion.unwrap_or_default()),
    ]));
    out
}

/// The client ID that the request names, in its parameters or in HTTP Basic.
fn named_client_id(parameters: &Parameters, basic: Option<&(String, String)>) -> Option<String> {
    match (parameters.get("client_id"), basic) {
        (Some(id), _) => Some(id.to_owned()),
        (None, Some((id, _))) => Some(decode_form_value(id)),
        (None, None) => None,
    }
}

/// Whether the code verifier matches a challenge that the client sent. A verifier of another
/// request of the client's own is a mix-up of responses, not of PKCE.
fn pkce_word(parameters: &Parameters, recorder: &Recorder) -> &'static str {
    let Some(verifier) = parameters.filled("code_verifier") else {
        return "absent";
    };
    let challenge = json!(s256_challenge(verifier));
    let mut events = recorder.events().iter();
    let was_sent = events.any(|event| {
        event.kind == EventKind::AuthorizationRequest
            && event.fields.get(EventField::CodeChallenge) == Some(&challenge)
    });
    if was_sent { "matches" } else { "differs" }
}

fn redirect_uri_word(parameters: &Parameters, code: Option<&IssuedCode>) -> &'static str {
    match (parameters.filled("redirect_uri"), code) {
        (None, _) => "absent",
        (Some(uri), Some(code)) if code.redirect_uri != uri => "different",
        _ => "same",
    }
}

fn resource_as_authorized(
    parameters: &Parameters,
    code: Option<&IssuedCode>,
    issued: &IssuedGrants,
) -> &'static str {
    let by_code = code.map(|code| code.requested_resource.as_deref());
    let authorized = by_code.or_else(|| {
        let token = issued
            .refresh_tokens
            .get(parameters.get("refresh_token")?)?;
        Some(token.requested_resource.as_deref())
    });
    let resources: Vec<&str> = parameters.all_filled("resource").collect();
    match authorized {
        _ if resources.is_empty() => "absent",
        Some(Some(before)) if !resources.contains(&before) => "different",
        _ => "same",
    }
}

/// How ID and secret were encoded inside Basic: as RFC 6749 section 2.3.1 says, or raw.
fn basic_encoding(
    server: &AuthorizationServerRole,
    id: &str,
    secret: &str,
) -> Option<&'static str> {
    let client = server
        .find_client(&decode_form_value(id))
        .or_else(|| server.find_client(id))?;
    let expected = client.secret.unwrap_or_default();
    let encoded: String = url::form_urlencoded::byte_serialize(expected.as_bytes()).collect();
    let decodes = decode_form_value(id) == client.id && decode_form_value(secret) == expected;
    let is_encoded = secret != expected || encoded == expected;
    Some(if decodes && is_encoded {
        "form"
    } else if id == client.id && secret == expected {
        "raw"
    } else {
        "other"
    })
}

/// How the client authenticates itself at the token endpoint.
fn client_auth(request: &ReceivedRequest<'_>) -> &'static str {
    let basic = request.http.basic_credentials().is_some();
    let post = request.parameters.filled("client_secret").is_some();
    let assertion = request.parameters.filled("client_assertion").is_some();
    match (basic, post, assertion) {
        (false, false, false) => "none",
        (true, false, false) => "client_secret_basic",
        (false, true, false) => "client_secret_post",
        (false, false, true) => "private_key_jwt",
        _ => "several",
    }
}

/// The claims of a client assertion that scenarios talk about, and its algorithm. Nothing is
/// verified here.
fn assertion_fields(jwt: &str) -> Json {
    let decode_part = |n: usize| -> Option<Json> {
        let bytes = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(n)?).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    let header = decode_part(0).unwrap_or_default();
    let mut claims = decode_part(1).unwrap_or_default();
    if let Some(members) = claims.as_object_mut() {
        members.retain(|name, _| ["iss", "sub", "aud", "exp"].contains(&name.as_str()));
        let algorithm = header.get("alg").cloned().unwrap_or_default();
        members.insert("alg".to_owned(), algorithm);
    }
    claims
}

/// Whether `client_id`, where it is sent, names the client that the assertion is about.
fn is_client_id_subject(parameters: &Parameters) -> Option<bool> {
    let claims = assertion_fields(parameters.filled("client_assertion")?);
    let subject = claims.get("sub").and_then(Json::as_str);
    let client_id = parameters.filled("client_id");
    Some(client_id.is_none_or(|id| Some(id) == subject))
}
