//! The official suite's contract with a client.

mod environment;
mod flows;
mod probe;

pub(super) use environment::{context, environment, scenario};
pub(super) use flows::{Member, told};
pub use probe::probe;
