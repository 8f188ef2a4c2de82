//! The world of one run: mock authorization servers and MCP servers on loopback ports, honest
//! unless a deviation is declared.
//!
//! A [`WorldPlan`] goes in, a transcript comes out. Nothing here depends on which scenario runs or
//! which client is tested: only settings and deviations count.
//!
//! The state of a world has parts that know nothing of each other. `recorder` keeps what happened,
//! in one total order. `parties` has the servers; each is a type with its own settings, its own
//! memory and one entry point. `script` has what the scenario plans: deviations, steps and starts
//! of the client. `client_view` has what the client can know of its flows. `world_state` joins them
//! and leads each request through them; the lock around it stays in `shared_world`, whose methods
//! are all that the driver sees.

mod attacker;
mod attacker_memory;
mod authorization_server;
mod browser_deviations;
mod browser_request;
mod callback_listeners;
mod client_learns;
mod client_progress;
mod client_view;
mod clock;
mod crossing;
mod deviate;
mod draft;
mod error;
mod handed_out;
mod http_answer;
mod http_request;
mod issued_credentials;
mod issued_grants;
mod keys;
mod known_clients;
mod mcp_server;
mod named_addresses;
mod net;
mod observe;
mod own_requests;
mod parties;
mod party_id;
mod pkce;
mod random;
mod recorder;
mod redirect_uri;
mod resolved_start;
mod response_delivery;
mod route;
mod running_world;
mod script;
mod sender;
mod setup;
mod shared_world;
#[cfg(test)]
mod tests;
mod tokens;
mod workload_platform;
mod world_plan;
mod world_state;

pub(crate) use browser_request::{BROWSER_HEADERS, browser_request};
pub use error::WorldError;
pub(crate) use issued_credentials::IssuedCredentials;
pub use issued_credentials::{UserIdentity, WorkloadTokens};
pub(crate) use net::certificate_authority::trusted_authority;
pub use net::named_network::NamedNetwork;
pub(crate) use net::named_network::{AddressFamily, Resolution};
pub(crate) use net::ports;
pub(crate) use party_id::SiteId;
pub(crate) use random::party_draws;
pub(crate) use response_delivery::ForgedResponse;
pub use running_world::World;
pub use shared_world::SharedWorld;
pub use world_plan::{ClientDocument, WorldPlan};
pub(crate) use world_state::WorldReply;
