//! From a case to running parties: the default world of the revision, ports, addresses,
//! credentials, and the script.

pub(super) mod build;
mod party_builder;
mod script;
mod setup_error;
mod sites;
mod template;
