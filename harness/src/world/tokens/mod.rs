//! Access tokens, and the proofs that some of them are bound to.

pub(crate) mod bearer;
pub(crate) mod dpop_guard;
pub(crate) mod dpop_proof;
pub(crate) mod id_jag;
