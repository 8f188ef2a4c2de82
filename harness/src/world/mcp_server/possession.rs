//! Access tokens that are bound to a key (RFC 9449 section 7).

use super::super::draft::Draft;
use super::super::http_request::{HttpRequest, ReceivedRequest};
use super::super::recorder::Recorder;
use super::super::tokens::bearer::InvalidToken;
use super::super::tokens::dpop_guard::DpopProblem;
use super::super::tokens::dpop_proof::DpopProof;
use super::role::McpServerRole;
use crate::scenario::model::{Dpop, Message};
use crate::transcript::Actor;

impl McpServerRole {
    /// The access token of a request. A server that demands proofs of possession accepts no token
    /// that is sent as a bearer token.
    pub(super) fn read_token<'a>(
        &self,
        request: &'a HttpRequest,
    ) -> Result<Option<&'a str>, InvalidToken> {
        let bearer = request.bearer();
        if self.settings.dpop == Dpop::Off {
            return Ok(bearer);
        }
        match (request.dpop_token(), bearer) {
            (Some(token), _) => Ok(Some(token)),
            (None, Some(_)) => Err(InvalidToken),
            (None, None) => Ok(None),
        }
    }

    /// Checks the proof of a request, if this server demands one. Returns the thumbprint of its
    /// key.
    pub(super) fn check_possession(
        &self,
        request: &HttpRequest,
        token: &str,
    ) -> Result<Option<String>, DpopProblem> {
        let setting = self.settings.dpop;
        if setting == Dpop::Off {
            return Ok(None);
        }
        let (url, algorithms) = (&self.addresses.url, &self.settings.dpop_algorithms);
        let proof = self
            .dpop
            .check(request, url, Some(token), setting, algorithms)?;
        Ok(Some(proof.thumbprint))
    }

    /// Remembers the proof of a request that was let in, and gives out the next nonce.
    pub(super) fn note_possession(
        &mut self,
        request: &ReceivedRequest<'_>,
        draft: Draft,
        recorder: &mut Recorder,
    ) -> Draft {
        let setting = self.settings.dpop;
        if setting == Dpop::Off || request.actor == Actor::Attacker {
            return draft;
        }
        let is_granted = draft.message != Some(Message::Challenge);
        if is_granted {
            for jwt in DpopProof::all_of(request.http) {
                self.dpop.note(jwt);
            }
        }
        let wants_nonce = draft.member("error").as_deref() == Some("use_dpop_nonce");
        if setting == Dpop::Nonce && (is_granted || wants_nonce) {
            let (guard, random) = (&mut self.dpop, &mut self.random);
            let nonce = guard.issue_nonce(&self.name, random, recorder);
            return draft.with_header("DPoP-Nonce", nonce);
        }
        draft
    }
}
