//! The suite as a test target of another crate: which tests it has, what they print and what they
//! leave behind.
//!
//! This program is also that test target, if the environment variable [`CLIENT`] names a client.
// Clippy does not recognize the helpers of tests as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod clients;
mod targets;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial, run};
use mcp_authspec::libtest_main;

/// The environment variable that names the client to test.
const CLIENT: &str = "CLIENT_OF_THIS_TEST";

fn main() -> ExitCode {
    if let Ok(name) = std::env::var(CLIENT) {
        return libtest_main(clients::subject(&name));
    }
    let trials: [(&str, fn()); 13] = [
        (
            "a_conforming_client_passes",
            targets::a_conforming_client_passes,
        ),
        (
            "a_client_without_a_listener_receives_the_callback",
            targets::a_client_without_a_listener_receives_the_callback,
        ),
        (
            "a_failure_looks_like_that_of_the_report",
            targets::a_failure_looks_like_that_of_the_report,
        ),
        ("monitors_have_a_test", targets::monitors_have_a_test),
        (
            "an_error_of_the_client_fails_its_test",
            targets::an_error_of_the_client_fails_its_test,
        ),
        (
            "a_panic_fails_its_test_only",
            targets::a_panic_fails_its_test_only,
        ),
        ("a_client_that_never_returns_is_ended", || {
            targets::is_ended("never-returns")
        }),
        ("a_client_that_blocks_its_thread_is_abandoned", || {
            targets::is_ended("blocks")
        }),
        (
            "tasks_of_a_start_end_with_it",
            targets::tasks_of_a_start_end_with_it,
        ),
        (
            "cases_that_are_not_applicable_are_ignored",
            targets::cases_that_are_not_applicable_are_ignored,
        ),
        (
            "tests_are_filtered_by_name",
            targets::tests_are_filtered_by_name,
        ),
        (
            "known_failures_do_not_fail_tests_until_they_are_gone",
            targets::known_failures_do_not_fail_tests_until_they_are_gone,
        ),
        (
            "without_a_readable_baseline_no_test_runs",
            targets::without_a_readable_baseline_no_test_runs,
        ),
    ];
    let trials = trials.into_iter().map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    run(&Arguments::from_args(), trials.collect()).exit_code()
}
