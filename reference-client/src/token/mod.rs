//! The token endpoint.

#[allow(clippy::module_inception)]
mod token;

pub(crate) use token::*;
