//! The exit codes of the program. They are a promise to scripts and CI systems.

/// All required checks passed, or are known failures of a baseline.
pub const PASSED: u8 = 0;
/// A requirement failed or was not exercised.
pub const FAILED: u8 = 1;
/// The command line or an input file has an error that the user can correct.
pub const BAD_INPUT: u8 = 2;
/// The client could not be run at all.
pub const CLIENT_NOT_RUN: u8 = 3;
/// The harness itself failed.
pub const HARNESS_ERROR: u8 = 4;
/// The run was interrupted (`SIGINT`); what had finished was reported.
pub const INTERRUPTED: u8 = 130;
/// The run was told to end (`SIGTERM`); what had finished was reported.
pub const TERMINATED: u8 = 143;

/// The exit codes with their meaning, for the help text.
pub(crate) const MEANINGS: [(u8, &str); 7] = [
    (PASSED, "all required checks pass"),
    (FAILED, "a requirement failed or was not exercised"),
    (BAD_INPUT, "bad usage or input"),
    (CLIENT_NOT_RUN, "the client could not be run"),
    (HARNESS_ERROR, "harness error"),
    (INTERRUPTED, "interrupted (what had finished is reported)"),
    (TERMINATED, "told to end (what had finished is reported)"),
];
