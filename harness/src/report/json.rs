//! The report as JSON: all of it, for other programs.

use super::Report;

/// The report, indented.
pub fn json(report: &Report) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(report)
}
