//! From a case to running parties: the default world of the revision, ports, addresses,
//! credentials.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

use super::authorization_server::{AuthorizationServerState, Client, ClientKind, Paths, keys_of};
use super::keys::CLIENT;
use super::mcp_server::McpServerState;
use super::random::Random;
use super::state::{DeviationState, PartyState, State, Work};
use super::{Plan, WorldError, ports};
use crate::scenario::model::{
    Action, Capability, Case, Endpoints, Flow, Host, Party, PrmPlace, Registration, Revision, Role,
    Scheme, Step, Template,
};
use crate::transcript::{FORMAT, Header, PartyInfo, Resolver, View};

/// Connections that wait in the kernel until they are accepted.
const BACKLOG: u32 = 256;

/// Why a case cannot be run by this version, if it cannot: needs of the machine, and parts of the
/// format that are not built yet.
pub fn unsupported_features(case: &Case) -> Option<String> {
    if let Some(need) = case.needs.iter().find(|n| {
        matches!(
            n,
            Capability::Tls | Capability::PrivateNetwork | Capability::ExecTrace
        )
    }) {
        return Some(format!(
            "needs {}",
            if *need == Capability::PrivateNetwork {
                "private-network"
            } else {
                need.as_str()
            }
        ));
    }
    let https = case.world.values().any(|p| p.scheme == Scheme::Https);
    let named = case.world.values().any(|p| p.host == Some(Host::Named));
    let idp = case
        .world
        .values()
        .any(|p| matches!(p.role, Role::IdentityProvider(_)));
    let flow = case.steps.iter().find_map(|s| match s {
        Step::Start(start)
            if matches!(start.flow, Flow::Enterprise | Flow::Workload | Flow::Dpop) =>
        {
            Some(start.flow)
        }
        _ => None,
    });
    match (https, named, idp, flow) {
        (true, ..) => Some("needs tls".to_owned()),
        (_, true, ..) => Some("needs private-network".to_owned()),
        (_, _, true, _) => Some("the role identity provider is not built yet".to_owned()),
        (_, _, _, Some(flow)) => Some(format!("the flow {flow} is not built yet")),
        _ => None,
    }
}

/// Ports, addresses and initial state of every party.
pub(super) fn set_up(plan: &Plan<'_>) -> Result<(State, Sockets), WorldError> {
    let mut parties: BTreeMap<String, Party> = plan.case.world.clone();
    for deviation in &plan.case.deviations {
        if let Action::Settings(settings) = &deviation.action {
            for (target, (setting, value)) in deviation
                .at
                .iter()
                .flat_map(|t| settings.iter().map(move |s| (t, s)))
            {
                let applied = parties
                    .get_mut(&target.party)
                    .map(|p| p.apply(setting, value));
                if !matches!(applied, Some(Ok(()))) {
                    return Err(setup(
                        plan.case,
                        format!(
                            "deviation `{}` cannot set {}.{setting}",
                            deviation.name, target.party
                        ),
                    ));
                }
            }
        }
    }
    if plan.revision == Revision::March2025 {
        share_origins(&mut parties);
    }
    let mut random = Random::new(format!("{}/{}", plan.seed, plan.case.id));
    let (origins, sockets) = listen(plan.case, &parties)?;
    let mut header = Header {
        format: FORMAT,
        harness: env!("CARGO_PKG_VERSION").to_owned(),
        case: plan.case.id.clone(),
        control: plan.control,
        revision: Some(plan.revision),
        seed: plan.seed.clone(),
        ..Header::default()
    };
    for party in parties.values() {
        let role = match party.role {
            Role::AuthorizationServer(_) => "authorization server",
            Role::IdentityProvider(_) => "identity provider",
            Role::McpServer(_) => "mcp server",
            Role::WebSite => "web site",
        };
        header.parties.insert(
            party.name.clone(),
            PartyInfo {
                role: role.to_owned(),
                hostile: party.hostile,
            },
        );
        header.addresses.insert(
            format!("{}.origin", party.name),
            origins[&party.name].clone(),
        );
    }
    let mut working = BTreeMap::new();
    for party in parties.into_values() {
        let origin = origins[&party.name].clone();
        let work = match &party.role {
            Role::AuthorizationServer(settings) | Role::IdentityProvider(settings) => {
                let paths = endpoint_paths(settings.endpoints, &mut random);
                let mut add = |value: &str, path: &str| {
                    header
                        .addresses
                        .insert(format!("{}.{value}", party.name), format!("{origin}{path}"))
                };
                add("issuer", &settings.issuer_path);
                add("authorization_endpoint", &paths.authorization);
                add("token_endpoint", &paths.token);
                add("registration_endpoint", &paths.registration);
                add("jwks_uri", &paths.jwks);
                Work::AuthorizationServer(Box::new(AuthorizationServerState {
                    paths,
                    ..AuthorizationServerState::default()
                }))
            }
            Role::McpServer(settings) => {
                let url = format!("{origin}{}", settings.path);
                header
                    .addresses
                    .insert(format!("{}.url", party.name), url.clone());
                let resource = settings
                    .resource
                    .as_ref()
                    .map_or(Some(url), |template| resolve(&header, template));
                let resource = resource.ok_or_else(|| {
                    setup(
                        plan.case,
                        format!("world.{}.resource cannot be resolved", party.name),
                    )
                })?;
                header
                    .addresses
                    .insert(format!("{}.resource", party.name), resource);
                if let Some(place) = settings.prm_at.first() {
                    header.addresses.insert(
                        format!("{}.prm_url", party.name),
                        format!("{origin}{}", prm_path(place, &settings.path)),
                    );
                }
                Work::McpServer(McpServerState::default())
            }
            Role::WebSite => {
                header.addresses.insert(
                    format!("{}.url", party.name),
                    format!("{origin}/{}", random.hex()),
                );
                Work::WebSite
            }
        };
        working.insert(
            party.name.clone(),
            PartyState {
                party,
                origin,
                work,
            },
        );
    }
    let deviations = plan
        .case
        .deviations
        .iter()
        .filter(|d| !matches!(d.action, Action::Settings(_)))
        .map(|d| DeviationState {
            deviation: d.clone(),
            armed: d.after.is_none(),
            applied: 0,
        })
        .collect();
    let mut state = State {
        header,
        revision: plan.revision,
        events: Vec::new(),
        exchanges: Vec::new(),
        secrets: Vec::new(),
        received: 0,
        run: 0,
        parties: working,
        deviations,
        steps: plan.case.steps.iter().cloned().collect::<VecDeque<_>>(),
        due: VecDeque::new(),
        connected: Vec::new(),
        pointers: BTreeMap::new(),
        published_resources: BTreeMap::new(),
        relayed_to: BTreeSet::new(),
        tried: BTreeSet::new(),
        thief: None,
        client_documents: plan.client_documents.clone(),
        random,
        setting_deviations: plan
            .case
            .deviations
            .iter()
            .filter(|d| matches!(d.action, Action::Settings(_)))
            .map(|d| {
                (
                    d.name.clone(),
                    d.at.iter().map(|t| t.party.clone()).collect(),
                )
            })
            .collect(),
        fault: None,
    };
    register_beforehand(&mut state);
    Ok((state, sockets))
}

/// 2025-03-26: the authorization server lives on the MCP server's origin, and there is no protected
/// resource metadata.
fn share_origins(parties: &mut BTreeMap<String, Party>) {
    let mut hosts: Vec<(String, String)> = Vec::new();
    for (name, party) in parties.iter_mut() {
        if let Role::McpServer(settings) = &mut party.role {
            settings.prm_at.clear();
            hosts.extend(
                settings
                    .authorization_servers
                    .first()
                    .map(|server| (server.clone(), name.clone())),
            );
        }
    }
    for (server, host) in hosts {
        if let Some(party) = parties.get_mut(&server).filter(|p| p.hosted_on.is_none()) {
            party.hosted_on = Some(host);
        }
    }
}

/// Sockets of a world: those that listen, by origin, and those that only keep a port from being
/// taken.
#[derive(Default)]
pub(super) struct Sockets {
    pub(super) listening: Vec<(String, TcpListener)>,
    /// A bound socket that does not listen refuses connections, and nobody else can get its port.
    pub(super) refusing: Vec<TcpSocket>,
}

/// Every party's origin, and the sockets behind them.
fn listen(
    case: &Case,
    parties: &BTreeMap<String, Party>,
) -> Result<(BTreeMap<String, String>, Sockets), WorldError> {
    let mut origins = BTreeMap::new();
    let mut sockets = Sockets::default();
    for party in parties.values().filter(|p| p.hosted_on.is_none()) {
        let host = party.host.unwrap_or(if party.hostile {
            Host::Ipv4
        } else {
            Host::Localhost
        });
        let (port, bound) = bind_on(host, party.up)?;
        let origin = format!("{}://{host}:{port}", party.scheme);
        for socket in bound {
            match socket {
                Bound::Listening(listener) => sockets.listening.push((origin.clone(), listener)),
                Bound::Refusing(socket) => sockets.refusing.push(socket),
            }
        }
        origins.insert(party.name.clone(), origin);
    }
    for party in parties.values() {
        let mut host = party.name.as_str();
        // a chain of hosts ends at one with an own port; as many hops as parties are enough
        for _ in 0..parties.len() {
            host = parties
                .get(host)
                .and_then(|p| p.hosted_on.as_deref())
                .unwrap_or(host);
        }
        let origin = origins.get(host).cloned().ok_or_else(|| {
            setup(
                case,
                format!("world.{}.hosted_on leads nowhere", party.name),
            )
        })?;
        origins.insert(party.name.clone(), origin);
    }
    Ok((origins, sockets))
}

/// A socket with a port of its own.
enum Bound {
    Listening(TcpListener),
    Refusing(TcpSocket),
}

/// A port, and with it a socket for each address that the host name stands for.
fn bind_on(host: Host, up: bool) -> Result<(u16, Vec<Bound>), WorldError> {
    let mut last = None;
    for port in ports::candidates(ports::SERVERS) {
        match bind_at(host, port, up) {
            Ok(bound) => return Ok((port, bound)),
            Err(error) if is_taken(&error) => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    let source = std::io::Error::other("no port is free");
    Err(last.unwrap_or(WorldError::Listen {
        address: host.to_string(),
        source,
    }))
}

fn bind_at(host: Host, port: u16, up: bool) -> Result<Vec<Bound>, WorldError> {
    let v4 = || bind((Ipv4Addr::LOCALHOST, port).into(), up);
    let v6 = || bind((Ipv6Addr::LOCALHOST, port).into(), up);
    match host {
        Host::Ipv6 => Ok(vec![v6()?]),
        Host::Ipv4 | Host::Named => Ok(vec![v4()?]),
        Host::Localhost => {
            let first = v4()?;
            match v6() {
                Ok(second) => Ok(vec![first, second]),
                Err(error) if is_taken(&error) => Err(error),
                // no IPv6 on this machine: `localhost` is 127.0.0.1 alone
                Err(_) => Ok(vec![first]),
            }
        }
    }
}

fn is_taken(error: &WorldError) -> bool {
    matches!(error, WorldError::Listen { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse)
}

/// A bound socket. One that listens may take a port on which old connections still linger:
/// thousands of runs in a minute would use all ports up otherwise. One that only refuses must not,
/// or somebody else could listen there.
fn bind(address: SocketAddr, up: bool) -> Result<Bound, WorldError> {
    let socket = if address.is_ipv6() {
        TcpSocket::new_v6()
    } else {
        TcpSocket::new_v4()
    };
    let bound = socket.and_then(|socket| {
        socket.set_reuseaddr(up)?;
        socket.bind(address)?;
        if up {
            socket.listen(BACKLOG).map(Bound::Listening)
        } else {
            Ok(Bound::Refusing(socket))
        }
    });
    bound.map_err(|source| WorldError::Listen {
        address: address.to_string(),
        source,
    })
}

fn endpoint_paths(endpoints: Endpoints, random: &mut Random) -> Paths {
    match endpoints {
        Endpoints::Default => Paths {
            authorization: "/authorize".to_owned(),
            token: "/token".to_owned(),
            registration: "/register".to_owned(),
            jwks: "/jwks".to_owned(),
        },
        Endpoints::Unguessable => {
            let mut path = |name: &str| format!("/{}/{name}", &random.hex()[..8]);
            Paths {
                authorization: path("authorize"),
                token: path("token"),
                registration: path("register"),
                jwks: path("jwks"),
            }
        }
    }
}

/// The path of a place of protected resource metadata (RFC 9728 section 3.1: a final slash after
/// the host is removed).
pub(super) fn prm_path(place: &PrmPlace, mcp_path: &str) -> String {
    match place {
        PrmPlace::Path => format!(
            "/.well-known/oauth-protected-resource{}",
            if mcp_path == "/" { "" } else { mcp_path }
        ),
        PrmPlace::Root => "/.well-known/oauth-protected-resource".to_owned(),
        PrmPlace::Named(path) => path.clone(),
    }
}

/// The clients that were registered before the story begins.
fn register_beforehand(state: &mut State) {
    let names: Vec<String> = state.parties.keys().cloned().collect();
    for name in names {
        let Some(settings) = state.authorization_server_settings(&name).cloned() else {
            continue;
        };
        if !settings.registration.contains(&Registration::PreRegistered) {
            continue;
        }
        let (id, secret) = match &settings.client {
            Some(client) => (
                resolve(&state.header, &client.id),
                resolve(&state.header, &client.secret),
            ),
            None => (
                Some(format!("{name}-client-{}", state.random.hex())),
                Some(format!("{name}-secret-{}", state.random.hex())),
            ),
        };
        let id = id.unwrap_or_default();
        let client = Client {
            id: id.clone(),
            kind: ClientKind::PreRegistered,
            redirect_uris: None,
            secret,
            keys: keys_of(&CLIENT.key_set()),
            auth: None,
        };
        if let Some(server) = state.authorization_server_mut(&name) {
            server.clients.insert(id, client);
        }
    }
}

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

fn setup(case: &Case, problem: String) -> WorldError {
    WorldError::Setup {
        case: case.id.clone(),
        problem,
    }
}
