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
pub use client::{Client, ClientActivity, ClientHome};
pub use client_file::{
    Adapter, ApplicationKind, CapabilityStatus, ClientFile, IneffectiveKey, client_schema,
};
pub use contract::probe;
pub use in_process::{Browser, Context, FunctionClient, NoCallback, ReferenceClient};
pub use launch::{ClientOutcome, Launch, StopSignal, WorldHandle};
pub use persistent::{
    HelloError, PERSISTENT_SCHEMA, PROTOCOL, PersistentAnswer, PersistentClient, PersistentHello,
    PersistentOutcome, PersistentRequest,
};
pub use process::{
    CommandClient, CommandError, ProcessEnvironment, WorkingDirectory, replace_here,
    run_as_guard_if_asked,
};
pub use quiescence::UNSETTLED_GRACE_PERIODS;
pub use run::run;
pub use run_options::RunOptions;
