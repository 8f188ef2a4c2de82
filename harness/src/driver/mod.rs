//! Lets a client loose on a world: in this process, or as a process of its own, and ends it
//! whatever it does.

mod browser;
mod client;
mod client_file;
mod contract;
mod in_process;
mod launch;
mod persistent;
mod process;
mod quiescence;
mod run;
mod run_options;

pub use crate::world::ClientDocument;
pub use client::{Client, Home, Signs};
pub use client_file::{Adapter, ClientFile, Kind, Known, Unfit, client_schema};
pub use contract::probe;
pub use in_process::{Browser, Context, FunctionClient, NoCallback, ReferenceClient};
pub use launch::{Launch, Outcome, Stop, Watched};
pub use persistent::{
    Answer, Ending, Hello, HelloError, PERSISTENT_SCHEMA, PROTOCOL, PersistentClient, Request,
};
pub use process::{CommandClient, CommandError, Surroundings, WorkingDirectory, here, stand_by};
pub use quiescence::PATIENCE;
pub use run::run;
pub use run_options::RunOptions;
