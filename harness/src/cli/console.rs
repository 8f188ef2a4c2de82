//! Standard output and standard error: the only place, besides progress, where text is printed.

use std::io::{IsTerminal, Write};

use super::error::CliError;
use crate::exit_code;
use crate::report::TextStyle;

/// Columns of text where standard output is not a terminal.
const WIDTH_WITHOUT_TERMINAL: usize = 100;

/// Prints to standard output, and returns the exit code for success. A reader that closed its end
/// of a pipe has read all that it wants.
pub(super) fn print(text: &str) -> Result<u8, CliError> {
    match anstream::stdout().write_all(text.as_bytes()) {
        Err(source) if source.kind() != std::io::ErrorKind::BrokenPipe => Err(CliError::Write {
            what: "standard output".to_owned(),
            source,
        }),
        _ => Ok(exit_code::PASSED),
    }
}

/// Prints a note to standard error.
pub(super) fn print_note(text: &str) {
    anstream::eprintln!("note: {text}");
}

/// Prints an error to standard error.
pub(super) fn print_error(error: &CliError) {
    anstream::eprintln!(
        "{}error:{} {error}",
        anstyle::AnsiColor::Red.on_default().bold().render(),
        anstyle::Reset.render()
    );
}

/// The columns of text on standard output.
pub(super) fn width() -> usize {
    if std::io::stdout().is_terminal() {
        textwrap::termwidth()
    } else {
        WIDTH_WITHOUT_TERMINAL
    }
}

/// The style of text on standard output: as wide as the terminal, coloured where that is wanted.
pub(super) fn output_style(verbose: bool) -> TextStyle {
    let colour = anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never;
    TextStyle {
        colour,
        width: width(),
        verbose,
    }
}
