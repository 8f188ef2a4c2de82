//! From a case to running parties: the default world of the revision, ports, addresses,
//! credentials.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket};

use super::attacker::AttackerMemory;
use super::authorization_server::client::{ClientKind, RegisteredClient, read_key_set};
use super::authorization_server::role::{
    AuthorizationServerAddresses, AuthorizationServerMemory, AuthorizationServerRole, EndpointPaths,
};
use super::client_view::{ClientView, KnownKind, KnownParty};
use super::error::WorldError;
use super::issued_grants::IssuedGrants;
use super::keys::CLIENT;
use super::mcp_server::resource_path::resource_metadata_path;
use super::mcp_server::role::{McpServerAddresses, McpServerRole};
use super::net::bind::{Bound, bind_on};
use super::parties::{Parties, PartyAtWork, PartyRole, Site};
use super::party_id::{PartyId, SiteId};
use super::plan::Plan;
use super::random::Random;
use super::recorder::Recorder;
use super::sender::Senders;
use super::set_up_script::set_up_script;
use super::world_state::WorldState;
use crate::scenario::model::{
    Action, AuthorizationServer, Case, Endpoints, McpServer, Party, Registration, Revision, Role,
    Template,
};
use crate::transcript::{FORMAT, Header, PartyInfo, Resolver, View};

/// Sockets of a world: those that listen, with the site that they serve, and those that only keep a
/// port from being taken.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    pub(super) listening: Vec<(SiteId, TcpListener)>,
    /// A bound socket that does not listen refuses connections, and nobody else can get its port.
    pub(super) refusing: Vec<TcpSocket>,
}

/// Sets up ports, addresses and the initial state of every party.
pub(super) fn set_up(plan: &Plan<'_>) -> Result<(WorldState, Sockets), WorldError> {
    let declared = declare_parties(plan)?;
    let (sites, sockets) = listen(plan.case, &declared)?;
    let mut builder = Builder {
        plan,
        header: header_of(plan, &declared),
        sites: &sites,
        client_documents: Arc::new(plan.client_documents.clone()),
    };
    for site in &sites {
        for id in &site.parties {
            let party = declared.values().nth(id.0);
            let name = party.map(|party| party.name.clone()).unwrap_or_default();
            builder.add_address(&name, "origin", site.origin.clone());
        }
    }
    let mut all = Vec::new();
    for (index, party) in declared.into_values().enumerate() {
        all.push(builder.put_to_work(PartyId(index), party)?);
    }
    let header = builder.header;
    let mut parties = Parties { all, sites };
    for id in parties.ids() {
        parties.adopt_settings(id);
        if let Some(server) = parties.authorization_server_mut(id) {
            register_beforehand(server, &header);
        }
    }
    let script = set_up_script(plan.case, &parties)?;
    let mut view = ClientView::default();
    view.parties = parties
        .all
        .iter()
        .map(|p| known_party(p, &parties))
        .collect();
    view.origin_is_flow = plan.revision == Revision::March2025;
    view.addresses = header
        .addresses
        .iter()
        .filter_map(|(name, address)| {
            let party = parties.find(name.split('.').next()?)?;
            Some((address.clone(), party))
        })
        .collect();
    let state = WorldState {
        recorder: Recorder::new(header),
        parties,
        script,
        view,
        issued: IssuedGrants::default(),
        senders: Senders::default(),
        attacker: AttackerMemory::default(),
        revision: plan.revision,
        fault: None,
    };
    Ok((state, sockets))
}

/// The case's parties with the settings that deviate.
fn declare_parties(plan: &Plan<'_>) -> Result<BTreeMap<String, Party>, WorldError> {
    let mut parties = plan.case.world.clone();
    for deviation in &plan.case.deviations {
        let Action::Settings(settings) = &deviation.action else {
            continue;
        };
        for target in &deviation.at {
            for (setting, value) in settings {
                let party = parties.get_mut(&target.party);
                let applied = party.map(|party| party.apply(setting, value));
                if !matches!(applied, Some(Ok(()))) {
                    let (name, party) = (&deviation.name, &target.party);
                    let problem = format!("deviation `{name}` cannot set {party}.{setting}");
                    return Err(setup_error(plan.case, problem));
                }
            }
        }
    }
    if plan.revision == Revision::March2025 {
        share_origins(&mut parties);
    }
    Ok(parties)
}

/// 2025-03-26: the authorization server lives on the MCP server's origin, and there is no protected
/// resource metadata.
fn share_origins(parties: &mut BTreeMap<String, Party>) {
    let mut hosts: Vec<(String, String)> = Vec::new();
    for (name, party) in parties.iter_mut() {
        if let Role::McpServer(settings) = &mut party.role {
            settings.prm_at.clear();
            let server = settings.authorization_servers.first();
            hosts.extend(server.map(|server| (server.clone(), name.clone())));
        }
    }
    for (server, host) in hosts {
        if let Some(party) = parties.get_mut(&server).filter(|p| p.hosted_on.is_none()) {
            party.hosted_on = Some(host);
        }
    }
}

fn header_of(plan: &Plan<'_>, parties: &BTreeMap<String, Party>) -> Header {
    let info = |party: &Party| PartyInfo {
        role: role_name(&party.role).to_owned(),
        hostile: party.hostile,
    };
    let parties = parties.values();
    Header {
        format: FORMAT,
        harness: env!("CARGO_PKG_VERSION").to_owned(),
        case: plan.case.id.clone(),
        control: plan.control,
        revision: Some(plan.revision),
        seed: plan.seed.clone(),
        parties: parties.map(|p| (p.name.clone(), info(p))).collect(),
        ..Header::default()
    }
}

fn role_name(role: &Role) -> &'static str {
    match role {
        Role::AuthorizationServer(_) => "authorization server",
        Role::IdentityProvider(_) => "identity provider",
        Role::McpServer(_) => "mcp server",
        Role::WebSite => "web site",
    }
}

/// Every site of the world, and the sockets behind them.
fn listen(
    case: &Case,
    parties: &BTreeMap<String, Party>,
) -> Result<(Vec<Site>, Sockets), WorldError> {
    let mut sites: Vec<Site> = Vec::new();
    let mut sockets = Sockets::default();
    let mut site_by_owner = BTreeMap::new();
    for (index, party) in parties.values().enumerate() {
        if party.hosted_on.is_some() {
            continue;
        }
        let site = SiteId(sites.len());
        let host = party.effective_host();
        let (port, bound) = bind_on(host, party.up)?;
        for socket in bound {
            match socket {
                Bound::Listening(listener) => sockets.listening.push((site, listener)),
                Bound::Refusing(socket) => sockets.refusing.push(socket),
            }
        }
        sites.push(Site {
            origin: format!("{}://{host}:{port}", party.scheme),
            owner: PartyId(index),
            parties: Vec::new(),
        });
        site_by_owner.insert(party.name.as_str(), site);
    }
    for (index, party) in parties.values().enumerate() {
        let host = find_host(party, parties);
        let site = site_by_owner.get(host).ok_or_else(|| {
            setup_error(
                case,
                format!("world.{}.hosted_on leads to no party", party.name),
            )
        })?;
        sites[site.0].parties.push(PartyId(index));
    }
    Ok((sites, sockets))
}

/// The name of the party whose origin this party uses in the end.
fn find_host<'a>(party: &'a Party, parties: &'a BTreeMap<String, Party>) -> &'a str {
    let mut host = party.name.as_str();
    // a chain of hosts ends at one with a port of its own; as many hops as parties are enough
    for _ in 0..parties.len() {
        let next = parties.get(host).and_then(|p| p.hosted_on.as_deref());
        host = next.unwrap_or(host);
    }
    host
}

fn known_party(party: &PartyAtWork, parties: &Parties) -> KnownParty {
    let kind = match &party.role {
        PartyRole::AuthorizationServer(server) => KnownKind::AuthorizationServer {
            issuer: server.addresses.issuer.clone(),
        },
        PartyRole::McpServer(server) => KnownKind::McpServer {
            url: server.addresses.url.clone(),
            resource: server.addresses.resource.clone(),
        },
        PartyRole::WebSite => KnownKind::WebSite,
    };
    KnownParty {
        name: party.declared.name.clone(),
        origin: parties.origin(party.site).to_owned(),
        hostile: party.declared.hostile,
        kind,
    }
}

/// Makes the parties and notes their addresses in the transcript's header.
struct Builder<'a> {
    plan: &'a Plan<'a>,
    header: Header,
    sites: &'a [Site],
    client_documents: Arc<BTreeMap<String, super::plan::ClientDocument>>,
}

impl Builder<'_> {
    fn put_to_work(&mut self, id: PartyId, party: Party) -> Result<PartyAtWork, WorldError> {
        let serves = |site: &Site| site.parties.contains(&id);
        let site = self.sites.iter().position(serves).unwrap_or_default();
        let origin = self.sites[site].origin.clone();
        let (plan, name) = (self.plan, &party.name);
        let mut random = Random::new(format!("{}/{}/{name}", plan.seed, plan.case.id));
        let role = match &party.role {
            Role::AuthorizationServer(settings) | Role::IdentityProvider(settings) => {
                let server = self.authorization_server(id, &party, settings, &origin, random);
                PartyRole::AuthorizationServer(Box::new(server))
            }
            Role::McpServer(settings) => {
                let server = self.mcp_server(id, &party, settings, &origin, random)?;
                PartyRole::McpServer(Box::new(server))
            }
            Role::WebSite => {
                self.add_address(name, "url", format!("{origin}/{}", random.draw_hex()));
                PartyRole::WebSite
            }
        };
        Ok(PartyAtWork {
            declared: party,
            site: SiteId(site),
            role,
        })
    }

    fn add_address(&mut self, party: &str, value: &str, address: String) {
        let name = format!("{party}.{value}");
        self.header.addresses.insert(name, address);
    }

    fn authorization_server(
        &mut self,
        id: PartyId,
        party: &Party,
        settings: &AuthorizationServer,
        origin: &str,
        mut random: Random,
    ) -> AuthorizationServerRole {
        let paths = endpoint_paths(settings.endpoints, &mut random);
        let url = |path: &str| format!("{origin}{path}");
        let addresses = AuthorizationServerAddresses {
            issuer: url(&settings.issuer_path),
            authorization_endpoint: url(&paths.authorization),
            token_endpoint: url(&paths.token),
            registration_endpoint: url(&paths.registration),
            jwks_uri: url(&paths.jwks),
        };
        for (value, address) in [
            ("issuer", &addresses.issuer),
            ("authorization_endpoint", &addresses.authorization_endpoint),
            ("token_endpoint", &addresses.token_endpoint),
            ("registration_endpoint", &addresses.registration_endpoint),
            ("jwks_uri", &addresses.jwks_uri),
        ] {
            self.add_address(&party.name, value, address.clone());
        }
        AuthorizationServerRole {
            id,
            name: party.name.clone(),
            hostile: party.hostile,
            settings: settings.clone(),
            addresses,
            paths,
            random,
            client_documents: Arc::clone(&self.client_documents),
            memory: AuthorizationServerMemory::default(),
        }
    }

    fn mcp_server(
        &mut self,
        id: PartyId,
        party: &Party,
        settings: &McpServer,
        origin: &str,
        random: Random,
    ) -> Result<McpServerRole, WorldError> {
        let name = &party.name;
        let url = format!("{origin}{}", settings.path);
        self.add_address(name, "url", url.clone());
        let resource = match &settings.resource {
            None => url.clone(),
            Some(template) => resolve(&self.header, template).ok_or_else(|| {
                let problem = format!("world.{name}.resource cannot be resolved");
                setup_error(self.plan.case, problem)
            })?,
        };
        self.add_address(name, "resource", resource.clone());
        let place = settings.prm_at.first();
        let resource_metadata =
            place.map(|place| format!("{origin}{}", resource_metadata_path(place, &settings.path)));
        if let Some(address) = &resource_metadata {
            self.add_address(name, "prm_url", address.clone());
        }
        let addresses = McpServerAddresses {
            url,
            resource,
            resource_metadata,
        };
        let revision = self.plan.revision;
        Ok(McpServerRole::new(
            id,
            name.clone(),
            revision,
            addresses,
            random,
        ))
    }
}

/// Registers the client that is known before the world begins, if the server has one. Its ID may
/// name the address of any party.
fn register_beforehand(server: &mut AuthorizationServerRole, header: &Header) {
    let registration = &server.settings.registration;
    if !registration.contains(&Registration::PreRegistered) {
        return;
    }
    let (id, secret) = match &server.settings.client {
        Some(client) => (
            resolve(header, &client.id).unwrap_or_default(),
            resolve(header, &client.secret),
        ),
        None => (
            format!("{}-client-{}", server.name, server.random.draw_hex()),
            Some(format!(
                "{}-secret-{}",
                server.name,
                server.random.draw_hex()
            )),
        ),
    };
    let client = RegisteredClient {
        secret,
        keys: read_key_set(&CLIENT.key_set()),
        ..RegisteredClient::with_id(&id, ClientKind::PreRegistered)
    };
    server.memory.clients.insert(id, client);
}

fn endpoint_paths(endpoints: Endpoints, random: &mut Random) -> EndpointPaths {
    let mut path = |name: &str| match endpoints {
        Endpoints::Default => format!("/{name}"),
        Endpoints::Unguessable => format!("/{}/{name}", &random.draw_hex()[..8]),
    };
    EndpointPaths {
        authorization: path("authorize"),
        token: path("token"),
        registration: path("register"),
        jwks: path("jwks"),
    }
}

/// The text of a template before anything has happened.
fn resolve(header: &Header, template: &Template) -> Option<String> {
    let view = View {
        header,
        events: &[],
        secrets: &[],
    };
    Resolver {
        view,
        at: 0,
        original: None,
    }
    .text(template)
}

pub(super) fn setup_error(case: &Case, problem: String) -> WorldError {
    WorldError::Setup {
        case: case.id.clone(),
        problem,
    }
}
