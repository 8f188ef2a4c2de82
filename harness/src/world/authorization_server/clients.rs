//! Which clients an authorization server knows: registered beforehand, dynamically, or by a
//! metadata document.

use serde_json::json;

use super::super::issued_credentials::{IssuedCredentials, UserIdentity};
use super::super::keys::CLIENT;
use super::super::observe::fields::fields;
use super::super::recorder::Recorder;
use super::super::tokens::id_jag::make_id_token;
use super::client::{ClientKind, RegisteredClient};
use super::client_document::{find_client_by_document, read_document};
use super::role::{AuthorizationContext, AuthorizationServerRole, RefreshToken, is_attacker};
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
    /// The client with this ID, unless the server has forgotten it.
    pub(crate) fn find_client(&self, id: &str) -> Option<RegisteredClient> {
        if self.memory.void.contains(id) {
            return None;
        }
        if let Some(known) = self.memory.clients.get(id) {
            return Some(known.clone());
        }
        if self.takes_documents()
            && let Some(client) = find_client_by_document(&self.client_documents, id)
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

    /// The ID of the client that was registered beforehand.
    pub(crate) fn provisioned_client_id(&self) -> Option<String> {
        let mut clients = self.memory.clients.values();
        let client = clients.find(|c| c.kind == ClientKind::PreRegistered)?;
        Some(client.id.clone())
    }

    /// What the client has at its company's identity provider after the user has signed in there.
    /// From now on it counts as its secrets.
    pub(crate) fn hand_out_identity(
        &mut self,
        recorder: &mut Recorder,
    ) -> Result<Option<UserIdentity>, jsonwebtoken::errors::Error> {
        let mut clients = self.memory.clients.values();
        let client = clients.find(|c| c.kind == ClientKind::PreRegistered);
        let Some(client) = client.cloned() else {
            return Ok(None);
        };
        let (key, issuer) = (self.key(), self.addresses.issuer.clone());
        let id_token = make_id_token(key, &issuer, &client.id, self.random.draw_hex())?;
        let refresh_token = format!("{}-refresh-{}", self.name, self.random.draw_hex());
        let record = RefreshToken {
            client_id: client.id.clone(),
            requested_resource: None,
            audience: String::new(),
            scope: "openid".to_owned(),
            replaced: false,
            grant: 0,
            bound_to: None,
        };
        let refresh_tokens = &mut self.memory.refresh_tokens;
        refresh_tokens.insert(refresh_token.clone(), record);
        let client_secret = client.secret.unwrap_or_default();
        for (kind, value) in [
            ("client_id", &client.id),
            ("client_secret", &client_secret),
            ("id_token", &id_token),
            ("refresh_token", &refresh_token),
        ] {
            recorder.issue_secret(&self.name, kind, value, vec![self.name.clone()]);
        }
        Ok(Some(UserIdentity {
            client_id: client.id,
            client_secret,
            id_token,
            refresh_token,
            issuer,
            token_endpoint: self.addresses.token_endpoint.clone(),
        }))
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
            workload: None,
            identity: None,
        };
        // a workload has no secret
        if flow == Flow::Workload {
            return Some(credentials);
        }
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
