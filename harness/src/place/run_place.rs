//! Where the runs of a suite take place.

use std::sync::Arc;

use super::private_network::PrivateNetwork;

/// Where the runs of a suite take place. Those that need no names and addresses of their own are
/// always made on this machine's loopback interface.
#[derive(Debug, Clone, Default)]
pub enum RunPlace {
    /// There is no private network, because nobody asked for one.
    #[default]
    Loopback,
    /// There is no private network, for this reason.
    NoPrivateNetwork { problem: String },
    /// Cases that need it are run in a private network.
    Private(Arc<PrivateNetwork>),
}
