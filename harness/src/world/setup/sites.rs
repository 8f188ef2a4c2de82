//! Binds the ports of a world and says which party is served where.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpSocket};

use super::super::error::WorldError;
use super::super::net::bind::{Bound, bind_named, bind_on};
use super::super::net::certificate_authority::CertificateAuthority;
use super::super::net::named_network::NamedNetwork;
use super::super::parties::Site;
use super::super::party_id::{PartyId, SiteId};
use super::setup_error::setup_error;
use crate::scenario::model::{Case, Host, Party, Role, Scheme};

/// Sockets of a world: those that listen, with the site that they serve, and those that only keep a
/// port from being taken.
#[derive(Debug, Default)]
pub(in super::super) struct Sockets {
    pub(in super::super) listening: Vec<ListeningSocket>,
    /// A bound socket that does not listen refuses connections, and nobody else can get its port.
    pub(in super::super) refusing: Vec<TcpSocket>,
}

/// A socket that listens for the connections of a site.
#[derive(Debug)]
pub(in super::super) struct ListeningSocket {
    pub(in super::super) site: SiteId,
    pub(in super::super) listener: TcpListener,
    /// With what it speaks TLS, if it does.
    pub(in super::super) tls: Option<Arc<ServerConfig>>,
}

/// Every site of the world, and the sockets behind them.
pub(super) fn listen(
    case: &Case,
    parties: &BTreeMap<String, Party>,
    network: Option<&NamedNetwork>,
) -> Result<(Vec<Site>, Sockets), WorldError> {
    if let Some(network) = network {
        network.begin_world();
    }
    let mut sites: Vec<Site> = Vec::new();
    let mut sockets = Sockets::default();
    let mut site_by_owner = BTreeMap::new();
    for (index, party) in parties.values().enumerate() {
        if party.hosted_on.is_some() {
            continue;
        }
        let site = SiteId(sites.len());
        let bound = bind_party(case, party, network)?;
        let tls = tls_of(case, party, &bound.host)?;
        for socket in bound.sockets {
            match socket {
                Bound::Listening(listener) => sockets.listening.push(ListeningSocket {
                    site,
                    listener,
                    tls: tls.clone(),
                }),
                Bound::Refusing(socket) => sockets.refusing.push(socket),
            }
        }
        sites.push(Site {
            origin: format!("{}://{}{}", party.scheme, bound.host, bound.port_suffix),
            address: bound.address,
            owner: PartyId(index),
            parties: Vec::new(),
            endpoint_guests: Vec::new(),
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
        if let Some(site) = endpoint_host(party, parties).and_then(|host| site_by_owner.get(host)) {
            sites[site.0].endpoint_guests.push(PartyId(index));
        }
    }
    Ok((sites, sockets))
}

/// Where a party was bound.
struct BoundParty {
    host: String,
    /// The port with its colon, unless it is the default one.
    port_suffix: String,
    /// The origin by address instead of by name.
    address: Option<String>,
    sockets: Vec<Bound>,
}

fn bind_party(
    case: &Case,
    party: &Party,
    network: Option<&NamedNetwork>,
) -> Result<BoundParty, WorldError> {
    let host = party.effective_host();
    if host != Host::Named {
        let (port, sockets) = bind_on(host, party.up)?;
        return Ok(BoundParty {
            host: host.to_string(),
            port_suffix: format!(":{port}"),
            address: None,
            sockets,
        });
    }
    let network = network.ok_or_else(|| {
        let problem = format!("world.{} needs a private network", party.name);
        setup_error(case, problem)
    })?;
    let place = network.place_party(&party.name, party.address);
    Ok(BoundParty {
        sockets: bind_named(place.address, party.scheme, party.up)?,
        address: Some(format!("{}://{}", party.scheme, place.address)),
        host: place.name,
        port_suffix: String::new(),
    })
}

/// With what a party speaks TLS: its certificate and the key to it.
fn tls_of(case: &Case, party: &Party, host: &str) -> Result<Option<Arc<ServerConfig>>, WorldError> {
    if party.scheme == Scheme::Http {
        return Ok(None);
    }
    // an IPv6 address stands in brackets in URLs only
    let name = host.trim_matches(['[', ']']);
    let config = CertificateAuthority::of_this_process()
        .and_then(|authority| authority.server_config(party.certificate, name));
    match config {
        Ok(config) => Ok(Some(config)),
        Err(error) => Err(setup_error(case, error.to_string())),
    }
}

/// The name of the party whose origin the endpoints of a party are on, if it is another.
fn endpoint_host<'a>(party: &Party, parties: &'a BTreeMap<String, Party>) -> Option<&'a str> {
    let (Role::AuthorizationServer(server) | Role::IdentityProvider(server)) = &party.role else {
        return None;
    };
    let host = parties.get(server.endpoints_on.as_ref()?)?;
    Some(find_host(host, parties))
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
