//! Clients whose processes take scenario after scenario: what a process for each start costs every
//! time, it costs once.
//!
//! There is one process for each run that goes on at the same time. A process that dies, hangs, or
//! breaks the protocol costs the scenario in which it does so; the next one gets a new process. A
//! later start of the client in the same scenario gets a new process too, since that is what such a
//! scenario is about. So does a start with a file mode creation mask.

mod conversation;
mod line_reader;
mod persistent_client;
mod persistent_home;
mod persistent_process;
mod process_pool;
mod protocol;

pub use conversation::HelloError;
pub use persistent_client::PersistentClient;
pub use protocol::{
    PERSISTENT_SCHEMA, PROTOCOL, PersistentAnswer, PersistentHello, PersistentOutcome,
    PersistentRequest,
};
