//! Brings a baseline up to date with what runs showed: removes entries whose failure no longer
//! occurs, and adds the failures that have no entry. The entries that stay keep their reasons and
//! comments.

use super::Baseline;
use super::editor::BaselineEditor;
use super::parse::is_official;
use super::toml_format::{is_reason, not_toml, read_lines};
use super::update::{Update, Updated};
use super::update_error::UpdateError;

/// The beginning of a new file.
const NEW_FILE: &str = "\
# Known failures, each with the reason why it is not fixed yet. A run with `--baseline` and this
# file passes with these failures, and fails with any other.
[known]
";

/// Updates the text of a baseline; `None` if there is no file yet.
pub fn update_baseline(
    file: &str,
    text: Option<&str>,
    update: &Update<'_>,
) -> Result<Updated, UpdateError> {
    if is_official(file) {
        return Err(UpdateError::OfficialFormat(file.to_owned()));
    }
    if let Some(reason) = update.reason.filter(|reason| !is_reason(reason)) {
        return Err(UpdateError::EmptyReason(reason.to_owned()));
    }
    let text = text.unwrap_or(NEW_FILE);
    let lines = read_lines(file, text).map_err(|error| UpdateError::Invalid(vec![error]))?;
    let document = text.parse().map_err(|error: toml_edit::TomlError| {
        UpdateError::Invalid(vec![not_toml(file, error.message())])
    })?;
    let mut editor = BaselineEditor::new(document, update);
    let mut entries = editor.update_entries(&lines);
    editor.add_entries(&mut entries);
    let updated = editor.finish()?;
    // The entries that stay may be invalid in ways that the update does not change.
    Baseline::parse(file, &updated.text, update.suite).map_err(UpdateError::Invalid)?;
    Ok(updated)
}
