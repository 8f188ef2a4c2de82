//! Who a client is to an authorization server: registered beforehand, dynamically, or by a metadata document.

use jsonwebtoken::jwk::JwkSet;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::super::http::{Parameters, Request};
use super::super::observe::{basic_credentials, fields, form_decoded, redirect_kind};
use super::super::state::State;
use super::assertion;
use crate::scenario::model::{EventKind, Registration};
use crate::transcript::Actor;

/// Members of a client ID metadata document that its event shows.
const DOCUMENT_MEMBERS: &[&str] =
    &["client_id", "client_name", "redirect_uris", "grant_types", "token_endpoint_auth_method", "client_secret", "jwks", "jwks_uri"];

/// A client as the authorization server knows it.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) kind: ClientKind,
    /// Redirect URIs that it registered; `None`: any that is not plain http (registered beforehand, outside of this world).
    pub(crate) redirect_uris: Option<Vec<String>>,
    pub(crate) secret: Option<String>,
    /// Keys that its assertions are signed with.
    pub(crate) keys: Option<JwkSet>,
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

impl Client {
    /// Exact match, but for the port of loopback redirects (RFC 8252 section 7.3).
    pub(crate) fn allows(&self, uri: &str) -> bool {
        match &self.redirect_uris {
            None => matches!(redirect_kind(uri), "loopback-ip" | "localhost" | "https" | "private-scheme"),
            Some(registered) => {
                registered.iter().any(|r| r == uri || without_loopback_port(r).is_some_and(|r| without_loopback_port(uri) == Some(r)))
            }
        }
    }
}

/// Public keys out of a `jwks` member (RFC 7517 section 5).
pub(super) fn keys_of(jwks: &Json) -> Option<JwkSet> {
    serde_json::from_value(jwks.clone()).ok()
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
            let by_document = settings.registration.contains(&Registration::Cimd) && id.starts_with("https://");
            let anybody = || Client { id: id.to_owned(), kind: ClientKind::Unknown, redirect_uris: None, secret: None, keys: None };
            // a hostile server turns nobody away
            if by_document { Some(self.client_by_document(id)) } else { self.is_hostile(party).then(anybody) }
        })
    }

    /// A client that names itself by the URL of its metadata document. A document that cannot be fetched from this
    /// machine (position 27) is taken on trust: any redirect URI that a native client may have.
    fn client_by_document(&self, id: &str) -> Client {
        let document = self.client_documents.get(id);
        let redirect_uris = document
            .and_then(|d| d.get("redirect_uris"))
            .and_then(Json::as_array)
            .map(|uris| uris.iter().filter_map(Json::as_str).map(str::to_owned).collect());
        let keys = document.and_then(|d| d.get("jwks")).and_then(keys_of);
        Client { id: id.to_owned(), kind: ClientKind::Cimd, redirect_uris, secret: None, keys }
    }

    /// Reads the metadata document that a client ID names, the first time this server meets it, and records what it says.
    pub(crate) fn fetch_client_document(&mut self, party: &str, actor: Actor, id: &str) {
        let takes_documents = self.authorization_server_settings(party).is_some_and(|s| s.registration.contains(&Registration::Cimd));
        let Some(document) = self.client_documents.get(id).cloned().filter(|_| takes_documents && actor != Actor::Attacker) else { return };
        let known = self.authorization_server_mut(party).is_some_and(|server| !server.documents_read.insert(id.to_owned()));
        if known {
            return;
        }
        let mut event = fields([("status", json!(200)), ("content_type", json!("application/json")), ("url", json!(id))]);
        for name in DOCUMENT_MEMBERS {
            event.extend(document.get(*name).map(|value| ((*name).to_owned(), value.clone())));
        }
        self.record(Some(party), EventKind::ClientDocument, event);
    }

    /// The credentials that were registered beforehand at this server, to be handed to the client under test.
    pub(crate) fn hand_out_credentials(&mut self, party: &str) -> Option<crate::world::Credentials> {
        let mut clients = self.authorization_server(party)?.clients.values();
        let client = clients.find(|c| c.kind == ClientKind::PreRegistered)?;
        let (client_id, client_secret) = (client.id.clone(), client.secret.clone()?);
        self.issue(party, "client_id", &client_id, vec![party.to_owned()]);
        self.issue(party, "client_secret", &client_secret, vec![party.to_owned()]);
        Some(crate::world::Credentials { client_id, client_secret, issuer: self.address(party, "issuer") })
    }

    /// Authenticates the client of a token request (RFC 6749 section 2.3); the error is what the client is told.
    pub(crate) fn authenticate(&self, party: &str, request: &Request, parameters: &Parameters) -> Result<Client, &'static str> {
        let basic = basic_credentials(request);
        let posted = parameters.filled("client_secret");
        if basic.is_some() && posted.is_some() {
            return Err("two client authentication methods in one request");
        }
        let (id, secret) = match &basic {
            Some((id, secret)) => (form_decoded(id), Some((form_decoded(secret), secret.clone()))),
            None => {
                let id = parameters.filled("client_id").ok_or("no client_id")?;
                (id.to_owned(), posted.map(|s| (s.to_owned(), s.to_owned())))
            }
        };
        let raw_id = basic.as_ref().map(|(id, _)| id.as_str()).unwrap_or_default();
        let client = self.client(party, &id).or_else(|| self.client(party, raw_id)).ok_or("unknown client")?;
        if parameters.filled("client_id").is_some_and(|other| other != client.id) {
            return Err("client_id differs from the authenticated client");
        }
        match (parameters.filled("client_assertion"), &client.keys) {
            (Some(_), None) => return Err("no key is registered for this client's assertions"),
            (None, Some(_)) if client.secret.is_none() => return Err("this client has to authenticate with its key"),
            (Some(_), Some(_)) if secret.is_some() => return Err("two client authentication methods in one request"),
            (Some(jwt), Some(keys)) => {
                let audiences = [self.address(party, "issuer"), self.address(party, "token_endpoint")];
                assertion::verify(jwt, parameters.get("client_assertion_type"), keys, &client.id, &audiences)?;
                return Ok(client);
            }
            (None, _) => {}
        }
        match (&client.secret, secret) {
            (None, _) => Ok(client),
            (Some(_), None) => Err("this client has to authenticate"),
            (Some(right), Some((decoded, raw))) => {
                let void = self.authorization_server(party).is_some_and(|s| s.void.contains(right));
                // servers in the wild take both encodings; which one was sent is in the transcript
                let good = *right == decoded || *right == raw;
                if good && !void { Ok(client) } else { Err("wrong client secret") }
            }
        }
    }
}
