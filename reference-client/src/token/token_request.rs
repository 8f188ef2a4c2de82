//! A request to the token endpoint.

use crate::defect::{Defect, Defects};
use crate::discovery::ServerMetadata;
use crate::dpop::ProofAlgorithm;
use crate::error::ClientError;
use crate::registration::ClientIdentity;
use crate::run_context::RunContext;

/// The parameters of a token request.
pub(super) type TokenParameters = Vec<(&'static str, String)>;

impl TokenRequest<'_> {
    /// The algorithm of the proof that the request has, if it has one.
    pub(super) fn proof_algorithm(&self) -> Result<Option<ProofAlgorithm>, ClientError> {
        let (run, server) = (self.run, self.server);
        if !run.config.binds_tokens {
            return Ok(None);
        }
        let is_refresh = self
            .parameters
            .iter()
            .any(|(_, value)| value == "refresh_token");
        if is_refresh && self.defects.has(Defect::DPOP_PROOF_ONCE) {
            return Ok(None);
        }
        let Some(listed) = &server.proof_algorithms else {
            let proves = server.resource_requires_proof
                && !self.defects.has(Defect::DPOP_DOWNGRADED_BY_METADATA);
            return Ok(proves.then_some(ProofAlgorithm::Es256));
        };
        if self.defects.has(Defect::DPOP_ALGORITHM_FIXED) {
            return Ok(Some(ProofAlgorithm::Es256));
        }
        let is_listed =
            |algorithm: &ProofAlgorithm| listed.iter().any(|name| name == algorithm.name());
        let chosen = ProofAlgorithm::ALL.into_iter().find(is_listed);
        chosen.map(Some).ok_or(ClientError::ProofAlgorithm)
    }
}

/// A request to the token endpoint, before the client has authenticated it.
pub(super) struct TokenRequest<'a> {
    pub run: &'a RunContext,
    pub server: &'a ServerMetadata,
    pub client: &'a ClientIdentity,
    pub parameters: TokenParameters,
    pub defects: &'a Defects,
}
