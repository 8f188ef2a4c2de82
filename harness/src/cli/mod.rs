//! The command line: commands and options, what each command does, and its exit code.
//!
//! It is part of the library only so that the rest of the library needs no public items for it;
//! [`main`] is its one entry point.
//!
//! - `arguments`, `run_arguments` and the `*_arguments` files declare commands and options;
//! - `dispatch` starts the command;
//! - the `*_command` files carry it out, and return the exit code.

mod arguments;
mod baseline_arguments;
mod baseline_command;
mod certify_command;
mod check_command;
mod client_arguments;
mod client_under_test;
mod compare_command;
mod completions_and_manual;
mod console;
mod coverage_command;
mod dispatch;
mod doctor_command;
mod error;
mod extension;
mod judge_command;
mod judged_revision;
mod matrix_command;
mod network_worker;
mod option_values;
mod profiles_command;
mod progress_arguments;
mod progress_display;
mod report_input;
mod report_output;
mod revision_run;
mod run_arguments;
mod run_command;
mod run_recording;
mod sandbox_arguments;
mod scenario_folders;
mod schema_command;
mod serve_command;
mod signals;
mod verify_command;

pub use dispatch::main;
