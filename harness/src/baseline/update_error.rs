//! Errors of an update of a baseline.

use super::error::BaselineError;

/// Why a baseline could not be updated. Nothing is written then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpdateError {
    /// Only our own format can be written.
    #[error(
        "{0} has the format of the official suite, which has no place for reasons\n  \
         help: use a baseline in TOML for updates, such as known-failures.toml"
    )]
    OfficialFormat(String),
    /// The baseline is not valid.
    #[error("{}", join_lines(.0, ""))]
    Invalid(Vec<BaselineError>),
    /// There are failures without an entry, and no reason was given for new entries.
    #[error(
        "these failures need a reason:\n{}\n  \
         help: --reason \"why they are not fixed yet, or where that is discussed\"",
        join_lines(.0, "  ")
    )]
    MissingReason(Vec<String>),
    /// The text given as a reason only says that a reason is to follow.
    #[error(
        "invalid reason `{0}`: it does not say anything\n  \
         help: say why the failures are not fixed yet, or where that is discussed"
    )]
    EmptyReason(String),
}

fn join_lines(lines: &[impl ToString], indent: &str) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| format!("{indent}{}", line.to_string()))
        .collect();
    lines.join("\n")
}
