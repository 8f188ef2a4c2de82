//! Names and addresses for the parties of a world that runs in a private network.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::scenario::model::NetworkAddress;

/// The domain of all parties (RFC 2606 section 2): its names exist nowhere else.
const DOMAIN: &str = "example";
/// The first two bytes of public addresses. They only have to look like those of anybody.
const PUBLIC: [u8; 2] = [44, 77];
/// The first two bytes of private addresses (RFC 1918).
const PRIVATE: [u8; 2] = [10, 77];
/// The first two bytes of link-local addresses (RFC 3927).
const LINK_LOCAL: [u8; 2] = [169, 254];
/// Where cloud providers tell a machine its own credentials.
const CLOUD_METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// The names and addresses of a private network. It serves one world at a time.
#[derive(Debug, Default)]
pub struct NamedNetwork {
    registry: Mutex<Registry>,
}

#[derive(Debug, Default)]
struct Registry {
    addresses: BTreeMap<String, Ipv4Addr>,
    /// How many parties were named in the life of the network.
    named: u16,
    /// Names that were asked for and that no party has.
    foreign: Vec<String>,
}

/// Where a party is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedPlace {
    pub(crate) name: String,
    pub(crate) address: Ipv4Addr,
}

impl NamedNetwork {
    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets the parties of the world before.
    pub(crate) fn begin_world(&self) {
        let mut registry = self.registry();
        registry.addresses.clear();
        registry.foreign.clear();
    }

    /// Gives a party a name that no world of this network had before, and an address.
    pub(crate) fn place_party(&self, party: &str, kind: NetworkAddress) -> NamedPlace {
        let mut registry = self.registry();
        registry.named = registry.named.wrapping_add(1);
        let [high, low] = registry.named.to_be_bytes();
        let numbered = |[first, second]: [u8; 2]| Ipv4Addr::new(first, second, high, low);
        let address = match kind {
            NetworkAddress::Public => numbered(PUBLIC),
            NetworkAddress::Private => numbered(PRIVATE),
            NetworkAddress::LinkLocal => numbered(LINK_LOCAL),
            NetworkAddress::CloudMetadata => CLOUD_METADATA,
        };
        let name = format!("{party}-{:04x}.{DOMAIN}", registry.named);
        registry.addresses.insert(name.clone(), address);
        NamedPlace { name, address }
    }

    /// The address of a name, in any case and with or without a final dot. A name that no party has
    /// is noted.
    pub(crate) fn resolve(&self, name: &str) -> Option<Ipv4Addr> {
        // a secret in the name is found only as it was written
        let asked = name.trim_end_matches('.');
        let name = asked.to_ascii_lowercase();
        if name == "localhost" {
            return Some(Ipv4Addr::LOCALHOST);
        }
        let mut registry = self.registry();
        let address = registry.addresses.get(&name).copied();
        if address.is_none() && !registry.foreign.iter().any(|known| known == asked) {
            registry.foreign.push(asked.to_owned());
        }
        address
    }

    /// The names that were asked for in this world and that no party has.
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
        assert_eq!(network.resolve(&spelled), Some(place.address));
        assert_eq!(network.resolve("telemetry.test"), None);
        assert_eq!(network.foreign_names(), ["telemetry.test"]);
        network.begin_world();
        assert_eq!(network.resolve(&place.name), None);
    }
}
