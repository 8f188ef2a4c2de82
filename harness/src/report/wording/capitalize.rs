//! The first letter of a sentence.

/// A clause as the beginning of a sentence: its first letter in upper case.
pub(crate) fn capitalize(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}
