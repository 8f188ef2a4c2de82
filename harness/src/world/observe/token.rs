//! Fields of token requests.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

use super::super::authorization_server::client::{ClientKind, RegisteredClient};
use super::super::authorization_server::role::AuthorizationServerRole;
use super::super::client_view::ClientView;
use super::super::http_request::{Parameters, ReceivedRequest, decode_form_value};
use super::super::issued_grants::IssuedGrants;
use super::super::pkce::s256_challenge;
use super::super::recorder::Recorder;
use super::super::sender::sender_word;
use super::dpop::proof_fields;
use super::fields::{fields, oauth_fields};
use crate::scenario::model::{EventField, EventKind};
use crate::transcript::{Event, EventFields};

/// Fields of a token request beyond those of every request. They are about the client's request,
/// whichever party it sends it to. `server`: that party, if it is an authorization server;
/// `find_client`: the client with an ID, in the client's view.
pub(crate) fn token_fields(
    server: Option<&AuthorizationServerRole>,
    find_client: impl Fn(&str) -> Option<RegisteredClient>,
    request: &ReceivedRequest<'_>,
    recorder: &Recorder,
    view: &ClientView,
    issued: &IssuedGrants,
) -> EventFields {
    let parameters = &request.parameters;
    let code = parameters.get("code").and_then(|c| issued.codes.get(c));
    let refresh_token_is = refresh_token_word(server, parameters, issued);
    let own_request = view.requests.find(recorder.events(), parameters);
    let redeems_code = parameters.get("grant_type") == Some("authorization_code");
    let basic = request.http.basic_credentials();
    let client = named_client_id(parameters, basic.as_ref());
    let client = client.and_then(|id| find_client(&id));
    let kind = client.as_ref().map_or(ClientKind::Unknown, |c| c.kind);
    let resources = parameters.all_filled("resource");
    let encoding = basic.and_then(|(id, secret)| basic_encoding(find_client, &id, &secret));
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
            json!(redirect_uri_word(parameters, own_request)),
        ),
        (EventField::RefreshTokenIs, json!(refresh_token_is)),
        (
            EventField::ResourceIs,
            json!(view.word_of_resources(resources)),
        ),
        (
            EventField::ResourceAsAuthorized,
            json!(resource_as_authorized(parameters, own_request, issued)),
        ),
        (EventField::ResourceKnown, json!(view.knows_a_resource())),
        (EventField::ClientKind, json!(kind)),
        (
            EventField::DeclaredAuth,
            json!(client.and_then(|c| c.auth_method)),
        ),
        (
            EventField::CodeBy,
            json!(code.map(|c| sender_word(c.requested_by))),
        ),
    ]));
    out.extend(presented_token_fields(server, request, recorder));
    out
}

/// Fields of the JWTs that a token request presents: assertions, subject token and proof.
fn presented_token_fields(
    server: Option<&AuthorizationServerRole>,
    request: &ReceivedRequest<'_>,
    recorder: &Recorder,
) -> EventFields {
    let parameters = &request.parameters;
    let assertion = parameters.get("client_assertion").map(assertion_fields);
    let grant_assertion = parameters.get("assertion").map(assertion_fields);
    fields([
        (EventField::Assertion, assertion.unwrap_or_default()),
        (
            EventField::ClientIdIsSubject,
            json!(is_client_id_subject(parameters)),
        ),
        (
            EventField::GrantAssertion,
            json!(jwt_word(parameters.filled("assertion"), recorder)),
        ),
        (
            EventField::GrantAssertionClaims,
            grant_assertion.unwrap_or_default(),
        ),
        (
            EventField::SubjectTokenIs,
            json!(jwt_word(parameters.filled("subject_token"), recorder)),
        ),
        (EventField::Dpop, token_proof_fields(server, request)),
    ])
}

/// What the proof of a token request says.
fn token_proof_fields(
    server: Option<&AuthorizationServerRole>,
    request: &ReceivedRequest<'_>,
) -> Json {
    let url = server.map_or("", |server| server.addresses.token_endpoint.as_str());
    let refresh_token = request.parameters.get("refresh_token");
    let bound_to = refresh_token.and_then(|token| server?.key_of_refresh_token(token));
    proof_fields(request.http, url, bound_to)
}

fn refresh_token_word(
    server: Option<&AuthorizationServerRole>,
    parameters: &Parameters,
    issued: &IssuedGrants,
) -> &'static str {
    match (parameters.get("refresh_token"), server) {
        (Some(token), Some(server)) => server.refresh_token_word(token, issued),
        (Some(token), None) if issued.refresh_tokens.contains_key(token) => "anothers",
        (Some(_), None) => "unknown",
        (None, _) => "absent",
    }
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

fn redirect_uri_word(parameters: &Parameters, own_request: Option<&Event>) -> &'static str {
    let authorized = own_request.map(|request| request.fields.text(EventField::RedirectUri));
    match (parameters.filled("redirect_uri"), authorized) {
        (None, _) => "absent",
        (Some(uri), Some(before)) if !before.is_empty() && before != uri => "different",
        _ => "same",
    }
}

fn resource_as_authorized(
    parameters: &Parameters,
    own_request: Option<&Event>,
    issued: &IssuedGrants,
) -> &'static str {
    let resources: Vec<&str> = parameters.all_filled("resource").collect();
    let authorized = match own_request {
        Some(request) => resources_of(request),
        None => {
            let token = parameters.get("refresh_token");
            let token = token.and_then(|token| issued.refresh_tokens.get(token));
            let resource = token.and_then(|token| token.requested_resource.as_deref());
            resource.into_iter().collect()
        }
    };
    match () {
        () if resources.is_empty() => "absent",
        () if authorized.is_empty() => "same",
        () if resources
            .iter()
            .any(|resource| authorized.contains(resource)) =>
        {
            "same"
        }
        () => "different",
    }
}

/// All `resource` values of an authorization request that are not empty.
fn resources_of(request: &Event) -> Vec<&str> {
    let query = request.fields.get(EventField::Query);
    let values = query.and_then(|query| query["resource"].as_array());
    let values = values.into_iter().flatten().filter_map(Json::as_str);
    values.filter(|value| !value.is_empty()).collect()
}

/// How ID and secret were encoded inside Basic: as RFC 6749 section 2.3.1 says, or raw.
fn basic_encoding(
    find_client: impl Fn(&str) -> Option<RegisteredClient>,
    id: &str,
    secret: &str,
) -> Option<&'static str> {
    let client = find_client(&decode_form_value(id)).or_else(|| find_client(id))?;
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
        members.retain(|name, _| ["iss", "sub", "aud", "exp", "jti"].contains(&name.as_str()));
        let algorithm = header.get("alg").cloned().unwrap_or_default();
        members.insert("alg".to_owned(), algorithm);
    }
    claims
}

/// What a token that the client presents is. One that was handed to the client, or issued to it, is
/// recognized only if it is sent as it was made.
fn jwt_word(presented: Option<&str>, recorder: &Recorder) -> &'static str {
    let Some(presented) = presented else {
        return "absent";
    };
    let mut secrets = recorder.secrets().iter();
    let secret = secrets.find(|secret| secret.value == presented);
    let kind = secret.and_then(|secret| secret.name.split_once('.'));
    match kind.map(|(_, kind)| kind) {
        Some("workload_jwt" | "workload_file_jwt") => "workload-jwt",
        Some("wrong_audience_jwt") => "wrong-audience-jwt",
        Some("expired_jwt") => "expired-jwt",
        Some("id_jag") => "id-jag",
        Some("id_token") => "id-token",
        Some("access_token") => "access-token",
        Some("refresh_token") => "refresh-token",
        _ => "other",
    }
}

/// Whether `client_id`, where it is sent, names the client that the assertion is about.
fn is_client_id_subject(parameters: &Parameters) -> Option<bool> {
    let claims = assertion_fields(parameters.filled("client_assertion")?);
    let subject = claims.get("sub").and_then(Json::as_str);
    let client_id = parameters.filled("client_id");
    Some(client_id.is_none_or(|id| Some(id) == subject))
}
