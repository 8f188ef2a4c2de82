//! What a server remembers of DPoP proofs: which it has seen, and which nonces it has given out
//! (RFC 9449 sections 8, 9 and 11.1).

use std::collections::BTreeSet;

use super::super::clock::unix_seconds;
use super::super::http_request::HttpRequest;
use super::super::random::Random;
use super::super::recorder::Recorder;
use super::dpop_proof::{DpopProof, ProvenRequest};
use crate::scenario::model::{Dpop, DpopAlgorithm};

/// How many of its latest nonces a server accepts. A request may have been under way when the
/// newest one was given out.
const NONCES_ACCEPTED: usize = 2;

/// What a server remembers of proofs.
#[derive(Debug, Default)]
pub(crate) struct DpopGuard {
    nonces: Vec<String>,
    seen: BTreeSet<String>,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DpopProblem {
    InvalidProof(&'static str),
    NonceWanted,
}

/// A proof that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VerifiedProof {
    pub(crate) thumbprint: String,
}

impl DpopProblem {
    /// The error code of RFC 9449.
    pub(crate) const fn error(self) -> &'static str {
        match self {
            Self::InvalidProof(_) => "invalid_dpop_proof",
            Self::NonceWanted => "use_dpop_nonce",
        }
    }

    pub(crate) const fn description(self) -> &'static str {
        match self {
            Self::InvalidProof(problem) => problem,
            Self::NonceWanted => "a proof has to contain this server's nonce",
        }
    }
}

impl DpopGuard {
    /// Checks the proof of a request to the endpoint `url`.
    pub(crate) fn check(
        &self,
        request: &HttpRequest,
        url: &str,
        token: Option<&str>,
        setting: Dpop,
        algorithms: &[DpopAlgorithm],
    ) -> Result<VerifiedProof, DpopProblem> {
        let jwt = match DpopProof::all_of(request).as_slice() {
            [] => return Err(DpopProblem::InvalidProof("there is no proof")),
            [proof] => *proof,
            _ => return Err(DpopProblem::InvalidProof("there is more than one proof")),
        };
        let not_a_proof = DpopProblem::InvalidProof("the proof is not a JWT");
        let proof = DpopProof::read(jwt).ok_or(not_a_proof)?;
        let proven = ProvenRequest {
            method: &request.method,
            url,
            token,
            now: unix_seconds(),
        };
        proof
            .check(proven, algorithms)
            .map_err(DpopProblem::InvalidProof)?;
        if setting == Dpop::Nonce && !self.accepts_nonce(proof.claim("nonce")) {
            return Err(DpopProblem::NonceWanted);
        }
        let jti = proof.claim("jti").unwrap_or_default();
        if self.seen.contains(jti) {
            return Err(DpopProblem::InvalidProof("the proof was used before"));
        }
        let unusable = DpopProblem::InvalidProof("the proof's key has no thumbprint");
        let thumbprint = proof.thumbprint().ok_or(unusable)?;
        Ok(VerifiedProof { thumbprint })
    }

    fn accepts_nonce(&self, nonce: Option<&str>) -> bool {
        let mut accepted = self.nonces.iter().rev().take(NONCES_ACCEPTED);
        nonce.is_some_and(|nonce| accepted.any(|known| known == nonce))
    }

    /// Remembers a proof, so that it cannot be used again.
    pub(crate) fn note(&mut self, jwt: &str) {
        let proof = DpopProof::read(jwt);
        let jti = proof.as_ref().and_then(|proof| proof.claim("jti"));
        self.seen.extend(jti.map(str::to_owned));
    }

    /// Gives out a new nonce, which is between the client and this party alone.
    pub(crate) fn issue_nonce(
        &mut self,
        party: &str,
        random: &mut Random,
        recorder: &mut Recorder,
    ) -> String {
        let nonce = format!("{party}-nonce-{}", random.draw_hex());
        recorder.issue_secret(party, "dpop_nonce", &nonce, vec![party.to_owned()]);
        self.nonces.push(nonce.clone());
        nonce
    }
}
