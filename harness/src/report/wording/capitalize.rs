//! The first letter of a sentence.

/// A clause as the beginning of a sentence: its first letter in upper case.
pub(crate) fn capitalize(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// A sentence as a clause: its first letter in lower case.
pub(crate) fn decapitalize(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(char::to_lowercase);
    first.into_iter().flatten().chain(letters).collect()
}
