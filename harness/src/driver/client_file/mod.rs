//! Client files: how a client is started, what happens around it, and what the user declares about
//! it.
//!
//! Goes in: the text of a TOML file. Comes out: a [`ClientFile`], or every mistake with its place
//! and a remedy. The command line has options of the same names, which come before the file.

mod adapter;
mod capabilities;
#[allow(clippy::module_inception)] // the file is named after its type
mod client_file;
mod deployment;
mod ineffective_keys;
mod keys;
mod link_handling;
mod missing_parts;
mod reader;
mod schema;
mod standard_input;
#[cfg(test)]
mod tests;

pub use adapter::Adapter;
pub use capabilities::CapabilityStatus;
pub use client_file::ClientFile;
pub use deployment::DeploymentKind;
pub use ineffective_keys::IneffectiveKey;
pub use link_handling::LinkHandling;
pub use missing_parts::MissingPart;
pub use schema::client_schema;
pub use standard_input::StandardInput;
