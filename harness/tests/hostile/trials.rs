//! The hostile behaviours and the expected result of each.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial, run};

use super::commands::{setup_that_never_ends, teardown_that_never_ends};
use super::runs::{Expected, expect, interrupted_by, killed_outright};

/// Runs the tests, or acts as the client that a test runs.
pub fn main() -> ExitCode {
    if let Some(code) = mcp_authspec::driver::run_as_guard_if_asked() {
        return code;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, behaviour, mark, url] = arguments.as_slice()
        && first == "client"
    {
        super::clients::be(behaviour, mark, url);
        return ExitCode::FAILURE;
    }
    let hostile = [
        // what each does to the run: its exit code, and the status of its cases
        (
            "detaches",
            Expected {
                exit: 3,
                status: "completed",
            },
        ),
        (
            "ignores-sigterm",
            Expected {
                exit: 1,
                status: "quiet",
            },
        ),
        (
            "spins",
            Expected {
                exit: 1,
                status: "timed-out",
            },
        ),
        (
            "prints-a-gigabyte",
            Expected {
                exit: 3,
                status: "completed",
            },
        ),
        (
            "opens-ten-thousand-connections",
            Expected {
                exit: 1,
                status: "quiet",
            },
        ),
        (
            "sends-half-a-request",
            Expected {
                exit: 1,
                status: "quiet",
            },
        ),
        (
            "sends-half-a-body",
            Expected {
                exit: 1,
                status: "quiet",
            },
        ),
        (
            "closes-early",
            Expected {
                exit: 1,
                status: "completed",
            },
        ),
        (
            "sends-huge-bodies",
            Expected {
                exit: 3,
                status: "completed",
            },
        ),
        (
            "sends-huge-headers",
            Expected {
                exit: 3,
                status: "completed",
            },
        ),
        (
            "sends-garbage",
            Expected {
                exit: 3,
                status: "completed",
            },
        ),
        (
            "sends-many-large-requests",
            Expected {
                exit: 1,
                status: "timed-out",
            },
        ),
        (
            "registers-for-ever",
            Expected {
                exit: 1,
                status: "timed-out",
            },
        ),
        (
            "opens-many-windows",
            Expected {
                exit: 3,
                status: "completed",
            },
        ),
        (
            "dies-by-signal",
            Expected {
                exit: 3,
                status: "crashed",
            },
        ),
        (
            "kills-its-guard",
            Expected {
                exit: 3,
                status: "crashed",
            },
        ),
        (
            "deletes-its-home",
            Expected {
                exit: 3,
                status: "completed",
            },
        ),
        (
            "fills-its-home",
            Expected {
                exit: 3,
                status: "completed",
            },
        ),
    ];
    let mut trials: Vec<Trial> = hostile
        .into_iter()
        .map(|(behaviour, expected)| Trial::test(behaviour, move || expect(behaviour, &expected)))
        .collect();
    trials.push(Trial::test("interrupted-by-sigint", || {
        interrupted_by(nix::sys::signal::Signal::SIGINT)
    }));
    trials.push(Trial::test("interrupted-by-sigterm", || {
        interrupted_by(nix::sys::signal::Signal::SIGTERM)
    }));
    trials.push(Trial::test("harness-killed-outright", killed_outright));
    trials.push(Trial::test("interrupted-in-a-setup", setup_that_never_ends));
    trials.push(Trial::test(
        "interrupted-in-a-teardown",
        teardown_that_never_ends,
    ));
    run(&Arguments::from_args(), trials).exit_code()
}
