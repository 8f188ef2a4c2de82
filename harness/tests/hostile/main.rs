//! Clients that try to harm the run. Each run must end with the right status and exit code, leave
//! no process and no file of the client behind, and need little memory.
//!
//! This program is also the hostile client: `hostile client BEHAVIOUR MARK URL`. The only time
//! limits are those of the run itself. Linux only: the tests read its table of processes.
// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

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
    println!("not run: only Linux shows which processes a client left behind");
}
