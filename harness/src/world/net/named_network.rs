//! Names and addresses for the parties of a world that runs in a private network.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::digest::short_digest;
use crate::scenario::model::NetworkAddress;

/// The domain of all parties (RFC 2606 section 2): its names exist nowhere else. They are tenants
/// of one domain, so what is shared among its hosts (cookies, caches) is shared among them.
const DOMAIN: &str = "cloud.example";

/// Characters of the tag in names.
const TAG: usize = 6;
/// The first two bytes of public addresses. They only have to look like those of anybody.
const PUBLIC: [u8; 2] = [44, 77];
/// The first group of public IPv6 addresses.
const PUBLIC_IPV6: u16 = 0x2a0f;
/// The first two bytes of private addresses (RFC 1918).
const PRIVATE: [u8; 2] = [10, 77];
/// Those of the second private range.
const PRIVATE_172: [u8; 2] = [172, 29];
/// Those of the third private range.
const PRIVATE_192: [u8; 2] = [192, 168];
/// The first group of unique local addresses (RFC 4193).
const UNIQUE_LOCAL: u16 = 0xfd77;
/// The first two bytes of link-local addresses (RFC 3927).
const LINK_LOCAL: [u8; 2] = [169, 254];
/// Where all names lead that no party has (RFC 5737).
const OUTSIDE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 1);
/// Where cloud providers tell a machine its own credentials.
const CLOUD_METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// The names and addresses of a private network. It serves one world at a time.
#[derive(Debug, Default)]
pub struct NamedNetwork {
    registry: Mutex<Registry>,
}

#[derive(Debug, Default)]
struct Registry {
    hosts: BTreeMap<String, NamedHost>,
    /// The address of whatever is no party of the world.
    outside: Option<IpAddr>,
    /// How many parties were named in the life of the network.
    named: u16,
    /// What the names of this world have in common and those of other worlds have not, be they of
    /// this network or of another one.
    tag: String,
    /// Names and addresses that were asked for and that no party has.
    foreign: Vec<String>,
}

impl Registry {
    fn note_foreign(&mut self, host: &str) {
        if !self.foreign.iter().any(|known| known == host) {
            self.foreign.push(host.to_owned());
        }
    }
}

/// Where a name leads.
#[derive(Debug, Clone, Copy)]
struct NamedHost {
    address: IpAddr,
    /// The address that takes the place of the other one once that was told.
    next: Option<IpAddr>,
}

/// A kind of address that somebody asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressFamily {
    Ipv4,
    Ipv6,
}

impl AddressFamily {
    const fn has(self, address: IpAddr) -> bool {
        matches!(
            (self, address),
            (Self::Ipv4, IpAddr::V4(_)) | (Self::Ipv6, IpAddr::V6(_))
        )
    }

    const fn loopback(self) -> IpAddr {
        match self {
            Self::Ipv4 => IpAddr::V4(Ipv4Addr::LOCALHOST),
            Self::Ipv6 => IpAddr::V6(Ipv6Addr::LOCALHOST),
        }
    }
}

/// What a question for a name is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolution {
    Address(IpAddr),
    /// The name has an address of the other family only.
    OtherFamily,
    UnknownName,
}

/// Where a party is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedPlace {
    pub(crate) name: String,
    pub(crate) address: IpAddr,
}

impl NamedNetwork {
    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets the parties of the world before. `world`: what only this world has.
    pub(crate) fn begin_world(&self, world: &str) {
        let mut registry = self.registry();
        registry.tag = short_digest(world).chars().take(TAG).collect();
        registry.hosts.clear();
        registry.foreign.clear();
        registry.outside = None;
    }

    /// Gives a party with this label a name that no other world has, and an address.
    pub(crate) fn place_party(&self, label: &str, kind: NetworkAddress) -> NamedPlace {
        let mut registry = self.registry();
        registry.named = registry.named.wrapping_add(1);
        let [high, low] = registry.named.to_be_bytes();
        let v4 = |[first, second]: [u8; 2]| Ipv4Addr::new(first, second, high, low).into();
        let number = registry.named;
        let v6 = |first: u16| Ipv6Addr::new(first, 0, 0, 0, 0, 0, 0, number).into();
        let address = match kind {
            NetworkAddress::Public => v4(PUBLIC),
            NetworkAddress::PublicIpv6 => v6(PUBLIC_IPV6),
            NetworkAddress::Private => v4(PRIVATE),
            NetworkAddress::Private172 => v4(PRIVATE_172),
            NetworkAddress::Private192 => v4(PRIVATE_192),
            NetworkAddress::UniqueLocal => v6(UNIQUE_LOCAL),
            NetworkAddress::Loopback => Ipv4Addr::LOCALHOST.into(),
            NetworkAddress::LoopbackIpv6 => Ipv6Addr::LOCALHOST.into(),
            NetworkAddress::LinkLocal => v4(LINK_LOCAL),
            NetworkAddress::CloudMetadata => CLOUD_METADATA.into(),
        };
        let name = format!("{label}-{}{number:04x}.{DOMAIN}", registry.tag);
        // the resolver and certificates know the ASCII form only (RFC 5890 section 2.3.2.1)
        let name = url::Host::parse(&name).map_or(name, |host| host.to_string());
        let host = NamedHost {
            address,
            next: None,
        };
        registry.hosts.insert(name.clone(), host);
        NamedPlace { name, address }
    }

    /// Lets all names that no party has lead to one address, where somebody listens.
    pub(crate) fn place_outside(&self) -> IpAddr {
        let address = OUTSIDE.into();
        self.registry().outside = Some(address);
        address
    }

    /// Notes that somebody connects to an address at which no party listens. Returns `false` for an
    /// address of this machine or of a party, where nobody is to be found instead.
    pub(crate) fn note_address(&self, address: IpAddr) -> bool {
        let mut registry = self.registry();
        if registry.outside == Some(address) {
            return true;
        }
        if address.is_loopback() || registry.hosts.values().any(|host| host.address == address) {
            return false;
        }
        registry.note_foreign(&address.to_string());
        true
    }

    /// Lets a name lead to another address as soon as its present one was told.
    pub(crate) fn rebind(&self, name: &str, next: IpAddr) {
        if let Some(host) = self.registry().hosts.get_mut(name) {
            host.next = Some(next);
        }
    }

    /// The address of a name, in any case and with or without a final dot, if it is of the family
    /// that was asked for. A name that no party has is noted.
    pub(crate) fn resolve(&self, name: &str, family: AddressFamily) -> Resolution {
        // a secret in the name is found only as it was written
        let asked = name.trim_end_matches('.');
        let name = asked.to_ascii_lowercase();
        let mut registry = self.registry();
        let address = match registry.hosts.get_mut(&name) {
            Some(host) if family.has(host.address) => {
                let told = host.address;
                host.address = host.next.take().unwrap_or(told);
                told
            }
            Some(host) => host.address,
            None if name == "localhost" => family.loopback(),
            None => {
                registry.note_foreign(asked);
                match registry.outside {
                    Some(outside) => outside,
                    None => return Resolution::UnknownName,
                }
            }
        };
        if family.has(address) {
            Resolution::Address(address)
        } else {
            Resolution::OtherFamily
        }
    }

    /// The names that were asked for in this world, and the addresses, and that no party has.
    pub(crate) fn foreign_names(&self) -> Vec<String> {
        self.registry().foreign.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_every_spelling_and_others_are_noted() {
        let network = NamedNetwork::default();
        let place = network.place_party("as", NetworkAddress::Public);
        let spelled = format!("{}.", place.name.to_uppercase());
        let found = network.resolve(&spelled, AddressFamily::Ipv4);
        assert_eq!(found, Resolution::Address(place.address));
        let other = network.resolve(&place.name, AddressFamily::Ipv6);
        assert_eq!(other, Resolution::OtherFamily);
        let foreign = network.resolve("telemetry.test", AddressFamily::Ipv4);
        assert_eq!(foreign, Resolution::UnknownName);
        assert_eq!(network.foreign_names(), ["telemetry.test"]);
        network.begin_world("another");
        let gone = network.resolve(&place.name, AddressFamily::Ipv4);
        assert_eq!(gone, Resolution::UnknownName);
    }

    #[test]
    fn addresses_that_no_party_has_are_noted() {
        let network = NamedNetwork::default();
        let place = network.place_party("as", NetworkAddress::Public);
        let outside = network.place_outside();
        let literal = Ipv4Addr::new(203, 0, 113, 7).into();
        assert!(network.note_address(literal) && network.note_address(outside));
        let own = [
            place.address,
            Ipv4Addr::LOCALHOST.into(),
            Ipv6Addr::LOCALHOST.into(),
        ];
        assert!(
            own.into_iter()
                .all(|address| !network.note_address(address))
        );
        assert_eq!(network.foreign_names(), ["203.0.113.7"]);
    }

    #[test]
    fn a_name_is_rebound_after_its_first_answer() {
        let network = NamedNetwork::default();
        let decoy = network.place_party("decoy", NetworkAddress::Public);
        let internal = network.place_party("internal", NetworkAddress::Private192);
        network.rebind(&decoy.name, internal.address);
        let ask = |family| network.resolve(&decoy.name, family);
        assert_eq!(ask(AddressFamily::Ipv6), Resolution::OtherFamily);
        let first = ask(AddressFamily::Ipv4);
        assert_eq!(first, Resolution::Address(decoy.address));
        let second = ask(AddressFamily::Ipv4);
        assert_eq!(second, Resolution::Address(internal.address));
        assert_eq!(ask(AddressFamily::Ipv4), second);
    }
}
