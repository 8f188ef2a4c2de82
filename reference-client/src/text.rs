//! Text from other parties, made safe to print.

/// The longest text that is printed, in characters.
const LONGEST_TEXT: usize = 120;

/// Replaces everything but printable ASCII with question marks, and shortens the text to one line.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .take(LONGEST_TEXT)
        .map(|c| if matches!(c, ' '..='~') { c } else { '?' })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn control_characters_are_replaced() {
        assert_eq!(super::printable("a\u{1b}]0;x\u{7}\u{202e}é"), "a?]0;x???");
    }
}
