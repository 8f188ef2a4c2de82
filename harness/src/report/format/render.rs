//! The forms a report can be given, and one way into all of them.

use crate::report::format::TextStyle;
use crate::report::format::badge::{badge_json, badge_svg};
use crate::report::format::console::render_console;
use crate::report::format::github::render_github;
use crate::report::format::html::render_html;
use crate::report::format::json::render_json;
use crate::report::format::junit::render_junit;
use crate::report::format::markdown::render_markdown;
use crate::report::format::render_error::RenderError;
use crate::report::format::tap::render_tap;
use crate::report::model::Report;
use crate::words::words;

words! {
    /// A form of the report. Each is a pure function of the results.
    pub enum Format {
        /// Text for a terminal, or for the log of a CI job.
        Console = "console",
        /// All of it, for other programs.
        Json = "json",
        /// JUnit XML, as CI systems read it.
        Junit = "junit",
        /// Markdown for the summary of a job.
        Markdown = "markdown",
        /// Test Anything Protocol, version 14.
        Tap = "tap",
        /// One page that can be sent to somebody.
        Html = "html",
        /// What shields.io makes a badge from.
        BadgeJson = "badge-json",
        BadgeSvg = "badge-svg",
        /// Annotations of a GitHub job.
        Github = "github",
    }
}

/// The reports, one a revision, as one document. Only the form for a console heeds all of `style`.
pub fn render(
    format: Format,
    reports: &[Report],
    style: &TextStyle,
) -> Result<String, RenderError> {
    Ok(match format {
        Format::Console => reports
            .iter()
            .map(|report| render_console(report, style))
            .collect::<Vec<_>>()
            .join("\n"),
        Format::Json => render_json(reports)?,
        Format::Junit => render_junit(reports)?,
        Format::Markdown => render_markdown(reports),
        Format::Tap => render_tap(reports),
        Format::Html => render_html(reports)?,
        Format::BadgeJson => badge_json(reports)?,
        Format::BadgeSvg => badge_svg(reports)?,
        Format::Github => render_github(reports),
    })
}
