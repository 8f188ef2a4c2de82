//! The official conformance suite's contract with a client: a URL as the last argument, and three
//! environment variables.
//!
//! The scenario variable names only the kind of flow (`scenarios/flows.toml`), never the attack,
//! unless the user asks for official names. The context variable has the members that the official
//! schema has for that kind of flow. One additional member, `authspec`, carries what the official
//! contract cannot. A client that ignores it runs every scenario that needs none of it.

mod environment;
mod flow_contract;
mod probe;

pub(super) use environment::{context, environment, scenario};
pub(super) use flow_contract::FlowContract;
pub use probe::probe;
