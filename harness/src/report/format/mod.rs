//! The formats of a report. Each is a pure function from reports to text.
//!
//! | file | format |
//! | --- | --- |
//! | `console` | text for a terminal or a log, with sequence diagrams |
//! | `html` | one HTML page that needs nothing else |
//! | `markdown` | a summary for a CI job |
//! | `json` | the whole report as data |
//! | `junit`, `tap` | test results as CI systems read them, made from `test_case` |
//! | `github` | annotations of a GitHub job |
//! | `badge` | a badge, as data for shields.io and as SVG |
//!
//! `render` names the formats and calls them; `style` lays out text for a number of columns.

pub(crate) mod badge;
mod console;
mod github;
pub(crate) mod html;
mod json;
mod junit;
mod markdown;
mod render;
mod render_error;
pub(crate) mod style;
mod tap;
mod test_case;

#[cfg(feature = "libtest")]
pub use console::render_findings;
pub use render::{Format, render};
pub use render_error::RenderError;
pub use style::TextStyle;
