//! The report as one HTML page.

mod diagram_svg;
mod filter_key;
mod finding_part;
mod html_report;
mod scenario_part;
mod templates;

pub(crate) use diagram_svg::draw_svg;
pub(crate) use html_report::{PAGE_STYLE, policy_hash, render_html};
pub(crate) use templates::templates;
