//! Clients whose processes take scenario after scenario.

mod line_reader;
mod persistent_client;
mod protocol;
mod worker;

pub use persistent_client::PersistentClient;
pub use protocol::{
    PERSISTENT_SCHEMA, PROTOCOL, PersistentAnswer, PersistentHello, PersistentOutcome,
    PersistentRequest,
};
pub use worker::HelloError;
