//! Access tokens, by kind.

pub(crate) mod bearer;
