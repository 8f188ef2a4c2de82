//! The program `mcp-authspec`. All of it is in the library: see `mcp_authspec::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    mcp_authspec::cli::main()
}
