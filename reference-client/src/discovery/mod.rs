//! Discovery: the challenge in a response of the MCP server, its protected resource metadata, and
//! the metadata of its authorization server.

mod bearer_challenge;
mod challenge;
mod challenge_parser;
mod defective_challenge;
mod issuer_validation;
mod pkce_support;
mod resource_discovery;
mod resource_locations;
mod resource_match;
mod server_discovery;
mod server_document;
mod server_locations;
mod server_metadata;

pub(crate) use bearer_challenge::find_bearer_challenge;
pub(crate) use challenge::Challenge;
pub(crate) use resource_discovery::discover_resource_metadata;
pub(crate) use server_discovery::{
    discover_server_at_origin, discover_server_metadata, reread_server_metadata,
};
pub(crate) use server_metadata::ServerMetadata;
