//! Clients whose processes take scenario after scenario.

mod line_reader;
mod persistent_client;
mod protocol;
mod worker;

pub use persistent_client::PersistentClient;
pub use protocol::{Answer, Ending, Hello, PERSISTENT_SCHEMA, PROTOCOL, Request};
pub use worker::HelloError;
