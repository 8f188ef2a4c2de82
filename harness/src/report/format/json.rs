//! The report as JSON: all of it, for other programs.

use crate::report::model::Report;

/// The report, indented; of several revisions, a list of reports.
pub(crate) fn render_json(reports: &[Report]) -> Result<String, serde_json::Error> {
    let text = match reports {
        [one] => serde_json::to_string_pretty(one),
        several => serde_json::to_string_pretty(several),
    };
    text.map(|text| text + "\n")
}
