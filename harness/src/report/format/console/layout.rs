//! What all parts of the console report share.

use crate::judge::Verdict;
use crate::report::format::style::TextStyle;
use crate::report::model::Report;
use crate::scenario::model::Level;

/// The sign of a failure that the baseline expects.
pub(crate) const KNOWN_SIGN: &str = "~";

/// A report, and the style in which it is written to a console. Each part of the console report is
/// a file with methods of this type.
pub(crate) struct ConsoleReport<'a> {
    pub(crate) report: &'a Report,
    pub(crate) style: TextStyle,
}

impl ConsoleReport<'_> {
    /// The sign of a verdict in one character.
    pub(crate) fn sign(&self, verdict: Verdict, level: Level) -> String {
        match (verdict, level) {
            (Verdict::Pass, _) => self.style.good("✓"),
            (Verdict::Fail, Level::Must) => self.style.bad("✗"),
            (Verdict::Fail, _) if self.report.strict => self.style.bad("✗"),
            (Verdict::Fail, _) => self.style.odd("!"),
            (Verdict::NotExercised, _) => self.style.odd("?"),
            (Verdict::NotApplicable, _) => self.style.dim("–"),
        }
    }

    /// A label and a text. The further lines of the text are indented as far as the first.
    pub(crate) fn labelled(&self, label: &str, text: &str) -> String {
        self.style
            .wrapped(text, &format!("  {label:<9} "), "            ")
    }
}
