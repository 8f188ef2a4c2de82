//! Text that is safe to print.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize, Serializer};

/// Text without control characters other than line feeds, and without characters that change the
/// direction of writing. Such characters appear as `\u{1b}`.
///
/// Whatever a client, a server, a scenario or a user's file says enters a report as this type, so
/// no format has to think of what a terminal, a log or an XML parser would make of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(from = "String")]
pub struct PrintableText(String);

impl PrintableText {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for PrintableText {
    fn from(text: &str) -> Self {
        Self(escape_where(text, needs_escape_in_text))
    }
}

impl From<String> for PrintableText {
    fn from(text: String) -> Self {
        if text.contains(needs_escape_in_text) {
            Self::from(text.as_str())
        } else {
            Self(text)
        }
    }
}

impl From<&String> for PrintableText {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl Deref for PrintableText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for PrintableText {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PrintableText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl PartialEq<str> for PrintableText {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for PrintableText {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl Serialize for PrintableText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The texts of a list, each made printable.
pub(crate) fn printable_texts<T: Into<PrintableText>>(
    texts: impl IntoIterator<Item = T>,
) -> Vec<PrintableText> {
    texts.into_iter().map(Into::into).collect()
}

/// One line of printable text: line feeds are escaped, too.
pub(crate) fn escape_line(text: &str) -> String {
    escape_where(text, needs_escape)
}

fn escape_where(text: &str, needs_escape: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if needs_escape(c) {
            escaped.extend(c.escape_unicode());
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn needs_escape_in_text(c: char) -> bool {
    c != '\n' && needs_escape(c)
}

fn needs_escape(c: char) -> bool {
    let turns_direction = matches!(
        c,
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    c.is_control() || turns_direction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        let text = PrintableText::from("a\u{1b}[31mb\u{0}c\r\u{9b}\u{202e}d\n✓");
        assert_eq!(text, "a\\u{1b}[31mb\\u{0}c\\u{d}\\u{9b}\\u{202e}d\n✓");
    }

    #[test]
    fn escaping_twice_changes_nothing() {
        let once = PrintableText::from("a\u{7}b");
        assert_eq!(PrintableText::from(once.as_str()), once);
    }

    #[test]
    fn what_is_read_from_json_is_escaped_too() {
        let text: PrintableText = serde_json::from_str(r#""a\u001bb""#).unwrap();
        assert_eq!(text, r"a\u{1b}b");
    }
}
