//! Starts the program as its users do.

use std::process::{Command, Output, Stdio};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_mcp-authspec");

/// The program with these arguments, without input, and with a variable in its environment that no
/// client must see.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .env_remove("CLICOLOR_FORCE")
        .env("SECRET_OF_THE_USER", "x");
    command
}

/// Runs the program and waits until it ends.
pub fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// Converts output to text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
