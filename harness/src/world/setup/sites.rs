//! Binds the ports of a world and says which party is served where.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpSocket};

use super::super::error::WorldError;
use super::super::net::bind::{Bound, bind_on};
use super::super::net::certificate_authority::CertificateAuthority;
use super::super::parties::Site;
use super::super::party_id::{PartyId, SiteId};
use super::setup_error::setup_error;
use crate::scenario::model::{Case, Party, Scheme};

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
        let tls = tls_of(case, party)?;
        for socket in bound {
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

/// With what a party speaks TLS: its certificate and the key to it.
fn tls_of(case: &Case, party: &Party) -> Result<Option<Arc<ServerConfig>>, WorldError> {
    if party.scheme == Scheme::Http {
        return Ok(None);
    }
    let host = party.effective_host().to_string();
    // an IPv6 address stands in brackets in URLs only
    let name = host.trim_matches(['[', ']']);
    let config = CertificateAuthority::of_this_process()
        .and_then(|authority| authority.server_config(party.certificate, name));
    match config {
        Ok(config) => Ok(Some(config)),
        Err(error) => Err(setup_error(case, error.to_string())),
    }
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
