//! Reads requests: the fields that scenarios talk about, computed once, here.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::authorization_server::{Client, ClientKind, parts_of_url};
use super::http::{HttpRequest, Parameters};
use super::state::State;
use crate::scenario::model::{EventField, EventKind};
use crate::transcript::{Actor, Event, Haystack};

/// The parameters of OAuth messages that events have as fields.
const OAUTH: &[&str] = &[
    "response_type",
    "client_id",
    "client_secret",
    "redirect_uri",
    "scope",
    "state",
    "resource",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "code",
    "iss",
    "error",
    "error_description",
    "error_uri",
    "grant_type",
    "refresh_token",
    "client_assertion",
    "client_assertion_type",
    "nonce",
    "audience",
    "subject_token",
    "subject_token_type",
    "requested_token_type",
    "request",
    "request_uri",
    "prompt",
    "response_mode",
    "foo",
];

/// Fields of one event.
pub(crate) type Fields = Map<String, Json>;

pub(crate) fn fields<const N: usize>(pairs: [(&str, Json); N]) -> Fields {
    pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()
}

/// Who sent a request, as scenarios call it.
fn by(actor: Actor) -> &'static str {
    if actor == Actor::Client {
        "client"
    } else {
        "user-agent"
    }
}

/// Path and parameters of a request target. Client and browser need not spell a space alike.
fn parts_of_target(target: &str) -> (String, Vec<(String, String)>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    (
        path.to_owned(),
        url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
    )
}

/// The OAuth parameters as fields; of several values the first.
pub(crate) fn oauth_fields(parameters: &Parameters) -> Fields {
    OAUTH
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), json!(parameters.get(name)?))))
        .collect()
}

impl State {
    /// Fields of every HTTP request.
    pub(crate) fn request_fields(
        &mut self,
        party: &str,
        known: bool,
        request: &HttpRequest,
    ) -> Fields {
        let query = request.query_parameters();
        let form = if request.content_type().as_deref() == Some("application/x-www-form-urlencoded")
        {
            request.form_parameters()
        } else {
            Parameters::default()
        };
        let header_values: Vec<&str> = request.headers.iter().map(|(_, v)| v.as_str()).collect();
        let everything = Haystack::new(
            header_values
                .iter()
                .copied()
                .chain([request.target.as_str(), request.body.as_str()]),
        );
        let in_query = Haystack::new([request.query()]);
        let in_body = Haystack::new([request.body.as_str()]);
        let cookies = Haystack::new(
            request
                .headers
                .iter()
                .filter(|(n, _)| n == "cookie")
                .map(|(_, v)| v.as_str()),
        );
        let carried: Vec<_> = self
            .secrets
            .iter()
            .filter(|s| everything.contains(&s.value))
            .collect();
        let foreign: Vec<String> = carried
            .iter()
            .filter(|s| !s.audience.iter().any(|a| a == party))
            .map(|s| s.tag())
            .collect();
        let mut query_carries: Vec<String> = carried
            .iter()
            .filter(|s| in_query.contains(&s.value))
            .map(|s| s.tag())
            .collect();
        query_carries.extend(
            query
                .filled("code_verifier")
                .map(|_| "code_verifier".to_owned()),
        );
        let duplicates: BTreeSet<String> = query
            .duplicates()
            .into_iter()
            .chain(form.duplicates())
            .filter(|n| OAUTH.contains(&n.as_str()))
            .collect();
        let bearer = request.bearer().map(str::to_owned);
        fields([
            ("method", json!(request.method)),
            ("path", json!(request.path())),
            ("target", json!(request.target)),
            ("known", json!(known)),
            ("by", json!(by(request.actor))),
            ("bearer", json!(bearer)),
            (
                "auth_scheme",
                json!(
                    request
                        .authorization()
                        .map(|(scheme, _)| canonical_scheme(scheme))
                ),
            ),
            (
                "carries",
                json!(carried.iter().map(|s| s.tag()).collect::<Vec<_>>()),
            ),
            ("foreign", json!(foreign)),
            ("query_carries", json!(query_carries)),
            (
                "body_carries",
                json!(
                    carried
                        .iter()
                        .filter(|s| in_body.contains(&s.value))
                        .map(|s| s.tag())
                        .collect::<Vec<_>>()
                ),
            ),
            (
                "cookies",
                json!(
                    self.secrets
                        .iter()
                        .filter(|s| cookies.contains(&s.value))
                        .map(|s| s.tag())
                        .collect::<Vec<_>>()
                ),
            ),
            ("duplicates", json!(duplicates)),
            ("content_type", json!(request.content_type())),
            (
                "protocol_version",
                json!(request.header("mcp-protocol-version")),
            ),
            (
                "header",
                Json::Object(
                    request
                        .headers
                        .iter()
                        .map(|(n, v)| (n.clone(), json!(v)))
                        .collect(),
                ),
            ),
        ])
    }

    /// Fields of an authorization request beyond the common ones.
    pub(crate) fn authorization_fields(
        &self,
        party: &str,
        request: &HttpRequest,
        parameters: &Parameters,
    ) -> Fields {
        let mut out = oauth_fields(parameters);
        let client = parameters
            .get("client_id")
            .and_then(|id| self.client(party, id));
        let redirect_uri = parameters.get("redirect_uri");
        out.extend(fields([
            ("redirect_kind", json!(redirect_uri.map(redirect_kind))),
            (
                "redirect_known",
                json!(redirect_uri.is_none_or(|uri| client.as_ref().is_none_or(|c| c.allows(uri)))),
            ),
            (
                "client_id_has",
                json!(parameters.get("client_id").map(parts_of_url)),
            ),
            (
                "redirect_listed",
                json!(redirect_listed(client.as_ref(), redirect_uri)),
            ),
            (
                "redirect_uris_registered",
                json!(redirect_uris_registered(client.as_ref())),
            ),
            (
                "redirect_scheme_has_domain",
                json!(redirect_uri.map(|uri| {
                    uri.split(':')
                        .next()
                        .is_some_and(|scheme| scheme.contains('.'))
                })),
            ),
            (
                "client_kind",
                json!(client.map_or_else(
                    || ClientKind::of_unknown(parameters.get("client_id").unwrap_or_default()),
                    |c| c.kind
                )),
            ),
            (
                "resource_is",
                json!(self.resource_word(parameters.get("resource"))),
            ),
            ("resource_known", json!(self.resource_known())),
            (
                "resource_slash_added",
                json!(self.resource_slash_added(parameters.get("resource"))),
            ),
            ("state_reveals", json!(state_reveals(parameters))),
            ("loaded_before", json!(self.loaded_before(party, request))),
        ]));
        out
    }

    /// Fields of a token request beyond the common ones. Answers with the code or refresh token's
    /// history where there is one.
    pub(crate) fn token_fields(
        &mut self,
        party: &str,
        request: &HttpRequest,
        parameters: &Parameters,
    ) -> Fields {
        let mut out = oauth_fields(parameters);
        let code = parameters
            .get("code")
            .and_then(|code| self.code_anywhere(code))
            .cloned();
        let refresh = parameters
            .get("refresh_token")
            .map(|token| self.refresh_word(party, token))
            .unwrap_or("absent");
        let pkce = match parameters.filled("code_verifier").map(s256) {
            None => "absent",
            // a verifier of another request of the client's own is a mix-up of responses, not of
            // PKCE
            Some(challenge) if self.client_sent_challenge(&challenge) => "matches",
            Some(_) => "differs",
        };
        let redirect_uri_is = match (parameters.filled("redirect_uri"), &code) {
            (None, _) => "absent",
            (Some(uri), Some(code)) if code.redirect_uri != uri => "different",
            _ => "same",
        };
        let authorized = code
            .as_ref()
            .map(|c| c.requested_resource.clone())
            .or_else(|| {
                parameters
                    .get("refresh_token")
                    .and_then(|t| self.refresh_anywhere(t))
                    .map(|grant| grant.requested_resource.clone())
            });
        let resource_as_authorized = match (parameters.filled("resource"), authorized) {
            (None, _) => "absent",
            (Some(resource), Some(Some(before))) if before != resource => "different",
            _ => "same",
        };
        let basic = basic_credentials(request);
        let client_id = parameters
            .get("client_id")
            .map(str::to_owned)
            .or_else(|| basic.as_ref().map(|(id, _)| form_decoded(id)));
        let client = client_id.as_deref().and_then(|id| self.client(party, id));
        let kind = client.as_ref().map_or(ClientKind::Unknown, |c| c.kind);
        out.extend(fields([
            ("client_auth", json!(client_auth(request, parameters))),
            (
                "basic_encoding",
                json!(basic.and_then(|(id, secret)| self.basic_encoding(party, &id, &secret))),
            ),
            (
                "pkce",
                json!((parameters.get("grant_type") == Some("authorization_code")).then_some(pkce)),
            ),
            ("redirect_uri_is", json!(redirect_uri_is)),
            ("refresh_token_is", json!(refresh)),
            (
                "resource_is",
                json!(self.resource_word(parameters.get("resource"))),
            ),
            ("resource_as_authorized", json!(resource_as_authorized)),
            ("resource_known", json!(self.resource_known())),
            ("client_kind", json!(kind)),
            ("declared_auth", json!(client.and_then(|c| c.auth))),
            (
                "client_id_is_subject",
                json!(client_id_is_subject(parameters)),
            ),
            ("code_by", json!(code.map(|code| by(code.by)))),
            (
                "assertion",
                parameters
                    .get("client_assertion")
                    .map(assertion_fields)
                    .unwrap_or_default(),
            ),
        ]));
        out
    }

    /// Whether a server that the client connects to has given it protected resource metadata.
    fn resource_known(&self) -> bool {
        self.connected
            .iter()
            .any(|server| self.published_resources.contains_key(server))
    }

    /// Whether this very address was loaded before, and by the other one of client and browser
    /// only: one authorization request, repeated.
    fn loaded_before(&self, party: &str, request: &HttpRequest) -> bool {
        let requests = self.events.iter().filter(|e| {
            e.kind == EventKind::AuthorizationRequest && e.party.as_deref() == Some(party)
        });
        let target = |e: &Event| {
            e.fields
                .get(EventField::Target)
                .and_then(Json::as_str)
                .map(parts_of_target)
        };
        let same = requests.filter(|e| target(e) == Some(parts_of_target(&request.target)));
        let mut others = same
            .map(|e| e.fields.get(EventField::By) != Some(&json!(by(request.actor))))
            .peekable();
        others.peek().is_some() && others.all(|other| other)
    }

    fn client_sent_challenge(&self, challenge: &str) -> bool {
        let requests = self
            .events
            .iter()
            .filter(|e| e.kind == EventKind::AuthorizationRequest);
        requests
            .filter_map(|e| {
                e.fields
                    .get(EventField::CodeChallenge)
                    .and_then(Json::as_str)
            })
            .any(|sent| sent == challenge)
    }

    /// Whether a `resource` value denotes a server that the client was told to connect to.
    fn resource_word(&self, resource: Option<&str>) -> &'static str {
        let Some(resource) = resource.filter(|r| !r.is_empty()) else {
            return "absent";
        };
        let published = |s: &&String| {
            self.published_resources
                .get(s.as_str())
                .is_some_and(|values| values.contains(resource))
        };
        if self.connected.iter().any(|s| published(&s)) {
            "prm-value"
        } else if self
            .connected
            .iter()
            .any(|s| self.is_resource_of(s, resource))
        {
            "canonical-url"
        } else {
            "another"
        }
    }

    /// Whether `resource` is a server's name with a slash at its end that the server did not put
    /// there.
    fn resource_slash_added(&self, resource: Option<&str>) -> bool {
        let bare = resource
            .and_then(|resource| resource.strip_suffix('/'))
            .filter(|_| self.resource_word(resource) == "canonical-url");
        bare.is_some_and(|bare| {
            self.connected.iter().any(|s| {
                [self.address(s, "url"), self.address(s, "resource")].contains(&bare.to_owned())
            })
        })
    }

    /// How ID and secret were encoded inside Basic: as RFC 6749 section 2.3.1 says, or raw.
    fn basic_encoding(&self, party: &str, id: &str, secret: &str) -> Option<&'static str> {
        let client = self
            .client(party, &form_decoded(id))
            .or_else(|| self.client(party, id))?;
        let right = client.secret.unwrap_or_default();
        let encode =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        Some(
            if form_decoded(id) == client.id
                && form_decoded(secret) == right
                && (secret != right || encode(&right) == right)
            {
                "form"
            } else if id == client.id && secret == right {
                "raw"
            } else {
                "other"
            },
        )
    }
}

/// Whether the client's metadata document lists the redirect URI, as far as there is such a
/// document.
fn redirect_listed(client: Option<&Client>, uri: Option<&str>) -> &'static str {
    match (client, uri) {
        (Some(client), Some(uri))
            if client.kind == ClientKind::Cimd && client.redirect_uris.is_some() =>
        {
            if client.allows(uri) {
                "listed"
            } else {
                "not-listed"
            }
        }
        _ => "unknown",
    }
}

fn redirect_uris_registered(client: Option<&Client>) -> &'static str {
    match client.and_then(|c| c.redirect_uris.as_deref()) {
        None | Some([]) => "unknown",
        Some([_]) => "one",
        Some(_) => "several",
    }
}

/// What kind of URI a redirect URI is.
pub(crate) fn redirect_kind(uri: &str) -> &'static str {
    let Ok(parsed) = url::Url::parse(uri) else {
        return "malformed";
    };
    if parsed.fragment().is_some() {
        return "malformed";
    }
    match (parsed.scheme(), parsed.host()) {
        ("https", _) => "https",
        ("http", Some(url::Host::Ipv4(ip))) if ip.is_loopback() => "loopback-ip",
        ("http", Some(url::Host::Ipv6(ip))) if ip.is_loopback() => "loopback-ip",
        ("http", Some(url::Host::Domain(name))) if name.eq_ignore_ascii_case("localhost") => {
            "localhost"
        }
        ("http", _) => "plain-http",
        _ => "private-scheme",
    }
}

/// BASE64URL(SHA256(verifier)), RFC 7636 section 4.2.
pub(crate) fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// ID and secret of HTTP Basic, as they stand there (not form-decoded).
pub(crate) fn basic_credentials(request: &HttpRequest) -> Option<(String, String)> {
    let (scheme, credentials) = request.authorization()?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = STANDARD.decode(credentials).ok()?;
    // RFC 7617 leaves the charset open: what is no UTF-8 is taken for Latin-1
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|e| e.into_bytes().into_iter().map(char::from).collect());
    text.split_once(':')
        .map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}

pub(crate) fn form_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

/// How the client authenticates itself at the token endpoint.
fn client_auth(request: &HttpRequest, parameters: &Parameters) -> &'static str {
    let basic = basic_credentials(request).is_some();
    let post = parameters.filled("client_secret").is_some();
    let assertion = parameters.filled("client_assertion").is_some();
    match (basic, post, assertion) {
        (false, false, false) => "none",
        (true, false, false) => "client_secret_basic",
        (false, true, false) => "client_secret_post",
        (false, false, true) => "private_key_jwt",
        _ => "several",
    }
}

fn assertion_fields(jwt: &str) -> Json {
    let part = |n: usize| -> Option<Json> {
        let bytes = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(n)?).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    let header = part(0).unwrap_or_default();
    let mut claims = part(1).unwrap_or_default();
    if let Some(members) = claims.as_object_mut() {
        members.retain(|name, _| ["iss", "sub", "aud", "exp"].contains(&name.as_str()));
        members.insert(
            "alg".to_owned(),
            header.get("alg").cloned().unwrap_or_default(),
        );
    }
    claims
}

/// Whether `client_id`, where it is sent, names the client that the assertion is about.
fn client_id_is_subject(parameters: &Parameters) -> Option<bool> {
    let claims = assertion_fields(parameters.filled("client_assertion")?);
    let subject = claims.get("sub").and_then(Json::as_str);
    Some(
        parameters
            .filled("client_id")
            .is_none_or(|id| Some(id) == subject),
    )
}

fn canonical_scheme(scheme: &str) -> String {
    ["Bearer", "Basic", "DPoP"]
        .into_iter()
        .find(|s| s.eq_ignore_ascii_case(scheme))
        .map_or_else(|| scheme.to_owned(), str::to_owned)
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
            && (s256(word) == challenge || word == challenge && state != challenge)
    };
    let found =
        Haystack::new([state]).any(|form| form.split(|c: char| !unreserved(c)).any(is_verifier));
    if found { "a-secret" } else { "nothing" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::Revision;
    use crate::suite::Suite;
    use crate::world::{Plan, World};

    #[tokio::test]
    async fn an_address_that_client_and_browser_load_is_one_request() {
        let suite = Suite::embedded().unwrap();
        let case = suite
            .cases
            .iter()
            .find(|case| case.id == "plain/flow")
            .unwrap();
        let plan = Plan {
            case,
            control: false,
            revision: Revision::LATEST,
            seed: String::new(),
            client_documents: Default::default(),
        };
        let world = World::start(plan).unwrap();
        let shared = world.shared();
        let endpoint = shared.lock().address("as", "authorization_endpoint");
        let (origin, path) = endpoint.split_at(
            endpoint
                .rfind(":")
                .and_then(|at| Some(at + endpoint[at..].find('/')?))
                .unwrap(),
        );
        let load = |actor, query: &str| {
            let target = format!("{path}?{query}");
            shared.handle(
                origin,
                &HttpRequest {
                    actor,
                    method: "GET".into(),
                    target,
                    headers: Vec::new(),
                    body: String::new(),
                },
            );
            let state = shared.lock();
            let event = state
                .events
                .iter()
                .rfind(|e| e.kind == EventKind::AuthorizationRequest)
                .unwrap();
            event.fields.get(EventField::LoadedBefore) == Some(&json!(true))
        };
        assert!(!load(Actor::Client, "state=1"), "the first");
        assert!(
            load(Actor::UserAgent, "state=1"),
            "the browser opens what the client looked at"
        );
        assert!(!load(Actor::UserAgent, "state=1"), "the browser once more");
        assert!(
            !load(Actor::Client, "scope=a+b") && load(Actor::UserAgent, "scope=a%20b"),
            "spelled otherwise"
        );
        assert!(!load(Actor::UserAgent, "state=2"), "another request");
    }
}
