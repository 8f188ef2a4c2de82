//! The report for a reader at a console: what was run, the requirements by area, each finding on
//! one screen, the result.

mod console_report;
pub(crate) mod diagram_text;
mod findings;
mod timeline_text;

pub(crate) use console_report::console;
#[cfg(feature = "libtest")]
pub use console_report::findings;
