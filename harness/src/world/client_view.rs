//! What the client can know of its flows: which servers it was told to connect to, and which
//! parties their answers have pointed it at.
//!
//! From this follows who may see a secret that the client was given: a token that reaches a party
//! outside of the flow in which it was issued has leaked.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::authorization_server::client::RegisteredClient;
use super::http_answer::HttpAnswer;
use super::known_clients::KnownClients;
use super::named_addresses::{ENDPOINTS, NamedAddresses, read_document, read_issuers};
use super::own_requests::OwnRequests;
use super::party_id::PartyId;
use crate::scenario::model::{EventKind, Message};

/// The client's view of its flows.
#[derive(Debug, Default)]
pub(crate) struct ClientView {
    /// By handle.
    pub(super) parties: Vec<KnownParty>,
    /// Every address of every party.
    pub(super) addresses: Vec<(String, PartyId)>,
    /// Revision 2025-03-26: without protected resource metadata the authorization server is
    /// whatever lives on the MCP server's origin.
    pub(super) origin_is_flow: bool,
    /// The MCP servers that the client was told to connect to in this start.
    connected: Vec<PartyId>,
    /// The authorization servers that an MCP server's metadata has listed.
    listed_servers: Pointers,
    /// The parties at which the metadata of an authorization server has named endpoints.
    named_endpoints: Pointers,
    /// The issuers that protected resource metadata has listed.
    listed_issuers: BTreeSet<String>,
    /// The addresses that answers have named, and as what.
    pub(crate) named: NamedAddresses,
    /// The client IDs that the client was given.
    pub(crate) clients: KnownClients,
    /// The authorization requests that codes belong to.
    pub(crate) requests: OwnRequests,
    /// `resource` values that an MCP server's metadata gave.
    published_resources: BTreeMap<PartyId, BTreeSet<String>>,
}

/// Which parties a party's answers have pointed at.
type Pointers = BTreeMap<PartyId, BTreeSet<PartyId>>;

/// What anybody can know of a party.
#[derive(Debug)]
pub(crate) struct KnownParty {
    pub(super) name: String,
    pub(super) origin: String,
    pub(super) hostile: bool,
    pub(super) kind: KnownKind,
}

/// What kind of party it is, with the addresses that flows are recognized by.
#[derive(Debug)]
pub(crate) enum KnownKind {
    AuthorizationServer { issuer: String },
    McpServer { url: String, resource: String },
    WebSite,
}

/// Which parties of an audience a secret is restricted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AudienceKind {
    All,
    AuthorizationServers,
    McpServers,
}

impl ClientView {
    /// Notes the servers that the client is told to connect to in a new start.
    pub(crate) fn connect(&mut self, servers: Vec<PartyId>) {
        self.connected = servers;
    }

    /// Notes where an answer that the party gave points the client at. `asked`: the request that it
    /// answers, in the client's view.
    pub(crate) fn note_answer(
        &mut self,
        party: PartyId,
        asked: EventKind,
        message: Option<Message>,
        answer: &HttpAnswer,
    ) {
        self.named.note_answer(asked, message, answer);
        match message {
            Some(Message::Metadata) => {
                let named = self.find_endpoint_owners(&read_document(answer));
                self.named_endpoints.entry(party).or_default().extend(named);
            }
            Some(Message::Prm) => self.note_resource_metadata(party, &read_document(answer)),
            _ => {}
        }
    }

    fn note_resource_metadata(&mut self, party: PartyId, document: &Json) {
        if document.is_null() {
            return;
        }
        let issuers = read_issuers(document);
        let servers = issuers.iter().flat_map(|issuer| self.find_owners(issuer));
        let servers: Vec<PartyId> = servers.collect();
        self.listed_servers
            .entry(party)
            .or_default()
            .extend(servers);
        self.listed_issuers.extend(issuers);
        let resource = document.get("resource").and_then(Json::as_str);
        self.published_resources
            .entry(party)
            .or_default()
            .extend(resource.map(str::to_owned));
    }

    /// The parties whose addresses a metadata document names.
    fn find_endpoint_owners(&self, document: &Json) -> BTreeSet<PartyId> {
        let members = ENDPOINTS.iter().map(|(member, _)| *member);
        let addresses = members
            .chain(["issuer"])
            .filter_map(|member| document.get(member)?.as_str());
        addresses
            .flat_map(|address| self.find_owners(address))
            .collect()
    }

    /// The parties at which a metadata document names endpoints, if its issuer is one that the
    /// client was led to. A client discards any other document.
    pub(crate) fn find_validated_endpoints(&self, document: &Json) -> BTreeSet<PartyId> {
        let issuer = document.get("issuer").and_then(Json::as_str);
        if issuer.is_some_and(|issuer| self.listed_issuers.contains(issuer)) {
            self.find_endpoint_owners(document)
        } else {
            BTreeSet::new()
        }
    }

    /// The parties at which the metadata of this authorization server has named endpoints.
    pub(crate) fn endpoints_of(&self, server: PartyId) -> BTreeSet<PartyId> {
        self.named_endpoints
            .get(&server)
            .cloned()
            .unwrap_or_default()
    }

    /// The parties that an address may belong to: the one whose issuer or endpoint it is, else all
    /// of its origin.
    pub(crate) fn find_owners(&self, address: &str) -> Vec<PartyId> {
        let exact = self.addresses.iter().filter(|(known, _)| known == address);
        let exact: Vec<PartyId> = exact.map(|(_, owner)| *owner).collect();
        if !exact.is_empty() {
            return exact;
        }
        match url::Url::parse(address) {
            Ok(url) => self.find_at_origin(&url.origin().ascii_serialization()),
            Err(_) => Vec::new(),
        }
    }

    fn find_at_origin(&self, origin: &str) -> Vec<PartyId> {
        let is_there = |id: &PartyId| self.parties[id.0].origin.eq_ignore_ascii_case(origin);
        self.all_parties().filter(is_there).collect()
    }

    fn all_parties(&self) -> impl Iterator<Item = PartyId> + use<> {
        (0..self.parties.len()).map(PartyId)
    }

    /// All parties that take part, in the client's view, in a flow that begins at this MCP server.
    fn flow_parties(&self, server: PartyId) -> BTreeSet<PartyId> {
        let mut seen = BTreeSet::new();
        let mut todo = vec![server];
        while let Some(party) = todo.pop() {
            if seen.insert(party) {
                todo.extend(self.listed_servers.get(&party).into_iter().flatten());
                todo.extend(self.named_endpoints.get(&party).into_iter().flatten());
                if self.origin_is_flow {
                    todo.extend(self.find_at_origin(&self.parties[party.0].origin));
                }
            }
        }
        seen
    }

    /// Names of the parties that may see a secret that the client got from `issuer` in a flow for
    /// `resource`.
    pub(crate) fn audience(
        &self,
        issuer: PartyId,
        resource: Option<&str>,
        kind: AudienceKind,
    ) -> Vec<String> {
        let is_named = |server: &PartyId| {
            resource.is_some_and(|resource| self.is_resource_of(*server, resource))
        };
        let leads_to_issuer = |server: &PartyId| self.flow_parties(*server).contains(&issuer);
        let select = |wanted: &dyn Fn(&PartyId) -> bool| -> Vec<PartyId> {
            let servers = self.connected.iter().copied();
            servers.filter(wanted).collect()
        };
        let named = select(&is_named);
        let leading = select(&leads_to_issuer);
        let servers = [&named, &leading, &self.connected]
            .into_iter()
            .find(|servers| !servers.is_empty());
        let in_flows = servers.into_iter().flatten();
        let mut audience: BTreeSet<PartyId> = in_flows
            .flat_map(|server| self.flow_parties(*server))
            .collect();
        audience.insert(issuer);
        self.names_of(&audience, kind)
    }

    /// Names of the parties that take part in a flow that begins at this MCP server.
    pub(crate) fn flow_audience(&self, server: PartyId, kind: AudienceKind) -> Vec<String> {
        self.names_of(&self.flow_parties(server), kind)
    }

    fn names_of(&self, parties: &BTreeSet<PartyId>, kind: AudienceKind) -> Vec<String> {
        let is_endpoint = |id: PartyId| {
            let mut servers = parties.iter();
            servers.any(|server| {
                let named = self.named_endpoints.get(server);
                named.is_some_and(|named| named.contains(&id))
            })
        };
        let is_of_kind = |id: &PartyId| match (kind, &self.parties[id.0].kind) {
            (AudienceKind::All, _) => true,
            (AudienceKind::AuthorizationServers, KnownKind::AuthorizationServer { .. }) => true,
            (AudienceKind::AuthorizationServers, _) => is_endpoint(*id),
            (AudienceKind::McpServers, kind) => matches!(kind, KnownKind::McpServer { .. }),
        };
        let of_kind: Vec<PartyId> = parties.iter().copied().filter(is_of_kind).collect();
        self.names(&of_kind)
    }

    /// The names of parties.
    pub(crate) fn names<'p>(&self, parties: impl IntoIterator<Item = &'p PartyId>) -> Vec<String> {
        let parties = parties.into_iter();
        parties.map(|id| self.parties[id.0].name.clone()).collect()
    }

    /// The client with this ID, as the client under test knows it in a flow that leads to `party`.
    pub(crate) fn find_client(&self, party: PartyId, id: &str) -> Option<RegisteredClient> {
        let name_both = |other: PartyId| {
            let mut documents = self.named_endpoints.values();
            documents.any(|named| named.contains(&party) && named.contains(&other))
        };
        self.clients
            .find(id, |giver| giver == party || name_both(giver))
    }

    /// Issuers of honest authorization servers whose metadata names endpoints at this one.
    pub(crate) fn issuers_in_front_of(&self, server: PartyId) -> Vec<String> {
        let points_here = |id: &PartyId| {
            let named = self.named_endpoints.get(id);
            named.is_some_and(|to| to.contains(&server))
        };
        self.all_parties()
            .filter(points_here)
            .map(|id| &self.parties[id.0])
            .filter(|party| !party.hostile)
            .filter_map(|party| match &party.kind {
                KnownKind::AuthorizationServer { issuer } => Some(issuer.clone()),
                _ => None,
            })
            .collect()
    }

    // ------------------------------------------------------------ resource values

    /// Whether the value denotes this MCP server: its URL, its identifier, or what its metadata
    /// said.
    fn is_resource_of(&self, server: PartyId, resource: &str) -> bool {
        let own = self.own_resources(server);
        own.iter().any(|own| equals_but_for_slash(own, resource))
            || self.has_published(server, resource)
    }

    /// Whether the value is the origin of this MCP server or a path above its own.
    fn is_parent_of(&self, server: PartyId, resource: &str) -> bool {
        let above = resource.trim_end_matches('/');
        let own = self.own_resources(server);
        let mut below = own.iter().filter_map(|own| own.strip_prefix(above));
        let origin = &self.parties[server.0].origin;
        above.len() >= origin.len() && below.any(|rest| rest.starts_with('/'))
    }

    fn own_resources(&self, server: PartyId) -> Vec<&str> {
        match &self.parties[server.0].kind {
            KnownKind::McpServer { url, resource } => vec![url, resource],
            _ => Vec::new(),
        }
    }

    fn has_published(&self, server: PartyId, resource: &str) -> bool {
        let published = self.published_resources.get(&server);
        published.is_some_and(|values| values.contains(resource))
    }

    /// Whether a server that the client connects to has given it protected resource metadata.
    pub(crate) fn knows_a_resource(&self) -> bool {
        let mut servers = self.connected.iter();
        servers.any(|server| self.published_resources.contains_key(server))
    }

    /// What several `resource` values are: the word of the one that fits a server best (RFC 8707
    /// allows several).
    pub(crate) fn word_of_resources<'a>(
        &self,
        resources: impl Iterator<Item = &'a str>,
    ) -> &'static str {
        let words: Vec<&str> = resources.map(|r| self.resource_word(Some(r))).collect();
        let by_fit = ["prm-value", "canonical-url", "parent", "another"];
        let best = by_fit.into_iter().find(|word| words.contains(word));
        best.unwrap_or("absent")
    }

    /// What a `resource` value is, in the words of scenarios: whether it denotes a server that the
    /// client was told to connect to.
    pub(crate) fn resource_word(&self, resource: Option<&str>) -> &'static str {
        let Some(resource) = resource.filter(|r| !r.is_empty()) else {
            return "absent";
        };
        let any_connected = |test: &dyn Fn(PartyId) -> bool| {
            let mut servers = self.connected.iter();
            servers.any(|server| test(*server))
        };
        if any_connected(&|server| self.has_published(server, resource)) {
            "prm-value"
        } else if any_connected(&|server| self.is_resource_of(server, resource)) {
            "canonical-url"
        } else if any_connected(&|server| self.is_parent_of(server, resource)) {
            "parent"
        } else {
            "another"
        }
    }

    /// Whether `resource` is a server's name with a slash at its end that the server did not put
    /// there.
    pub(crate) fn is_slash_added(&self, resource: Option<&str>) -> bool {
        let bare = resource
            .and_then(|resource| resource.strip_suffix('/'))
            .filter(|_| self.resource_word(resource) == "canonical-url");
        let mut servers = self.connected.iter();
        bare.is_some_and(|bare| servers.any(|server| self.own_resources(*server).contains(&bare)))
    }
}

/// Equal, or equal but for a final slash (position 10).
fn equals_but_for_slash(known: &str, sent: &str) -> bool {
    known.strip_suffix('/').unwrap_or(known) == sent.strip_suffix('/').unwrap_or(sent)
}
