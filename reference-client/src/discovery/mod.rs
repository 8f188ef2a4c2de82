//! Discovery: the challenge of a 401 response, protected resource metadata and authorization server
//! metadata.

pub(crate) mod challenge;
pub(crate) mod resource_metadata;
pub(crate) mod server_metadata;
