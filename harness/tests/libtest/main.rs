//! The suite as a test target of somebody's crate: what its tests run, tell and leave.
//!
//! This program is that test target, too, when `CLIENT` names one of the clients.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // helpers of tests are no tests to clippy

mod clients;
mod targets;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial, run};
use mcp_authspec::libtest_main;

/// Which client is tested.
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
            "a_client_without_a_listener_is_handed_the_callback",
            targets::a_client_without_a_listener_is_handed_the_callback,
        ),
        (
            "a_failure_is_told_as_the_report_tells_it",
            targets::a_failure_is_told_as_the_report_tells_it,
        ),
        (
            "what_is_watched_in_every_run_is_a_test",
            targets::what_is_watched_in_every_run_is_a_test,
        ),
        (
            "an_error_fails_what_was_not_done",
            targets::an_error_fails_what_was_not_done,
        ),
        (
            "a_panic_costs_its_case_only",
            targets::a_panic_costs_its_case_only,
        ),
        ("a_client_that_never_returns_is_ended", || {
            targets::is_ended("never-returns")
        }),
        ("a_client_that_blocks_its_thread_is_left_alone", || {
            targets::is_ended("blocks")
        }),
        (
            "what_a_start_has_spawned_ends_with_it",
            targets::what_a_start_has_spawned_ends_with_it,
        ),
        (
            "what_is_not_applicable_is_ignored",
            targets::what_is_not_applicable_is_ignored,
        ),
        (
            "tests_are_filtered_by_name",
            targets::tests_are_filtered_by_name,
        ),
        (
            "known_failures_fail_no_test_until_they_are_gone",
            targets::known_failures_fail_no_test_until_they_are_gone,
        ),
        (
            "a_baseline_that_cannot_be_read_runs_nothing",
            targets::a_baseline_that_cannot_be_read_runs_nothing,
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
