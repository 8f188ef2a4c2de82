//! The suite, tested by clients: the conforming one passes everything in every revision, and each broken one fails exactly what the kill
//! matrix (`fixtures/kill-matrix.toml`) says.
//!
//! After a change on purpose: `KILL_MATRIX=write cargo test --test self_test` writes the matrix anew; read the difference before you commit it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests are no tests to clippy

mod conforming;
mod idle_clients;
mod matrix;
mod process;
mod runs;

use std::process::ExitCode;

use libtest_mimic::{Arguments, run};

fn main() -> ExitCode {
    if let Some(code) = mcp_authspec::driver::stand_by() {
        return code;
    }
    let arguments = Arguments::from_args();
    if std::env::var("KILL_MATRIX").is_ok_and(|v| v == "write") {
        return match matrix::write() {
            Ok(path) => {
                println!("wrote {path}");
                ExitCode::SUCCESS
            }
            Err(problem) => {
                eprintln!("{problem}");
                ExitCode::FAILURE
            }
        };
    }
    let mut trials = conforming::trials();
    trials.extend(idle_clients::trials());
    trials.extend(process::trials());
    trials.extend(matrix::trials());
    run(&arguments, trials).exit_code()
}
