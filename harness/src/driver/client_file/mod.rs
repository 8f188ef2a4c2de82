//! Client files: how a client is started, what happens around it, and what is declared about it.

mod capabilities;
#[allow(clippy::module_inception)]
mod client_file;
mod reader;
mod schema;

pub use capabilities::CapabilityStatus;
pub use client_file::{Adapter, ApplicationKind, ClientFile, IneffectiveKey};
pub use schema::client_schema;
