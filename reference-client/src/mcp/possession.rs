//! Proofs of possession in requests to an MCP server (RFC 9449 section 7).

use crate::discovery::{self, Challenge};
use crate::error::ClientError;
use crate::mcp::mcp_request::McpRequest;
use crate::mcp::send_variant::{SendVariant, TokenPlacement};
use crate::mcp::transport::McpTransport;
use reqwest::Response;
use url::Url;

impl McpTransport {
    /// The proof for a request, if its token is bound to a key.
    pub(super) fn prove(
        &self,
        request: &McpRequest,
        url: &Url,
        token: &str,
        variant: &SendVariant,
    ) -> Result<Option<String>, ClientError> {
        let (dpop, store) = (&self.run.dpop, &self.run.store);
        let is_bearer = matches!(
            variant.token_placement,
            TokenPlacement::BearerDespiteBinding
        );
        let Some(algorithm) = dpop.algorithm_of(token).filter(|_| !is_bearer) else {
            return Ok(None);
        };
        let defects = if variant.has_defective_proof {
            self.run.defects().clone()
        } else {
            self.run.defects().without_refused()
        };
        let method = request.http_method();
        let proof = dpop.prove(
            store,
            algorithm,
            method.as_str(),
            url,
            Some(token),
            &defects,
        )?;
        Ok(Some(proof))
    }

    /// Whether the server has refused a request because its proof lacks the server's nonce.
    pub(super) fn wants_nonce(&self, response: &Response) -> bool {
        let challenge = self.read_challenge(response);
        let error = challenge.as_ref().and_then(Challenge::error);
        error == Some("use_dpop_nonce") && response.headers().contains_key("dpop-nonce")
    }

    pub(super) fn read_challenge(&self, response: &Response) -> Option<Challenge> {
        let lines = response.headers().get_all("www-authenticate").iter();
        let lines = lines.filter_map(|line| line.to_str().ok());
        discovery::find_bearer_challenge(lines, self.run.defects())
    }
}
