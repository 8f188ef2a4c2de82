//! What the client remembers for its proofs: which access tokens are bound to which key, and the
//! nonce that each server has given out last.

use crate::defect::Defect;
use crate::defect::Defects;
use crate::dpop::proof::{ProofRequest, build_proof};
use crate::dpop::proof_key::{ProofAlgorithm, ProofKey};
use crate::error::ClientError;
use crate::store::{Store, TokenSet};
use reqwest::header::HeaderMap;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use url::Url;

/// What the client remembers for its proofs.
#[derive(Default)]
pub(crate) struct DpopState {
    memory: Mutex<ProofMemory>,
}

#[derive(Default)]
struct ProofMemory {
    /// The algorithm of the key to which an access token is bound.
    bound_tokens: BTreeMap<String, ProofAlgorithm>,
    /// The latest nonce of each origin.
    nonces: BTreeMap<String, String>,
    /// Proofs that a client with [`Defect::DPOP_PROOF_REUSED`] sends again, by URL.
    used_proofs: BTreeMap<String, String>,
    /// The keys of a client with [`Defect::DPOP_KEY_OF_PROCESS`].
    unstored_keys: BTreeMap<&'static str, String>,
}

impl DpopState {
    /// Notes to which key an access token is bound, if it is bound to one.
    pub(crate) fn note_tokens(&self, tokens: &TokenSet) {
        let algorithm = tokens.proof_algorithm.as_deref();
        if let Some(algorithm) = algorithm.and_then(ProofAlgorithm::from_name) {
            let bound_tokens = &mut self.memory().bound_tokens;
            bound_tokens.insert(tokens.access_token.clone(), algorithm);
        }
    }

    /// The algorithm of the key that a token is bound to.
    pub(crate) fn algorithm_of(&self, token: &str) -> Option<ProofAlgorithm> {
        self.memory().bound_tokens.get(token).copied()
    }

    /// Builds the proof for a request to a server.
    pub(crate) fn prove(
        &self,
        store: &Store,
        algorithm: ProofAlgorithm,
        method: &str,
        url: &Url,
        token: Option<&str>,
        defects: &Defects,
    ) -> Result<String, ClientError> {
        let key = self.key(store, algorithm, defects)?;
        let nonce = self.memory().nonces.get(&nonce_key(url, defects)).cloned();
        let request = ProofRequest {
            method,
            url,
            token,
            nonce: nonce.as_deref(),
        };
        let proof = build_proof(&key, &request, defects)?;
        if defects.has(Defect::DPOP_PROOF_REUSED) && token.is_some() {
            let mut memory = self.memory();
            let used = memory.used_proofs.entry(url.to_string());
            return Ok(used.or_insert(proof).clone());
        }
        Ok(proof)
    }

    /// Remembers the nonce of a response. Returns whether there is one.
    pub(crate) fn note_nonce(&self, url: &Url, headers: &HeaderMap, defects: &Defects) -> bool {
        let nonce = headers.get("dpop-nonce");
        let Some(nonce) = nonce.and_then(|value| value.to_str().ok()) else {
            return false;
        };
        let key = nonce_key(url, defects);
        self.memory().nonces.insert(key, nonce.to_owned());
        true
    }

    fn key(
        &self,
        store: &Store,
        algorithm: ProofAlgorithm,
        defects: &Defects,
    ) -> Result<ProofKey, ClientError> {
        let name = algorithm.name();
        let is_stored = !defects.has(Defect::DPOP_KEY_OF_PROCESS);
        let known = if is_stored {
            store.proof_key(name)
        } else {
            self.memory().unstored_keys.get(name).cloned()
        };
        if let Some(key) = known.and_then(|text| ProofKey::read(algorithm, &text)) {
            return Ok(key);
        }
        let (key, text) = ProofKey::generate(algorithm)?;
        if is_stored {
            store.set_proof_key(name, &text)?;
        } else {
            self.memory().unstored_keys.insert(name, text);
        }
        Ok(key)
    }

    fn memory(&self) -> MutexGuard<'_, ProofMemory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whose nonce it is: that of one origin.
fn nonce_key(url: &Url, defects: &Defects) -> String {
    if defects.has(Defect::DPOP_ONE_NONCE) {
        return String::new();
    }
    url.origin().ascii_serialization()
}
