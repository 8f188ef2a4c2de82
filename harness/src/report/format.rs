//! The forms a report can be given, and one way into all of them.

use super::{Report, Style, console, json};
use crate::words::words;

words! {
    /// A form of the report. Each is a pure function of the results.
    pub enum Format {
        /// Text for a terminal, or for the log of a CI job.
        Console = "console",
        /// All of it, for other programs.
        Json = "json",
    }
}

/// Why a report could not be put into a form.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("the report cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The reports, one a revision, as one document. Of `style`, forms that are not made for a terminal heed only `verbose`.
pub fn render(format: Format, reports: &[Report], style: &Style) -> Result<String, RenderError> {
    Ok(match format {
        Format::Console => reports.iter().map(|report| console(report, style)).collect::<Vec<_>>().join("\n"),
        Format::Json => json(reports)?,
    })
}
