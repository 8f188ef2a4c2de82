//! The sockets on which the client waits for its authorization response, as seen from outside.
//!
//! In a private network the system's table of sockets has those of the client and of the parties
//! only, so it can be read whenever something happens.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde_json::json;
use url::{Host, Url};

use super::observe::fields::fields;
use crate::scenario::model::EventField;
use crate::transcript::EventFields;

/// The tables of TCP sockets of this process's network.
const TABLES: [&str; 2] = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
/// How these tables write that a socket listens.
const LISTENING: &str = "0A";

/// Finds the sockets at the port of the client's latest redirect URI.
#[derive(Debug, Default)]
pub(crate) struct CallbackListeners {
    is_private: bool,
    port: Option<u16>,
}

impl CallbackListeners {
    /// `is_private`: the run has a network of its own.
    pub(super) fn new(is_private: bool) -> Self {
        Self {
            is_private,
            port: None,
        }
    }

    /// Notes the port of the redirect URI in an authorization URL.
    pub(super) fn note_browser(&mut self, url: &str) {
        self.port = Url::parse(url).ok().and_then(|url| callback_port(&url));
    }

    /// The fields of one event for each socket at that port.
    pub(super) fn observe(&self, moment: &str) -> Vec<EventFields> {
        let Some(port) = self.port.filter(|_| self.is_private) else {
            return Vec::new();
        };
        let listeners = TABLES.into_iter().flat_map(|table| {
            // a machine without IPv6 has no table of its sockets
            let text = std::fs::read_to_string(table).unwrap_or_default();
            find_listeners(&text, port)
        });
        let event = |address: IpAddr| {
            fields([
                (EventField::Loopback, json!(address.is_loopback())),
                (EventField::Moment, json!(moment)),
            ])
        };
        listeners.map(event).collect()
    }
}

/// The port of the redirect URI in an authorization URL, if it leads to this machine.
fn callback_port(url: &Url) -> Option<u16> {
    let (_, redirect) = url.query_pairs().find(|(name, _)| name == "redirect_uri")?;
    let redirect = Url::parse(&redirect).ok()?;
    let is_local = match redirect.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    redirect.port().filter(|_| is_local)
}

/// The addresses on which a table's sockets listen at a port.
fn find_listeners(table: &str, port: u16) -> Vec<IpAddr> {
    let sockets = table.lines().skip(1).filter_map(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let (local, state) = (columns.next()?, columns.nth(1)?);
        let (address, local_port) = local.split_once(':')?;
        let is_meant = state == LISTENING && u16::from_str_radix(local_port, 16) == Ok(port);
        is_meant.then(|| read_address(address))?
    });
    sockets.collect()
}

/// Reads an address: groups of 32 bits, each in the byte order of the machine.
fn read_address(text: &str) -> Option<IpAddr> {
    let group = |at: usize| {
        let digits = text.get(at * 8..at * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    if text.len() == 8 {
        return Some(Ipv4Addr::from(group(0)?).into());
    }
    let mut bytes = [0; 16];
    for at in 0..4 {
        bytes[at * 4..at * 4 + 4].copy_from_slice(&group(at)?);
    }
    let address = Ipv6Addr::from(bytes);
    Some(address.to_ipv4_mapped().map_or(address.into(), Into::into))
}

#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0
   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0
   2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0
   3: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0";
    const TABLE_OF_IPV6: &str = "  sl  local_address remote_address st
   0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A
   1: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A";

    #[test]
    fn listeners_are_found_by_their_port() {
        let any: IpAddr = Ipv4Addr::UNSPECIFIED.into();
        let found = find_listeners(TABLE, 8080);
        assert_eq!(found, [Ipv4Addr::LOCALHOST.into(), any]);
        let any: IpAddr = Ipv6Addr::UNSPECIFIED.into();
        let found = find_listeners(TABLE_OF_IPV6, 8080);
        assert_eq!(found, [Ipv6Addr::LOCALHOST.into(), any]);
    }

    #[test]
    fn the_redirect_uri_tells_the_port() {
        let mut listeners = CallbackListeners::default();
        listeners.note_browser("https://as/?redirect_uri=http%3A%2F%2F127.0.0.1%3A8080%2F");
        assert_eq!(listeners.port, Some(8080));
        listeners.note_browser("https://as/?redirect_uri=https%3A%2F%2Fapp.example%2F");
        assert_eq!(listeners.port, None);
    }
}
