//! The report as JSON: all of it, for other programs.

use super::Report;

/// The report, indented; of several revisions, a list of reports.
pub(super) fn json(reports: &[Report]) -> Result<String, serde_json::Error> {
    let text = match reports {
        [one] => serde_json::to_string_pretty(one),
        several => serde_json::to_string_pretty(several),
    };
    text.map(|text| text + "\n")
}
