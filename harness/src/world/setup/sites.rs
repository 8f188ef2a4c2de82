//! Binds the ports of a world and says which party is served where.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::net::TcpSocket;

use super::super::error::WorldError;
use super::super::net::bind::{Bound, bind_everywhere, bind_named, bind_on};
use super::super::net::certificate_authority::CertificateAuthority;
use super::super::net::listener::SiteListener;
use super::super::net::named_network::{NamedNetwork, NamedPlace};
use super::super::net::tls::PartyTls;
use super::super::parties::Site;
use super::super::party_id::{PartyId, SiteId};
use super::setup_error::setup_error;
use crate::scenario::model::{Case, Host, Party, Role, Scheme};

/// The party that stands for all hosts that are no party of the world. It exists in private
/// networks only, and no scenario mentions it: the monitors watch what the client sends there.
pub(super) const OUTSIDE: &str = "outside";

/// Sockets of a world: those that listen, with the site that they serve, and those that only keep a
/// port from being taken.
#[derive(Debug, Default)]
pub(in super::super) struct Sockets {
    pub(in super::super) listening: Vec<(SiteId, SiteListener)>,
    /// A bound socket that does not listen refuses connections, and nobody else can get its port.
    pub(in super::super) refusing: Vec<TcpSocket>,
}

impl Sockets {
    fn add(
        &mut self,
        site: SiteId,
        bound: Vec<Bound>,
        tls: Option<&PartyTls>,
        elsewhere: Option<&Arc<NamedNetwork>>,
    ) {
        for socket in bound {
            match socket {
                Bound::Listening(listener) => {
                    let listener = SiteListener {
                        listener,
                        tls: tls.cloned(),
                        elsewhere: elsewhere.cloned(),
                    };
                    self.listening.push((site, listener));
                }
                Bound::Refusing(socket) => self.refusing.push(socket),
            }
        }
    }
}

/// Every site of the world, and the sockets behind them.
pub(super) fn listen(
    case: &Case,
    parties: &BTreeMap<String, Party>,
    network: Option<&Arc<NamedNetwork>>,
) -> Result<(Vec<Site>, Sockets), WorldError> {
    if let Some(network) = network {
        network.begin_world(&case.id);
    }
    let mut sites: Vec<Site> = Vec::new();
    let mut sockets = Sockets::default();
    let mut site_by_owner = BTreeMap::new();
    let mut places = BTreeMap::new();
    for (index, party) in parties.values().enumerate() {
        if party.hosted_on.is_some() {
            continue;
        }
        let site = SiteId(sites.len());
        let bound = bind_party(case, party, network.map(Arc::as_ref))?;
        let tls = tls_of(case, party, &bound.names)?;
        let elsewhere = network.filter(|_| party.name == OUTSIDE);
        sockets.add(site, bound.sockets, tls.as_ref(), elsewhere);
        sockets.add(site, bound.plain_sockets, None, elsewhere);
        sites.push(Site {
            origin: format!("{}://{}{}", party.scheme, bound.host, bound.port_suffix),
            address: bound.address,
            owner: PartyId(index),
            parties: Vec::new(),
            endpoint_guests: Vec::new(),
        });
        site_by_owner.insert(party.name.as_str(), site);
        places.extend(bound.place.map(|place| (party.name.as_str(), place)));
    }
    if let Some(network) = network {
        rebind_names(parties, &places, network);
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
    /// The host and the address for which it shows its certificate.
    names: Vec<String>,
    /// The port with its colon, unless it is the default one.
    port_suffix: String,
    /// The origin by address instead of by name.
    address: Option<String>,
    place: Option<NamedPlace>,
    sockets: Vec<Bound>,
    /// Sockets without TLS, whatever the scheme is.
    plain_sockets: Vec<Bound>,
}

fn bind_party(
    case: &Case,
    party: &Party,
    network: Option<&NamedNetwork>,
) -> Result<BoundParty, WorldError> {
    let host = party.effective_host();
    if host != Host::Named {
        let (port, sockets) = bind_on(host, party.up)?;
        let host = host.to_string();
        return Ok(BoundParty {
            // an IPv6 address stands in brackets in URLs only
            names: vec![host.trim_matches(['[', ']']).to_owned()],
            host,
            port_suffix: format!(":{port}"),
            address: None,
            place: None,
            sockets,
            plain_sockets: Vec::new(),
        });
    }
    let network = network.ok_or_else(|| {
        let problem = format!("world.{} needs a private network", party.name);
        setup_error(case, problem)
    })?;
    if party.name == OUTSIDE {
        return bind_outside(network);
    }
    let label = party.label.as_ref().unwrap_or(&party.name);
    let place = network.place_party(label, party.address);
    let address = match place.address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    Ok(BoundParty {
        sockets: bind_named(place.address, party.scheme, party.up)?,
        address: Some(format!("{}://{address}", party.scheme)),
        host: place.name.clone(),
        names: vec![place.name.clone(), place.address.to_string()],
        port_suffix: String::new(),
        place: Some(place),
        plain_sockets: Vec::new(),
    })
}

/// Binds the ports of the web: where all names lead that no party has, and what is at all addresses
/// that no party has.
fn bind_outside(network: &NamedNetwork) -> Result<BoundParty, WorldError> {
    network.place_outside();
    Ok(BoundParty {
        host: OUTSIDE.to_owned(),
        names: Vec::new(),
        port_suffix: String::new(),
        address: None,
        place: None,
        sockets: bind_everywhere(Scheme::Https)?,
        plain_sockets: bind_everywhere(Scheme::Http)?,
    })
}

/// Lets the names that parties take from others lead to them.
fn rebind_names(
    parties: &BTreeMap<String, Party>,
    places: &BTreeMap<&str, NamedPlace>,
    network: &NamedNetwork,
) {
    for party in parties.values() {
        let owner = party.takes_name_of.as_deref();
        let taken = owner.and_then(|owner| places.get(owner));
        if let (Some(taken), Some(own)) = (taken, places.get(party.name.as_str())) {
            network.rebind(&taken.name, own.address);
        }
    }
}

/// With what a party speaks TLS: its certificate and the key to it.
fn tls_of(case: &Case, party: &Party, names: &[String]) -> Result<Option<PartyTls>, WorldError> {
    if party.scheme == Scheme::Http {
        return Ok(None);
    }
    let config = CertificateAuthority::of_this_process().and_then(|authority| {
        if party.name == OUTSIDE {
            Ok(PartyTls::AnyHost(authority, party.clone()))
        } else {
            let config = authority.server_config(party, names);
            config.map(PartyTls::Own)
        }
    });
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
