//! `check`: finds the errors of scenario files and of client files.

use std::fmt::Write;
use std::path::PathBuf;

use super::client_arguments::read_client_file;
use super::console::print;
use super::error::CliError;
use super::scenario_folders::{absolute_path, read_file};
use crate::exit_code;
use crate::suite::Suite;

/// Prints every error with its line, and a summary.
pub(super) fn check(files: &[PathBuf]) -> Result<u8, CliError> {
    let suite = Suite::embedded()?;
    let (mut cases, mut errors, mut output) = (0, 0, String::new());
    for path in files {
        let text = read_file(path)?;
        if is_client_file(&text) {
            let missing = read_client_file(path)?.missing_parts();
            errors += missing.len();
            for part in missing {
                let _ = writeln!(output, "error: {}: {part}", path.display());
            }
            continue;
        }
        let shown = path.display().to_string();
        match suite.parse_scenario_file(&absolute_path(path)?, &shown, &text) {
            Ok(found) => cases += found.len(),
            Err(found) => {
                errors += found.len();
                for error in found {
                    let _ = writeln!(output, "{}", error.render(&text));
                }
            }
        }
    }
    let _ = writeln!(
        output,
        "{}, {}, {}",
        count(files.len(), "file"),
        count(cases, "case"),
        count(errors, "error")
    );
    print(&output)?;
    Ok(if errors == 0 {
        exit_code::PASSED
    } else {
        exit_code::BAD_INPUT
    })
}

/// Whether a text is a client file and not a scenario: every scenario has a title, and a client
/// file says how the client is started or driven.
fn is_client_file(text: &str) -> bool {
    let Ok(table) = text.parse::<toml::Table>() else {
        return false;
    };
    !table.contains_key("title") && (table.contains_key("command") || table.contains_key("adapter"))
}

/// `1 file`, `2 files`.
fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
