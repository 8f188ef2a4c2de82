//! The way in which a defective client sends a request first.

use crate::defect::Defect;
use crate::mcp::mcp_request::McpRequest;
use crate::mcp::send_variant::{SendVariant, TokenPlacement};
use crate::mcp::transport::McpTransport;
use std::sync::atomic::Ordering;

/// Defects in proofs that an honest MCP server refuses.
const DEFECTIVE_PROOFS: &[Defect] = &[
    Defect::DPOP_PROOF_REUSED,
    Defect::DPOP_PROOF_TYPE_JWT,
    Defect::DPOP_PRIVATE_KEY_SENT,
    Defect::DPOP_PROOF_UNSIGNED,
    Defect::DPOP_METHOD_WRONG,
    Defect::DPOP_URL_IS_ORIGIN,
    Defect::DPOP_PROOF_STALE,
    Defect::DPOP_NO_TOKEN_HASH,
    Defect::DPOP_TOKEN_HASH_WRONG,
];

impl McpTransport {
    /// The way in which a defective client sends a request first.
    pub(super) fn defective_variant(
        &self,
        request: &McpRequest,
        token: Option<&str>,
    ) -> Option<SendVariant> {
        let has = |defect| self.run.has(defect);
        let has_token = token.is_some();
        let is_bound = token.is_some_and(|token| self.run.dpop.algorithm_of(token).is_some());
        if is_bound && DEFECTIVE_PROOFS.iter().any(|defect| has(*defect)) {
            return Some(SendVariant {
                has_defective_proof: true,
                ..SendVariant::conforming()
            });
        }
        let asked_for_bearer = self.is_asked_for_bearer.load(Ordering::Relaxed);
        let placement = match request {
            _ if has_token && has(Defect::TOKEN_IN_CUSTOM_HEADER) => TokenPlacement::OwnHeader,
            _ if has_token && has(Defect::BEARER_ONLY_AFTER_CHALLENGE) => TokenPlacement::Omitted,
            _ if is_bound && has(Defect::DPOP_TOKEN_AS_BEARER) => {
                TokenPlacement::BearerDespiteBinding
            }
            _ if is_bound && asked_for_bearer && has(Defect::DPOP_DOWNGRADED_BY_CHALLENGE) => {
                TokenPlacement::BearerDespiteBinding
            }
            McpRequest::OpenStream if has(Defect::BEARER_NOT_ON_GET) => TokenPlacement::Omitted,
            McpRequest::EndSession if has(Defect::BEARER_NOT_ON_DELETE) => TokenPlacement::Omitted,
            McpRequest::Listen if has(Defect::BEARER_NOT_ON_LISTEN) => TokenPlacement::Omitted,
            _ if has_token && has(Defect::NO_VERSION_WITH_TOKEN) => {
                return Some(SendVariant {
                    has_version_header: false,
                    ..SendVariant::conforming()
                });
            }
            _ if !self.has_session() && has(Defect::SESSION_ID_TO_OTHER_SERVER) => {
                let session = self.run.defect_state().latest_session.clone()?;
                return Some(SendVariant {
                    foreign_session: Some(session),
                    ..SendVariant::conforming()
                });
            }
            _ => return None,
        };
        Some(SendVariant::with_token(placement))
    }
}
