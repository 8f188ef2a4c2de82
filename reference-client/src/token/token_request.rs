//! A request to the token endpoint.

use crate::defect::Defects;
use crate::discovery::ServerMetadata;
use crate::registration::ClientIdentity;
use crate::run_context::RunContext;

/// The parameters of a token request.
pub(super) type TokenParameters = Vec<(&'static str, String)>;

/// A request to the token endpoint, before the client has authenticated it.
pub(super) struct TokenRequest<'a> {
    pub run: &'a RunContext,
    pub server: &'a ServerMetadata,
    pub client: &'a ClientIdentity,
    pub parameters: TokenParameters,
    pub defects: &'a Defects,
}
