//! Tests the suite with clients. The conforming client passes everything in every revision, and
//! each defective client fails exactly the checks that the kill matrix
//! (`fixtures/kill-matrix.toml`) lists.
//!
//! A defect runs against the cases of its requirements and a fixed sample of the others. With
//! `cargo test -p mcp-authspec --test self_test -- --full-matrix` it runs against all cases.
//!
//! After an intended change, `KILL_MATRIX=write cargo test --test self_test` writes the matrix
//! again; with a filter (`-- no-iss-check`) only the rows of the defects whose names contain it.
//! Read the difference before you commit it.
// Clippy does not treat the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod conforming;
mod headless;
mod idle_clients;
mod matrix;
mod persistent;
mod process;
mod runs;
mod sample;

use std::process::ExitCode;

use libtest_mimic::{Arguments, run};

/// The option that this test adds to those of the test runner.
const FULL_MATRIX: &str = "--full-matrix";

fn main() -> ExitCode {
    if let Some(code) = mcp_authspec::driver::run_as_guard_if_asked() {
        return code;
    }
    let full_matrix = std::env::args().any(|word| word == FULL_MATRIX);
    let arguments = Arguments::from_iter(std::env::args().filter(|word| word != FULL_MATRIX));
    if std::env::var("KILL_MATRIX").is_ok_and(|v| v == "write") {
        let filter = arguments.filter.as_deref();
        let filter = filter.map(|name| name.trim_start_matches("defect::"));
        return match matrix::write(filter) {
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
    trials.extend(headless::trials());
    trials.extend(idle_clients::trials());
    trials.extend(persistent::trials());
    trials.extend(process::trials());
    trials.extend(matrix::trials(full_matrix));
    run(&arguments, trials).exit_code()
}
