//! The conforming MCP client as a program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(reference_client::cli::main(std::env::args_os()))
}
