//! Places for runs that need more than the loopback interface: private networks.
//!
//! A private network is a network and mount namespace in a user namespace (Linux). In it every
//! address is this machine's own, a resolver knows the parties by name, and the run's certificate
//! authority is in the system's file of authorities. Nothing that a client sends can leave it, and
//! nothing of the machine is changed. One process, the *worker*, lives in each; the client under
//! test is started by it.

#[cfg(target_os = "linux")]
mod local_routes;
#[cfg(target_os = "linux")]
mod namespaces;
mod place_error;
mod private_network;
#[cfg(target_os = "linux")]
mod resolver;
mod run_place;
mod worker;

pub use place_error::PlaceError;
pub use private_network::PrivateNetwork;
pub use run_place::RunPlace;
pub use worker::enter_private_network_if_asked;
pub(crate) use worker::{RunAnswer, RunRequest, open_network};
