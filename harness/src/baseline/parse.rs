//! Reads a baseline in either of its formats.

use std::path::Path;

use super::baseline::Baseline;
use super::error::BaselineError;
use super::{official_format, toml_format};
use crate::suite::Suite;

impl Baseline {
    /// Reads a baseline: TOML, or the expected-failures YAML of the official suite if the file's
    /// name ends in `.yml` or `.yaml`.
    ///
    /// Errors call the file `file`. All errors of the file are returned, not only the first.
    pub fn parse(file: &str, text: &str, suite: &Suite) -> Result<Self, Vec<BaselineError>> {
        if is_official(file) {
            official_format::parse(file, text, suite)
        } else {
            toml_format::parse(file, text, suite)
        }
    }
}

/// Whether a file of this name has the format of the official suite.
pub(super) fn is_official(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|ending| {
        ending.eq_ignore_ascii_case("yml") || ending.eq_ignore_ascii_case("yaml")
    })
}
