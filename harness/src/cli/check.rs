//! `check`: are these scenario files right? Every error with the line it is in.

use std::fmt::Write;
use std::path::PathBuf;

use mcp_authspec::suite::Suite;

use super::{BAD_INPUT, CliError, own, print};

pub(super) fn check(files: &[PathBuf]) -> Result<u8, CliError> {
    let suite = Suite::embedded()?;
    let (mut cases, mut errors, mut told) = (0, 0, String::new());
    for path in files {
        let text = own::read(path)?;
        match suite.read(&own::absolute(path)?, &path.display().to_string(), &text) {
            Ok(found) => cases += found.len(),
            Err(found) => {
                errors += found.len();
                told.extend(
                    found
                        .iter()
                        .map(|error| format!("{}\n", error.render(&text))),
                );
            }
        }
    }
    let count = |n: usize, what: &str| {
        if n == 1 {
            format!("1 {what}")
        } else {
            format!("{n} {what}s")
        }
    };
    let _ = writeln!(
        told,
        "{}, {}, {}",
        count(files.len(), "file"),
        count(cases, "case"),
        count(errors, "error")
    );
    print(&told)?;
    Ok(if errors == 0 { 0 } else { BAD_INPUT })
}
