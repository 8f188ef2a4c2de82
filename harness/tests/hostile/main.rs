//! Clients that would hurt the run: each run ends with the right status and exit code, nothing of
//! the client is left running or lying about, and the harness stays small.
//!
//! This program is the hostile client, too: `hostile client BEHAVIOUR MARK URL`. The only bounds on
//! time are those of the run itself. Linux only: its table of processes tells what is left.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests are no tests to clippy

#[cfg(target_os = "linux")]
mod clients;
#[cfg(target_os = "linux")]
mod commands;
#[cfg(target_os = "linux")]
mod runs;
#[cfg(target_os = "linux")]
mod trials;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    trials::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("not run: only Linux tells what a client has left running");
}
