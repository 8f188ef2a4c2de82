//! What the client can know of its flows: which servers it was told to connect to, and which
//! parties their answers have pointed it at.
//!
//! From this follows who may see a secret that the client was given: a token that reaches a party
//! outside of the flow in which it was issued has leaked.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{Content, Draft};
use super::party_id::PartyId;
use crate::scenario::model::Message;

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
    /// Parties that a party's answers have pointed at: MCP server to authorization server, metadata
    /// to endpoints.
    pointers: BTreeMap<PartyId, BTreeSet<PartyId>>,
    /// `resource` values that an MCP server's metadata gave.
    published_resources: BTreeMap<PartyId, BTreeSet<String>>,
}

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

    /// Notes where an answer that the party gave points the client at.
    pub(crate) fn note_answer(&mut self, party: PartyId, draft: &Draft) {
        match (draft.message, &draft.content) {
            (Some(Message::Metadata), _) => {
                let names = [
                    "authorization_endpoint",
                    "token_endpoint",
                    "registration_endpoint",
                    "issuer",
                ];
                let addresses = names.iter().filter_map(|name| draft.member(name));
                self.point_at(party, &addresses.collect::<Vec<_>>());
            }
            (Some(Message::Prm), Content::Json(members)) => {
                let servers = members
                    .get("authorization_servers")
                    .and_then(serde_json::Value::as_array);
                let issuers = servers.into_iter().flatten();
                let issuers: Vec<String> = issuers
                    .filter_map(serde_json::Value::as_str)
                    .map(str::to_owned)
                    .collect();
                self.point_at(party, &issuers);
                let resource = members.get("resource").and_then(serde_json::Value::as_str);
                self.published_resources
                    .entry(party)
                    .or_default()
                    .extend(resource.map(str::to_owned));
            }
            _ => {}
        }
    }

    fn point_at(&mut self, from: PartyId, addresses: &[String]) {
        let targets: Vec<PartyId> = addresses
            .iter()
            .flat_map(|address| self.find_owners(address))
            .collect();
        self.pointers.entry(from).or_default().extend(targets);
    }

    /// The parties that an address may belong to: the one whose issuer or endpoint it is, else all
    /// of its origin.
    fn find_owners(&self, address: &str) -> Vec<PartyId> {
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
                todo.extend(self.pointers.get(&party).into_iter().flatten());
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
        self.names_of(audience, kind)
    }

    /// Names of the parties that take part in a flow that begins at this MCP server.
    pub(crate) fn flow_audience(&self, server: PartyId, kind: AudienceKind) -> Vec<String> {
        self.names_of(self.flow_parties(server), kind)
    }

    fn names_of(&self, parties: BTreeSet<PartyId>, kind: AudienceKind) -> Vec<String> {
        let is_of_kind = |party: &&KnownParty| match kind {
            AudienceKind::All => true,
            AudienceKind::AuthorizationServers => {
                matches!(party.kind, KnownKind::AuthorizationServer { .. })
            }
            AudienceKind::McpServers => matches!(party.kind, KnownKind::McpServer { .. }),
        };
        let parties = parties.into_iter().map(|id| &self.parties[id.0]);
        parties
            .filter(is_of_kind)
            .map(|party| party.name.clone())
            .collect()
    }

    /// Issuers of honest authorization servers whose metadata names endpoints at this one.
    pub(crate) fn issuers_in_front_of(&self, server: PartyId) -> Vec<String> {
        let points_here = |id: &PartyId| {
            let pointers = self.pointers.get(id);
            pointers.is_some_and(|to| to.contains(&server))
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
        let by_fit = ["prm-value", "canonical-url", "another"];
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
