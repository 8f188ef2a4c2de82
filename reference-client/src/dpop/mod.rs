//! Access tokens that are bound to a key of the client's (DPoP, RFC 9449).
//!
//! `proof_key` has the keys, `proof` builds the proof of one request, and `dpop_state` remembers
//! which tokens are bound and which nonces the servers have given out.

mod dpop_state;
mod proof;
mod proof_key;

pub(crate) use dpop_state::DpopState;
pub(crate) use proof_key::ProofAlgorithm;
