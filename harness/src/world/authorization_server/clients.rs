//! Which clients an authorization server knows: registered beforehand, dynamically, or by a
//! metadata document.

use serde_json::{Map, Value as Json, json};

use super::super::issued_credentials::IssuedCredentials;
use super::super::keys::CLIENT;
use super::super::observe::fields::fields;
use super::super::recorder::Recorder;
use super::super::world_plan::ClientDocument;
use super::client::{ClientKind, RegisteredClient, read_key_set, read_redirect_uris};
use super::client_id::names_a_document;
use super::role::{AuthorizationContext, AuthorizationServerRole, is_attacker};
use crate::scenario::model::{EventField, EventKind, Flow, Registration};
use crate::transcript::Actor;

/// Members of a client ID metadata document that its event shows.
const DOCUMENT_MEMBERS: &[EventField] = &[
    EventField::ClientId,
    EventField::ClientName,
    EventField::RedirectUris,
    EventField::GrantTypes,
    EventField::TokenEndpointAuthMethod,
    EventField::ClientSecret,
    EventField::Jwks,
    EventField::JwksUri,
];

impl AuthorizationServerRole {
    /// The client with this ID.
    pub(crate) fn find_client(&self, id: &str) -> Option<RegisteredClient> {
        if let Some(known) = self.memory.clients.get(id) {
            return Some(known.clone());
        }
        if self.takes_documents()
            && let Some(client) = self.find_client_by_document(id)
        {
            return Some(client);
        }
        // a hostile server turns nobody away
        self.hostile
            .then(|| RegisteredClient::with_id(id, ClientKind::of_unknown(id)))
    }

    fn takes_documents(&self) -> bool {
        self.settings.registration.contains(&Registration::Cimd)
    }

    /// The client that names itself by the URL of its metadata document. A document that cannot be
    /// fetched from this machine (position 27) is trusted: any redirect URI that a native client
    /// may have.
    fn find_client_by_document(&self, id: &str) -> Option<RegisteredClient> {
        if !names_a_document(id) {
            return None;
        }
        let client = RegisteredClient::with_id(id, ClientKind::Cimd);
        let Some(fetched) = self.client_documents.get(id) else {
            return Some(client);
        };
        let document = read_document(fetched)?;
        let text = |name: &str| document.get(name).and_then(Json::as_str);
        if text("client_id") != Some(id) {
            return None;
        }
        Some(RegisteredClient {
            redirect_uris: Some(read_redirect_uris(&document)),
            keys: document.get("jwks").and_then(read_key_set),
            auth_method: text("token_endpoint_auth_method").map(str::to_owned),
            ..client
        })
    }

    /// Reads the metadata document that a client ID names, the first time that this server meets
    /// it, and records what it says.
    pub(super) fn fetch_client_document(
        &mut self,
        actor: Actor,
        id: &str,
        context: &mut AuthorizationContext<'_>,
    ) {
        if !self.takes_documents() || is_attacker(actor) {
            return;
        }
        let Some(fetched) = self.client_documents.get(id) else {
            return;
        };
        if !self.memory.documents_read.insert(id.to_owned()) {
            return;
        }
        let mut event = fields([
            (EventField::Status, json!(fetched.status)),
            (EventField::ContentType, json!(fetched.content_type)),
            (EventField::Url, json!(id)),
        ]);
        let document = read_document(fetched).unwrap_or_default();
        let members = DOCUMENT_MEMBERS.iter();
        event.extend(members.filter_map(|field| {
            let member = document.get(field.as_str())?;
            Some((*field, member.clone()))
        }));
        let party = Some(self.name.as_str());
        context
            .recorder
            .record(party, EventKind::ClientDocument, event);
    }

    /// The credentials that were registered beforehand, to be handed to the client under test.
    /// From now on they count as its secrets.
    pub(crate) fn hand_out_credentials(
        &self,
        flow: Flow,
        recorder: &mut Recorder,
    ) -> Option<IssuedCredentials> {
        let mut clients = self.memory.clients.values();
        let client = clients.find(|c| c.kind == ClientKind::PreRegistered)?;
        let secret = client.secret.as_deref()?;
        let for_this_server = || vec![self.name.clone()];
        recorder.issue_secret(&self.name, "client_id", &client.id, for_this_server());
        let credentials = IssuedCredentials {
            client_id: client.id.clone(),
            client_secret: None,
            private_key_pem: None,
            issuer: self.addresses.issuer.clone(),
        };
        if flow == Flow::ClientCredentialsJwt {
            let pem = CLIENT.private_pem();
            // a line of the key's own distinguishes it from everything else
            let line = pem.lines().nth(1).unwrap_or_default();
            recorder.issue_secret(&self.name, "private_key", line, Vec::new());
            return Some(IssuedCredentials {
                private_key_pem: Some(pem.to_owned()),
                ..credentials
            });
        }
        recorder.issue_secret(&self.name, "client_secret", secret, for_this_server());
        Some(IssuedCredentials {
            client_secret: Some(secret.to_owned()),
            ..credentials
        })
    }
}

/// The document, if it was served as one (draft-ietf-oauth-client-id-metadata-document-00
/// section 4): status 200, a JSON media type, an object.
fn read_document(fetched: &ClientDocument) -> Option<Map<String, Json>> {
    let media_type = fetched.content_type.split(';').next().unwrap_or_default();
    let media_type = media_type.trim().to_ascii_lowercase();
    let is_json = media_type == "application/json"
        || media_type.starts_with("application/") && media_type.ends_with("+json");
    if fetched.status != 200 || !is_json {
        return None;
    }
    serde_json::from_str(&fetched.body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_json_served_as_such() {
        let is_document = |status, content_type: &str, body: &str| {
            let fetched = ClientDocument {
                status,
                content_type: content_type.to_owned(),
                body: body.to_owned(),
            };
            read_document(&fetched).is_some()
        };
        assert!(is_document(200, "application/json; charset=utf-8", "{}"));
        assert!(is_document(200, "application/cimd+json", "{}"));
        assert!(!is_document(404, "application/json", "{}"));
        assert!(!is_document(200, "text/html", "{}"));
        assert!(!is_document(200, "application/json", "[]"));
    }
}
