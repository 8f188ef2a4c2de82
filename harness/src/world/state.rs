//! The state of a running world: its parties, what was recorded, what deviates and which steps are
//! to come.
//!
//! One lock guards it, and every request is handled from its first event to its answer's under that
//! lock: that is the total order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value as Json};

use super::ClientDocument;
use super::authorization_server::AuthorizationServerState;
use super::mcp_server::McpServerState;
use super::random::Random;
use crate::scenario::model::{
    Change, Deviation, EventKind, Nth, Party, Pattern, Revision, Role, SecretName, Start, Step,
};
use crate::transcript::{Event, Exchange, Header, Resolver, Secret, View};

/// Requests a client may make in one world before it is taken to be looping.
const MOST_REQUESTS: usize = 400;

/// Things that may happen in one world, and bytes that a client may send it, before the same is
/// concluded.
const MOST_EVENTS: usize = 4000;
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// Everything that changes while the world runs.
pub(crate) struct State {
    pub(crate) header: Header,
    pub(crate) revision: Revision,
    pub(crate) events: Vec<Event>,
    pub(crate) exchanges: Vec<Exchange>,
    pub(crate) secrets: Vec<Secret>,
    /// Bytes received with requests.
    pub(crate) received: usize,
    /// The start of the client that is under way, from 1.
    pub(crate) run: u32,
    pub(crate) parties: BTreeMap<String, PartyState>,
    pub(crate) deviations: Vec<DeviationState>,
    pub(crate) steps: VecDeque<Step>,
    /// Starts whose moment has come.
    pub(crate) due: VecDeque<Start>,
    /// The servers that the client was told to connect to, in this start.
    pub(crate) connected: Vec<String>,
    /// Parties that a party's answers have pointed at: MCP server to authorization server, metadata
    /// to endpoints.
    pub(crate) pointers: BTreeMap<String, BTreeSet<String>>,
    /// `resource` values that an MCP server's metadata gave.
    pub(crate) published_resources: BTreeMap<String, BTreeSet<String>>,
    /// Addresses that hostile servers sent the browser on to. Who asks for one of them was sent.
    pub(crate) relayed_to: BTreeSet<String>,
    /// What attackers have tried already: a secret's tag and the use.
    pub(crate) tried: BTreeSet<(String, &'static str)>,
    /// The hostile party whose hand is at work, for the requests that it makes.
    pub(crate) thief: Option<String>,
    /// Client ID metadata documents that can be fetched through the harness, by URL.
    pub(crate) client_documents: BTreeMap<String, ClientDocument>,
    pub(crate) random: Random,
    /// Parties whose settings deviate, by the deviation's name.
    pub(crate) setting_deviations: BTreeMap<String, Vec<String>>,
    /// What went wrong in the harness itself.
    pub(crate) fault: Option<String>,
}

/// A party at work.
pub(crate) struct PartyState {
    pub(crate) party: Party,
    /// `http://localhost:PORT`
    pub(crate) origin: String,
    pub(crate) work: Work,
}

/// What a role remembers.
pub(crate) enum Work {
    AuthorizationServer(Box<AuthorizationServerState>),
    McpServer(McpServerState),
    WebSite,
}

/// A deviation and how far it has come.
pub(crate) struct DeviationState {
    pub(crate) deviation: Deviation,
    /// Whether what it waits for has happened.
    pub(crate) armed: bool,
    pub(crate) applied: u32,
}

impl State {
    pub(crate) fn view(&self) -> View<'_> {
        View {
            header: &self.header,
            events: &self.events,
            secrets: &self.secrets,
        }
    }

    /// Whether so much has happened that the client must be looping.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.exchanges.len() >= MOST_REQUESTS
            || self.events.len() >= MOST_EVENTS
            || self.received >= MOST_BYTES
    }

    /// A resolver as of now.
    pub(crate) fn resolver(&self) -> Resolver<'_> {
        Resolver {
            view: self.view(),
            at: self.events.len(),
            original: None,
        }
    }

    pub(crate) fn party(&self, name: &str) -> Option<&PartyState> {
        self.parties.get(name)
    }

    pub(crate) fn is_hostile(&self, name: &str) -> bool {
        self.parties.get(name).is_some_and(|p| p.party.hostile)
    }

    pub(crate) fn address(&self, party: &str, value: &str) -> String {
        self.header
            .addresses
            .get(&format!("{party}.{value}"))
            .cloned()
            .unwrap_or_default()
    }

    /// Records an event and lets whatever waits for it happen. Returns its index.
    pub(crate) fn record(
        &mut self,
        party: Option<&str>,
        kind: EventKind,
        fields: Map<String, Json>,
    ) -> usize {
        self.record_answer(party, kind, fields, Vec::new(), true, None)
    }

    /// Records an event that is an answer: it may carry deviations and may not have been delivered
    /// yet.
    pub(crate) fn record_answer(
        &mut self,
        party: Option<&str>,
        kind: EventKind,
        fields: Map<String, Json>,
        deviations: Vec<String>,
        delivered: bool,
        exchange: Option<usize>,
    ) -> usize {
        let index = self.events.len();
        self.events.push(Event {
            run: self.run,
            party: party.map(str::to_owned),
            kind,
            exchange,
            deviations,
            delivered,
            fields: fields
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .filter_map(|(word, value)| Some((word.parse().ok()?, value)))
                .collect(),
        });
        self.after_event(index);
        index
    }

    /// Arms deviations and takes the steps that wait for the event at `index`.
    fn after_event(&mut self, index: usize) {
        let armed: Vec<usize> = (0..self.deviations.len())
            .filter(|&i| !self.deviations[i].armed)
            .filter(|&i| {
                self.deviations[i]
                    .deviation
                    .after
                    .as_ref()
                    .is_some_and(|after| self.view().fits(after, index))
            })
            .collect();
        for i in armed {
            self.deviations[i].armed = true;
        }
        loop {
            match self.steps.front() {
                Some(Step::Change(change)) if self.view().fits(&change.after, index) => {
                    if let Some(Step::Change(change)) = self.steps.pop_front() {
                        self.change(&change);
                    }
                    // each step waits for an event of its own, or two equal ones in a row would
                    // happen at once
                    return;
                }
                Some(Step::Start(start))
                    if start
                        .after
                        .as_ref()
                        .is_some_and(|after: &Pattern| self.view().fits(after, index)) =>
                {
                    if let Some(Step::Start(start)) = self.steps.pop_front() {
                        self.due.push_back(start);
                    }
                }
                _ => return,
            }
        }
    }

    fn change(&mut self, change: &Change) {
        for (party, setting, value) in &change.set {
            let outcome = self
                .parties
                .get_mut(party)
                .map(|p| p.party.apply(setting, value));
            if !matches!(outcome, Some(Ok(()))) {
                self.fault = Some(format!("step cannot set {party}.{setting}"));
            }
        }
        for name in change.expire.iter().chain(&change.revoke) {
            for value in self.named_secrets(name) {
                if let Some(server) = self.authorization_server_mut(&name.party) {
                    server.void.insert(value);
                }
            }
        }
    }

    /// The values that a secret's name stands for now.
    fn named_secrets(&self, wanted: &SecretName) -> Vec<String> {
        let name = format!("{}.{}", wanted.party, wanted.kind);
        let mut all = self.secrets.iter().filter(|s| s.name == name);
        match wanted.nth {
            Nth::Unsaid => all.map(|s| s.value.clone()).collect(),
            Nth::Number(n) => all
                .filter(|s| s.number == n)
                .map(|s| s.value.clone())
                .collect(),
            Nth::Latest => all
                .next_back()
                .map(|s| s.value.clone())
                .into_iter()
                .collect(),
        }
    }

    /// Registers a secret, and who may see it. The event that hands it out is the next one
    /// recorded.
    pub(crate) fn issue(&mut self, party: &str, kind: &str, value: &str, audience: Vec<String>) {
        let name = format!("{party}.{kind}");
        if self
            .secrets
            .iter()
            .any(|s| s.name == name && s.value == value)
        {
            return;
        }
        let number = self.secrets.iter().filter(|s| s.name == name).count() + 1;
        self.secrets.push(Secret {
            name,
            number,
            value: value.to_owned(),
            event: self.events.len(),
            audience,
        });
    }

    pub(crate) fn authorization_server(&self, name: &str) -> Option<&AuthorizationServerState> {
        match &self.parties.get(name)?.work {
            Work::AuthorizationServer(state) => Some(state),
            _ => None,
        }
    }

    pub(crate) fn authorization_server_mut(
        &mut self,
        name: &str,
    ) -> Option<&mut AuthorizationServerState> {
        match &mut self.parties.get_mut(name)?.work {
            Work::AuthorizationServer(state) => Some(state),
            _ => None,
        }
    }

    pub(crate) fn mcp_server_mut(&mut self, name: &str) -> Option<&mut McpServerState> {
        match &mut self.parties.get_mut(name)?.work {
            Work::McpServer(state) => Some(state),
            _ => None,
        }
    }

    pub(crate) fn authorization_server_settings(
        &self,
        name: &str,
    ) -> Option<&crate::scenario::model::AuthorizationServer> {
        match &self.parties.get(name)?.party.role {
            Role::AuthorizationServer(settings) | Role::IdentityProvider(settings) => {
                Some(settings)
            }
            _ => None,
        }
    }

    pub(crate) fn mcp_server_settings(
        &self,
        name: &str,
    ) -> Option<&crate::scenario::model::McpServer> {
        match &self.parties.get(name)?.party.role {
            Role::McpServer(settings) => Some(settings),
            _ => None,
        }
    }

    /// MCP servers whose settings list this authorization server: the resources that it knows.
    pub(crate) fn resources_of(&self, authorization_server: &str) -> Vec<String> {
        let lists = |p: &&PartyState| match &p.party.role {
            Role::McpServer(m) => m
                .authorization_servers
                .iter()
                .any(|a| a == authorization_server),
            _ => false,
        };
        self.parties
            .values()
            .filter(lists)
            .map(|p| p.party.name.clone())
            .collect()
    }

    // ------------------------------------------------------------ the client's view of its flows

    /// Notes that a party's answer points at addresses of others.
    pub(crate) fn point(&mut self, from: &str, addresses: &[String]) {
        let targets: Vec<String> = addresses
            .iter()
            .flat_map(|address| self.owners(address))
            .collect();
        self.pointers
            .entry(from.to_owned())
            .or_default()
            .extend(targets);
    }

    /// The parties that an address may belong to: those of its origin, narrowed to the one whose
    /// issuer or endpoint it is.
    fn owners(&self, address: &str) -> Vec<String> {
        let exact: Vec<String> = self
            .header
            .addresses
            .iter()
            .filter(|(_, v)| v.as_str() == address)
            .filter_map(|(k, _)| k.split('.').next().map(str::to_owned))
            .collect();
        if !exact.is_empty() {
            return exact;
        }
        let Ok(url) = url::Url::parse(address) else {
            return Vec::new();
        };
        let origin = url.origin().ascii_serialization();
        self.parties
            .values()
            .filter(|p| p.origin.eq_ignore_ascii_case(&origin))
            .map(|p| p.party.name.clone())
            .collect()
    }

    /// All parties that take part, in the client's view, in a flow that begins at the MCP server
    /// `server`.
    pub(crate) fn flow_parties(&self, server: &str) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let mut todo = vec![server.to_owned()];
        while let Some(party) = todo.pop() {
            if seen.insert(party.clone()) {
                todo.extend(self.pointers.get(&party).into_iter().flatten().cloned());
                if self.revision == Revision::March2025 {
                    // without metadata the authorization server is whatever lives on the MCP
                    // server's origin
                    let origin = self.parties.get(&party).map(|p| p.origin.clone());
                    todo.extend(
                        self.parties
                            .values()
                            .filter(|p| Some(&p.origin) == origin.as_ref())
                            .map(|p| p.party.name.clone()),
                    );
                }
            }
        }
        seen
    }

    /// Who may see a secret that the client got from `issuer` in a flow for `resource`.
    pub(crate) fn audience(&self, issuer: &str, resource: Option<&str>) -> Vec<String> {
        let named: Vec<&String> = self
            .connected
            .iter()
            .filter(|s| resource.is_some_and(|r| self.is_resource_of(s, r)))
            .collect();
        let servers: Vec<&String> = if !named.is_empty() {
            named
        } else {
            let in_view: Vec<&String> = self
                .connected
                .iter()
                .filter(|s| self.flow_parties(s).contains(issuer))
                .collect();
            if in_view.is_empty() {
                self.connected.iter().collect()
            } else {
                in_view
            }
        };
        let mut audience: BTreeSet<String> = servers
            .into_iter()
            .flat_map(|s| self.flow_parties(s))
            .collect();
        audience.insert(issuer.to_owned());
        audience.into_iter().collect()
    }

    /// Whether the value denotes this MCP server: its URL, its identifier, or what its metadata
    /// said.
    pub(crate) fn is_resource_of(&self, server: &str, resource: &str) -> bool {
        [
            self.address(server, "url"),
            self.address(server, "resource"),
        ]
        .iter()
        .any(|own| is_but_for_slash(own, resource))
            || self
                .published_resources
                .get(server)
                .is_some_and(|values| values.contains(resource))
    }
}

/// Equal, or equal but for a final slash (position 10).
pub(crate) fn is_but_for_slash(known: &str, said: &str) -> bool {
    known.strip_suffix('/').unwrap_or(known) == said.strip_suffix('/').unwrap_or(said)
}
