//! Binds ports for the parties of a world.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};

use super::super::error::WorldError;
use super::ports;
use crate::scenario::model::{Host, Scheme};

/// Connections that wait in the kernel until they are accepted.
const BACKLOG: u32 = 256;

/// A socket with a port of its own.
pub(crate) enum Bound {
    Listening(TcpListener),
    Refusing(TcpSocket),
}

/// A port, and with it a socket for each address that the host name stands for.
pub(crate) fn bind_on(host: Host, up: bool) -> Result<(u16, Vec<Bound>), WorldError> {
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

/// A socket at an address of a private network, on the default port of the scheme.
pub(crate) fn bind_named(
    address: IpAddr,
    scheme: Scheme,
    up: bool,
) -> Result<Vec<Bound>, WorldError> {
    let address = (address, default_port(scheme));
    Ok(vec![bind(address.into(), up, share_port_among_addresses)?])
}

/// Sockets on the default port of the scheme that get the connections to all addresses of a private
/// network that have no socket of their own.
pub(crate) fn bind_everywhere(scheme: Scheme) -> Result<Vec<Bound>, WorldError> {
    let port = default_port(scheme);
    let v4 = (Ipv4Addr::UNSPECIFIED, port).into();
    let v6 = (Ipv6Addr::UNSPECIFIED, port).into();
    let mut bound = vec![bind(v4, true, share_port_among_addresses)?];
    // a machine without IPv6 has no such addresses
    bound.extend(bind(v6, true, share_port_among_addresses).ok());
    Ok(bound)
}

const fn default_port(scheme: Scheme) -> u16 {
    match scheme {
        Scheme::Http => 80,
        Scheme::Https => 443,
    }
}

/// Lets a socket be bound to an address that no interface has (a route alone makes an IPv6 address
/// one of this machine, but not one that can be bound), and to a port on which another socket
/// listens at all other addresses.
#[cfg(target_os = "linux")]
fn share_port_among_addresses(socket: &TcpSocket) -> std::io::Result<()> {
    use nix::sys::socket::{setsockopt, sockopt};
    setsockopt(socket, sockopt::IpFreebind, &true)?;
    // one family only; a socket of IPv4 has no such option
    let _ = setsockopt(socket, sockopt::Ipv6V6Only, &true);
    socket.set_reuseport(true)
}

#[cfg(not(target_os = "linux"))]
fn share_port_among_addresses(_: &TcpSocket) -> std::io::Result<()> {
    Ok(())
}

fn bind_at(host: Host, port: u16, up: bool) -> Result<Vec<Bound>, WorldError> {
    let v4 = || bind((Ipv4Addr::LOCALHOST, port).into(), up, |_| Ok(()));
    let v6 = || bind((Ipv6Addr::LOCALHOST, port).into(), up, |_| Ok(()));
    match host {
        Host::Ipv6 => Ok(vec![v6()?]),
        Host::Ipv4 | Host::Named => Ok(vec![v4()?]),
        Host::Localhost => {
            let first = v4()?;
            match v6() {
                Ok(second) => Ok(vec![first, second]),
                Err(error) if is_taken(&error) => Err(error),
                // this machine has no IPv6: `localhost` is 127.0.0.1 alone
                Err(_) => Ok(vec![first]),
            }
        }
    }
}

fn is_taken(error: &WorldError) -> bool {
    match error {
        WorldError::Listen { source, .. } => source.kind() == std::io::ErrorKind::AddrInUse,
        _ => false,
    }
}

/// Binds a socket. One that listens may take a port on which old connections still linger:
/// thousands of runs in a minute would use all ports up otherwise. One that only refuses must not,
/// or another process could listen there.
fn bind(
    address: SocketAddr,
    up: bool,
    prepare: fn(&TcpSocket) -> std::io::Result<()>,
) -> Result<Bound, WorldError> {
    let socket = if address.is_ipv6() {
        TcpSocket::new_v6()
    } else {
        TcpSocket::new_v4()
    };
    let bound = socket.and_then(|socket| {
        socket.set_reuseaddr(up)?;
        prepare(&socket)?;
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
