//! The suite as a `cargo test` target: one named test for each scenario and revision, with the
//! filters and options of any Rust test.
//!
//! Each test runs its case and the control run, the same world without the deviations; tests with
//! the same control run share it. Requirements that are watched in every run are checked by one
//! more test, `REVISION::watched`, which runs all cases that no other test of this process has run
//! yet. Cases that need a capability which the client was not declared to have are ignored;
//! `--include-ignored` runs them anyway.
//!
//! | command | effect |
//! | --- | --- |
//! | `cargo test --test conformance` | runs all tests |
//! | `cargo test --test conformance -- iss/` | runs the tests with `iss/` in their names |
//! | `cargo test --test conformance -- --list` | lists them, and why some are ignored |
//! | `cargo test --test conformance -- --exact 2026-07-28::plain/flow` | runs one test |
//!
//! A failed test shows what the report of `mcp-authspec run` shows for a failure: the requirement,
//! its source, expected and observed behaviour, the messages, and the command that runs this test
//! again.

mod subject;
mod test_target;

pub use subject::Subject;
pub use test_target::libtest_main;
