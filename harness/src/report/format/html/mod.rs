//! The report as one HTML page.

mod diagram_svg;
mod html_report;

pub(crate) use html_report::{render_html, templates};
