//! The report for a reader at a console: what was run, the requirements by area, each finding on
//! one screen, the result.
//!
//! `console_report` puts the parts in order; `layout` holds what they share. The parts are
//! `requirement_table`, `findings`, `known_failures`, `notes` and `result`. `diagram_text` and
//! `timeline_text` draw a diagram and write a timeline as text.

mod console_report;
pub(crate) mod diagram_text;
mod findings;
mod known_failures;
mod layout;
mod notes;
mod requirement_table;
mod result;
mod timeline_text;

pub(crate) use console_report::render_console;
#[cfg(feature = "libtest")]
pub use console_report::render_findings;
