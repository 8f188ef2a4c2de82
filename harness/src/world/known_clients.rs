//! The client IDs that the client was given, as the client can know them: handed out beforehand, or
//! received with a registration response.
//!
//! What a server has on record can differ: the response may have named another ID, or the endpoint
//! that the ID is used at may belong to another server than the one that registered the client.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::authorization_server::client::{ClientKind, RegisteredClient, read_redirect_uris};
use super::authorization_server::client_document::find_client_by_document;
use super::issued_credentials::IssuedCredentials;
use super::party_id::PartyId;
use super::world_plan::ClientDocument;

/// The client IDs that the client was given.
#[derive(Debug, Default)]
pub(crate) struct KnownClients {
    /// By client ID, each with the party that gave it.
    given: BTreeMap<String, Vec<(PartyId, RegisteredClient)>>,
    /// Client ID metadata documents that can be fetched through the harness, by URL.
    pub(super) documents: Arc<BTreeMap<String, ClientDocument>>,
}

impl KnownClients {
    /// Notes credentials that were handed out for an authorization server.
    pub(crate) fn note_credentials(&mut self, party: PartyId, credentials: &IssuedCredentials) {
        let id = &credentials.client_id;
        let client = RegisteredClient {
            secret: credentials.client_secret.clone(),
            ..RegisteredClient::with_id(id, ClientKind::PreRegistered)
        };
        self.add(party, client);
    }

    /// Notes a registration response of this party, if it names a client ID.
    pub(crate) fn note_registration(
        &mut self,
        party: PartyId,
        request: &Map<String, Json>,
        response: &Json,
    ) {
        let text = |name: &str| response.get(name).and_then(Json::as_str);
        let (Some(id), Some(members)) = (text("client_id"), response.as_object()) else {
            return;
        };
        let mut redirect_uris = read_redirect_uris(request);
        redirect_uris.extend(read_redirect_uris(members));
        redirect_uris.sort();
        redirect_uris.dedup();
        let client = RegisteredClient {
            redirect_uris: Some(redirect_uris),
            secret: text("client_secret").map(str::to_owned),
            auth_method: text("token_endpoint_auth_method").map(str::to_owned),
            ..RegisteredClient::with_id(id, ClientKind::Dcr)
        };
        self.add(party, client);
    }

    fn add(&mut self, party: PartyId, client: RegisteredClient) {
        let known = self.given.entry(client.id.clone()).or_default();
        known.retain(|(giver, _)| *giver != party);
        known.push((party, client));
    }

    /// The client with this ID that was given by one of these parties, or that names itself by its
    /// document.
    pub(crate) fn find(
        &self,
        id: &str,
        is_giver: impl Fn(PartyId) -> bool,
    ) -> Option<RegisteredClient> {
        let given = self.given.get(id).into_iter().flatten();
        let mut given = given.filter(|(giver, _)| is_giver(*giver));
        let client = given.next_back().map(|(_, client)| client.clone());
        client.or_else(|| find_client_by_document(&self.documents, id))
    }
}
