//! Runs a client under test in the world of a case, and ends it whatever it does.
//!
//! [`run`] takes a case, a [`Client`] and [`RunOptions`], and returns the transcript of the run.
//! There is a folder for each kind of client:
//! - `in_process`: a client of this process, such as an `async fn` of a Rust library,
//! - `process`: a command that is started anew for each start of the client,
//! - `persistent`: a process that takes scenario after scenario,
//! - `person`: a client that a person drives.
//!
//! `agent` is the scripted model that an agent talks to.
//! The others serve all kinds: `browser` (the user's browser), `contract` (the official suite's
//! contract with a client) and `client_file` (what a user declares about a client).

mod agent;
mod browser;
mod client;
mod client_file;
mod contract;
mod home_not_removed;
mod in_process;
mod launch;
mod notice;
mod outcome;
mod persistent;
mod person;
mod process;
mod provision;
mod quiescence;
mod run;
mod run_options;
mod stop_signal;
mod stopwatch;
mod world_handle;

pub use crate::world::{ClientDocument, UserIdentity, WorkloadTokens};
pub use client::{Client, ClientActivity, ClientHome};
pub use client_file::{
    Adapter, CapabilityStatus, ClientFile, DeploymentKind, IneffectiveKey, LinkHandling,
    MissingPart, StandardInput, client_schema,
};
pub use contract::probe;
pub use home_not_removed::HomeNotRemoved;
pub use in_process::{Browser, Context, FunctionClient, NoCallback, ReferenceClient};
pub use launch::Launch;
pub use notice::RunNotice;
pub use outcome::ClientOutcome;
pub use persistent::{
    HelloError, PERSISTENT_SCHEMA, PROTOCOL, PersistentAnswer, PersistentClient, PersistentHello,
    PersistentOutcome, PersistentRequest,
};
pub use person::{PersonClient, PersonControls, PersonTask};
pub use process::{
    CommandClient, CommandError, ProcessEnvironment, WorkingDirectory, WorkingDirectoryError,
    replace_here, run_as_guard_if_asked,
};
pub use provision::Provision;
pub use quiescence::UNSETTLED_GRACE_PERIODS;
pub use run::run;
pub use run_options::RunOptions;
pub use stop_signal::StopSignal;
pub use world_handle::WorldHandle;
