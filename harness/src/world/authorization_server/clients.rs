//! Who a client is to an authorization server: registered beforehand, dynamically, or by a metadata
//! document.

use jsonwebtoken::jwk::JwkSet;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::super::ClientDocument;
use super::super::http::{HttpRequest, Parameters};
use super::super::keys::CLIENT;
use super::super::observe::{basic_credentials, fields, form_decoded, redirect_kind};
use super::super::state::State;
use super::assertion;
use crate::scenario::model::{EventKind, Flow, Registration};
use crate::transcript::Actor;

/// Members of a client ID metadata document that its event shows.
const DOCUMENT_MEMBERS: &[&str] = &[
    "client_id",
    "client_name",
    "redirect_uris",
    "grant_types",
    "token_endpoint_auth_method",
    "client_secret",
    "jwks",
    "jwks_uri",
];

/// A client as the authorization server knows it.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) kind: ClientKind,
    /// Redirect URIs that it registered; `None`: any that is not plain http (registered beforehand,
    /// outside of this world).
    pub(crate) redirect_uris: Option<Vec<String>>,
    pub(crate) secret: Option<String>,
    /// Keys that its assertions are signed with.
    pub(crate) keys: Option<JwkSet>,
    /// How it said that it authenticates: in its document, or in its registration as it was
    /// answered.
    pub(crate) auth: Option<String>,
}

/// How a client came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClientKind {
    Cimd,
    Dcr,
    PreRegistered,
    Unknown,
}

impl ClientKind {
    /// A client ID that is a URL is meant as that of a metadata document, even where no server
    /// takes it for one.
    pub(crate) fn of_unknown(client_id: &str) -> Self {
        if client_id.starts_with("http://") || client_id.starts_with("https://") {
            Self::Cimd
        } else {
            Self::Unknown
        }
    }
}

impl Client {
    /// Exact match, but for the port of loopback redirects (RFC 8252 section 7.3).
    pub(crate) fn allows(&self, uri: &str) -> bool {
        match &self.redirect_uris {
            None => matches!(
                redirect_kind(uri),
                "loopback-ip" | "localhost" | "https" | "private-scheme"
            ),
            Some(registered) => registered.iter().any(|r| {
                r == uri
                    || without_loopback_port(r)
                        .is_some_and(|r| without_loopback_port(uri) == Some(r))
            }),
        }
    }
}

/// Public keys out of a `jwks` member (RFC 7517 section 5).
pub(crate) fn keys_of(jwks: &Json) -> Option<JwkSet> {
    serde_json::from_value(jwks.clone()).ok()
}

/// Whether a client ID is a URL of the kind that documents are published at: https, with a path,
/// and nothing in it that could mean another document to another reader
/// (draft-ietf-oauth-client-id-metadata-document-00 section 3).
fn names_a_document(client_id: &str) -> bool {
    let parts = parts_of_url(client_id);
    let has = |part: &str| parts.contains(&part);
    client_id.starts_with("https://")
        && has("path")
        && !has("fragment")
        && !has("user-information")
        && !has("dot-segment")
}

/// Which parts a client ID that is a URL has, as it is written: a URL library would have removed
/// some of them.
pub(crate) fn parts_of_url(client_id: &str) -> Vec<&'static str> {
    let Some((_, rest)) = client_id.split_once("://") else {
        return Vec::new();
    };
    let (rest, fragment) = rest
        .split_once('#')
        .map_or((rest, None), |(rest, fragment)| (rest, Some(fragment)));
    let (rest, query) = rest
        .split_once('?')
        .map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let is_dots = |segment: &str| {
        matches!(
            segment.to_ascii_lowercase().replace("%2e", ".").as_str(),
            "." | ".."
        )
    };
    let parts = [
        ("path", !path.is_empty()),
        ("query", query.is_some()),
        ("fragment", fragment.is_some()),
        ("user-information", authority.contains('@')),
        ("dot-segment", path.split('/').any(is_dots)),
    ];
    parts
        .into_iter()
        .filter(|(_, there)| *there)
        .map(|(part, _)| part)
        .collect()
}

/// The redirect URIs that a document or a registration request lists.
pub(crate) fn redirect_uris(document: &Map<String, Json>) -> Vec<String> {
    let uris = document.get("redirect_uris").and_then(Json::as_array);
    uris.into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .map(str::to_owned)
        .collect()
}

impl ClientDocument {
    /// The document, if it was served as one (section 4 of the draft): status 200, a JSON media
    /// type, an object.
    fn object(&self) -> Option<Map<String, Json>> {
        let media_type = self
            .content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let is_json = media_type == "application/json"
            || media_type.starts_with("application/") && media_type.ends_with("+json");
        serde_json::from_str(&self.body)
            .ok()
            .filter(|_| self.status == 200 && is_json)
    }
}

fn without_loopback_port(uri: &str) -> Option<String> {
    if !matches!(redirect_kind(uri), "loopback-ip" | "localhost") {
        return None;
    }
    let mut url = url::Url::parse(uri).ok()?;
    url.set_port(None).ok()?;
    Some(url.to_string())
}

impl State {
    /// The client of that ID, at this server.
    pub(crate) fn client(&self, party: &str, id: &str) -> Option<Client> {
        let known = self.authorization_server(party)?.clients.get(id).cloned();
        let settings = self.authorization_server_settings(party)?;
        known.or_else(|| {
            let by_document = || {
                self.client_by_document(id)
                    .filter(|_| settings.registration.contains(&Registration::Cimd))
            };
            let kind = ClientKind::of_unknown(id);
            let anybody = || Client {
                id: id.to_owned(),
                kind,
                redirect_uris: None,
                secret: None,
                keys: None,
                auth: None,
            };
            // a hostile server turns nobody away
            by_document().or_else(|| self.is_hostile(party).then(anybody))
        })
    }

    /// A client that names itself by the URL of its metadata document. A document that cannot be
    /// fetched from this machine (position 27) is taken on trust: any redirect URI that a native
    /// client may have.
    fn client_by_document(&self, id: &str) -> Option<Client> {
        let client = |redirect_uris, keys, auth| Client {
            id: id.to_owned(),
            kind: ClientKind::Cimd,
            redirect_uris,
            secret: None,
            keys,
            auth,
        };
        if !names_a_document(id) {
            return None;
        }
        let Some(fetched) = self.client_documents.get(id) else {
            return Some(client(None, None, None));
        };
        let document = fetched
            .object()
            .filter(|document| document.get("client_id").and_then(Json::as_str) == Some(id))?;
        let keys = document.get("jwks").and_then(keys_of);
        let auth = document
            .get("token_endpoint_auth_method")
            .and_then(Json::as_str)
            .map(str::to_owned);
        Some(client(Some(redirect_uris(&document)), keys, auth))
    }

    /// Reads the metadata document that a client ID names, the first time this server meets it, and
    /// records what it says.
    pub(crate) fn fetch_client_document(&mut self, party: &str, actor: Actor, id: &str) {
        let takes_documents = self
            .authorization_server_settings(party)
            .is_some_and(|s| s.registration.contains(&Registration::Cimd));
        let Some(fetched) = self
            .client_documents
            .get(id)
            .cloned()
            .filter(|_| takes_documents && actor != Actor::Attacker)
        else {
            return;
        };
        let known = self
            .authorization_server_mut(party)
            .is_some_and(|server| !server.documents_read.insert(id.to_owned()));
        if known {
            return;
        }
        let mut event = fields([
            ("status", json!(fetched.status)),
            ("content_type", json!(fetched.content_type)),
            ("url", json!(id)),
        ]);
        let document = fetched.object().unwrap_or_default();
        event.extend(
            DOCUMENT_MEMBERS
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), document.get(*name)?.clone()))),
        );
        self.record(Some(party), EventKind::ClientDocument, event);
    }

    /// The credentials that were registered beforehand at this server, to be handed to the client
    /// under test.
    pub(crate) fn hand_out_credentials(
        &mut self,
        party: &str,
        flow: Flow,
    ) -> Option<crate::world::Credentials> {
        let mut clients = self.authorization_server(party)?.clients.values();
        let client = clients.find(|c| c.kind == ClientKind::PreRegistered)?;
        let (client_id, client_secret) = (client.id.clone(), client.secret.clone()?);
        self.issue(party, "client_id", &client_id, vec![party.to_owned()]);
        let issuer = self.address(party, "issuer");
        if flow == Flow::ClientCredentialsJwt {
            let pem = CLIENT.private_pem();
            // a line of the key's own tells it from everything else
            self.issue(
                party,
                "private_key",
                pem.lines().nth(1).unwrap_or_default(),
                Vec::new(),
            );
            return Some(crate::world::Credentials {
                client_id,
                client_secret: None,
                private_key_pem: Some(pem.to_owned()),
                issuer,
            });
        }
        self.issue(
            party,
            "client_secret",
            &client_secret,
            vec![party.to_owned()],
        );
        Some(crate::world::Credentials {
            client_id,
            client_secret: Some(client_secret),
            private_key_pem: None,
            issuer,
        })
    }

    /// Whom a client may address its assertions to at this server: its issuer, its token endpoint
    /// (position 32), and the issuer of an honest server whose metadata names endpoints here.
    fn assertion_audiences(&self, party: &str) -> Vec<String> {
        let points_here = |name: &&String| {
            !self.is_hostile(name)
                && self
                    .pointers
                    .get(*name)
                    .is_some_and(|to| to.contains(party))
        };
        let fronts = self
            .parties
            .keys()
            .filter(points_here)
            .map(|name| self.address(name, "issuer"));
        [
            self.address(party, "issuer"),
            self.address(party, "token_endpoint"),
        ]
        .into_iter()
        .chain(fronts)
        .filter(|a| !a.is_empty())
        .collect()
    }

    /// Authenticates the client of a token request (RFC 6749 section 2.3); the error is what the
    /// client is told.
    pub(crate) fn authenticate(
        &self,
        party: &str,
        request: &HttpRequest,
        parameters: &Parameters,
    ) -> Result<Client, &'static str> {
        let basic = basic_credentials(request);
        let posted = parameters.filled("client_secret");
        if basic.is_some() && posted.is_some() {
            return Err("two client authentication methods in one request");
        }
        let (id, secret) = match &basic {
            Some((id, secret)) => (
                form_decoded(id),
                Some((form_decoded(secret), secret.clone())),
            ),
            None => {
                let id = parameters.filled("client_id").ok_or("no client_id")?;
                (id.to_owned(), posted.map(|s| (s.to_owned(), s.to_owned())))
            }
        };
        let raw_id = basic
            .as_ref()
            .map(|(id, _)| id.as_str())
            .unwrap_or_default();
        let client = self
            .client(party, &id)
            .or_else(|| self.client(party, raw_id))
            .ok_or("unknown client")?;
        if parameters
            .filled("client_id")
            .is_some_and(|other| other != client.id)
        {
            return Err("client_id differs from the authenticated client");
        }
        match (parameters.filled("client_assertion"), &client.keys) {
            (Some(_), None) => return Err("no key is registered for this client's assertions"),
            (None, Some(_)) if client.secret.is_none() => {
                return Err("this client has to authenticate with its key");
            }
            (Some(_), Some(_)) if secret.is_some() => {
                return Err("two client authentication methods in one request");
            }
            (Some(jwt), Some(keys)) => {
                let audiences = self.assertion_audiences(party);
                assertion::verify(
                    jwt,
                    parameters.get("client_assertion_type"),
                    keys,
                    &client.id,
                    &audiences,
                )?;
                return Ok(client);
            }
            (None, _) => {}
        }
        match (&client.secret, secret) {
            (None, _) => Ok(client),
            (Some(_), None) => Err("this client has to authenticate"),
            (Some(right), Some((decoded, raw))) => {
                let void = self
                    .authorization_server(party)
                    .is_some_and(|s| s.void.contains(right));
                // servers in the wild take both encodings; which one was sent is in the transcript
                let good = *right == decoded || *right == raw;
                if good && !void {
                    Ok(client)
                } else {
                    Err("wrong client secret")
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_id_names_a_document_by_an_unambiguous_url() {
        assert!(
            names_a_document("https://app.example/client.json")
                && names_a_document("https://app.example/client.json?v=1")
        );
        for bad in [
            "http://app.example/client.json",
            "https://app.example",
            "https://app.example/client.json#f",
            "https://user@app.example/client.json",
            "https://app.example/a/../client.json",
            "https://app.example/%2E/client.json",
            "client.json",
        ] {
            assert!(!names_a_document(bad), "{bad}");
        }
        assert_eq!(
            parts_of_url("https://app.example/@me/client.json"),
            ["path"]
        );
        assert_eq!(
            parts_of_url("https://u:p@app.example?x#y"),
            ["query", "fragment", "user-information"]
        );
    }

    #[test]
    fn a_document_is_json_served_as_such() {
        let served = |status, content_type: &str, body: &str| {
            ClientDocument {
                status,
                content_type: content_type.to_owned(),
                body: body.to_owned(),
            }
            .object()
            .is_some()
        };
        assert!(
            served(200, "application/json; charset=utf-8", "{}")
                && served(200, "application/cimd+json", "{}")
        );
        assert!(
            !served(404, "application/json", "{}")
                && !served(200, "text/html", "{}")
                && !served(200, "application/json", "[]")
        );
    }
}
