//! Makes foreign text fit to be shown.

const LONGEST: usize = 120;

/// Printable ASCII stays, everything else becomes a question mark; never longer than a line.
pub(crate) fn printable(foreign: &str) -> String {
    foreign
        .chars()
        .take(LONGEST)
        .map(|c| if matches!(c, ' '..='~') { c } else { '?' })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn escapes_do_not_survive() {
        assert_eq!(super::printable("a\u{1b}]0;x\u{7}\u{202e}é"), "a?]0;x???");
    }
}
