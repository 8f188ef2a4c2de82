//! Who sent a request. Every question about that is answered here.

use std::collections::BTreeSet;

use super::party_id::PartyId;
use crate::transcript::Actor;

/// The way on which a request came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arrival {
    /// Over a socket: from the client under test, as far as the socket can tell.
    Network,
    /// Over a socket, from a browser that is not the harness's: it navigates to this address.
    VisitingBrowser,
    /// Over a socket, from such a browser: it loads something for a page, such as an icon.
    PageResource,
    /// From the browser that the client opened.
    Browser {
        /// Whether a server redirected the browser here.
        redirected_by_server: bool,
    },
    /// From a hostile party that uses what it caught.
    Attacker(PartyId),
}

impl Arrival {
    /// How a request came in that was read from a socket. Browsers say for what they make a request
    /// (Fetch Metadata Request Headers); what a page requests by its own code is the client's.
    pub(crate) fn over_socket(headers: &[(String, String)]) -> Self {
        let value = |wanted: &str| {
            let header = headers.iter().find(|(name, _)| name == wanted);
            header.map_or("", |(_, value)| value.as_str())
        };
        match (value("sec-fetch-mode"), value("sec-fetch-dest")) {
            ("navigate", _) => Self::VisitingBrowser,
            (_, "" | "empty") => Self::Network,
            _ => Self::PageResource,
        }
    }

    /// Whether the request came in over a socket, so that its sender follows redirects by itself.
    pub(crate) const fn is_over_socket(self) -> bool {
        matches!(self, Self::Network | Self::VisitingBrowser)
    }
}

/// Tells senders apart.
#[derive(Debug, Default)]
pub(crate) struct Senders {
    /// Addresses that hostile servers redirected a browser to. A request for one of them is the
    /// consequence of that redirect, even if the client follows it without a browser.
    relayed_to: BTreeSet<String>,
    /// Relays that a client without a browser was sent on, as indices of their events.
    under_way: Vec<usize>,
}

impl Senders {
    /// Notes that a hostile server redirects whoever asked it to this address.
    pub(crate) fn note_relay(&mut self, address: &str) {
        self.relayed_to.insert(address.to_owned());
    }

    /// Notes that a client without a browser was sent on to another server by this answer. It holds
    /// the bait only once that server has answered.
    pub(crate) fn note_relay_under_way(&mut self, event: usize) {
        self.under_way.push(event);
    }

    /// Takes the relays whose end the client has reached.
    pub(crate) fn take_relays_under_way(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.under_way)
    }

    /// Who sent a request for this address.
    pub(crate) fn identify(&self, arrival: Arrival, address: &str) -> Actor {
        match arrival {
            Arrival::Network | Arrival::VisitingBrowser if self.relayed_to.contains(address) => {
                Actor::Relayed
            }
            Arrival::Network => Actor::Client,
            Arrival::VisitingBrowser => Actor::UserAgent,
            Arrival::PageResource
            | Arrival::Browser {
                redirected_by_server: true,
            } => Actor::Relayed,
            Arrival::Browser {
                redirected_by_server: false,
            } => Actor::UserAgent,
            Arrival::Attacker(_) => Actor::Attacker,
        }
    }
}

/// Whether the request is the client's own doing. Only such requests are recorded as events, and
/// only their answers deviate.
pub(crate) fn is_clients_own(actor: Actor) -> bool {
    matches!(actor, Actor::Client | Actor::UserAgent)
}

/// Whether a browser sent the request, whatever made it do so.
pub(crate) fn is_browser(actor: Actor) -> bool {
    matches!(actor, Actor::UserAgent | Actor::Relayed)
}

/// The sender in the words of scenarios.
pub(crate) fn sender_word(actor: Actor) -> &'static str {
    if actor == Actor::Client {
        "client"
    } else {
        "user-agent"
    }
}
