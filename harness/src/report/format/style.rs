//! How text is laid out and coloured on a console.

use anstyle::AnsiColor;
use textwrap::{Options, WordSplitter};

/// The narrowest text that still reads; what is asked for may be less.
const NARROWEST: usize = 40;

/// How a console report looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextStyle {
    /// With ANSI colours.
    pub colour: bool,
    /// Columns.
    pub width: usize,
    /// Every requirement, every finding in full.
    pub verbose: bool,
}

impl Default for TextStyle {
    fn default() -> Self {
        Self {
            colour: false,
            width: 100,
            verbose: false,
        }
    }
}

impl TextStyle {
    pub(crate) fn columns(self) -> usize {
        self.width.max(NARROWEST)
    }

    /// What went wrong.
    pub(crate) fn bad(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default().bold(), text)
    }

    /// What deserves a look.
    pub(crate) fn odd(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    /// What is as it should be.
    pub(crate) fn good(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    /// What a reader may skip.
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint(anstyle::Style::new().dimmed(), text)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint(anstyle::Style::new().bold(), text)
    }

    fn paint(self, style: anstyle::Style, text: &str) -> String {
        if self.colour {
            format!("{}{text}{}", style.render(), style.render_reset())
        } else {
            text.to_owned()
        }
    }

    /// Prose, wrapped; `first` and `rest` stand before its first and its other lines.
    pub(crate) fn wrapped(self, text: &str, first: &str, rest: &str) -> String {
        let options = Options::new(self.columns())
            .initial_indent(first)
            .subsequent_indent(rest);
        textwrap::fill(
            text,
            options
                .word_splitter(WordSplitter::NoHyphenation)
                .break_words(false),
        )
    }
}
