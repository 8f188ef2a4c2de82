//! Clients that run as processes of their own.

mod captured_output;
mod command;
mod command_client;
mod guard;
mod placeholder;
mod process_table;
mod remove_tree;
mod sandbox;
mod stdio_host;
mod surroundings;

pub use command::CommandError;
pub use command_client::CommandClient;
pub use guard::run_as_guard_if_asked;
pub use placeholder::replace_here;
pub use surroundings::{ProcessEnvironment, WorkingDirectory};

pub(super) use captured_output::Captured;
pub(super) use command_client::Told;
pub(super) use guard::{NOT_EXECUTABLE, NOT_FOUND};
pub(super) use placeholder::{PLACEHOLDERS, unknown};
pub(super) use process_table::activity;
pub(super) use sandbox::Sandbox;
