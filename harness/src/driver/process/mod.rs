//! Clients that run as processes of their own: a command is started anew for each start.
//!
//! Every process runs under a guard, which ends it with all that it started, in a sandbox: a home
//! folder of its own and a `PATH` whose browsers lead to the harness.

mod browser_calls;
mod captured_output;
mod client_process;
mod command;
mod command_client;
mod guard;
mod left_files;
mod output_log;
mod output_watcher;
mod placeholder;
mod process_environment;
mod process_home;
mod process_table;
mod remove_tree;
mod sandbox;
mod stdio_host;
mod trusted_authority;
mod working_directory;
mod written_files;

pub use command::CommandError;
pub use command_client::CommandClient;
pub use guard::run_as_guard_if_asked;
pub use placeholder::replace_here;
pub use process_environment::ProcessEnvironment;
pub use working_directory::{WorkingDirectory, WorkingDirectoryError};

pub(super) use captured_output::CapturedStreams;
pub(super) use command_client::SpawnOptions;
pub(super) use guard::{NOT_EXECUTABLE, NOT_FOUND};
pub(super) use output_log::OutputLog;
pub(super) use placeholder::{PLACEHOLDERS, unknown_placeholders};
pub(super) use process_table::observe_descendants;
pub(super) use sandbox::Sandbox;
