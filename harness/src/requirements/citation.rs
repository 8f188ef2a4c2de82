//! Where a requirement is stated: documents, sections, links.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::keyword::Keyword;

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// `RFC 9207`, `MCP 2026-07-28 Authorization`
    pub document: String,
    /// A number (`2.4`) or a heading.
    pub section: String,
    pub url: Link,
    /// The keyword of the sentence there, by which a reader finds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyword: Option<Keyword>,
}

impl fmt::Display for Citation {
    /// `RFC 9207 section 2.4`, `MCP 2026-07-28 Authorization, Refresh Tokens`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbered = self.section.chars().all(|c| c.is_ascii_digit() || c == '.');
        write!(
            f,
            "{}{}{}",
            self.document,
            if numbered { " section " } else { ", " },
            self.section
        )
    }
}

/// An https URL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Link(String);

impl Link {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Link {
    type Error = NotALink;

    fn try_from(text: String) -> Result<Self, NotALink> {
        let host = text
            .strip_prefix("https://")
            .and_then(|rest| rest.split('/').next());
        match host {
            Some(host) if host.contains('.') && !text.contains(char::is_whitespace) => {
                Ok(Self(text))
            }
            _ => Err(NotALink(text)),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A text that is no https URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an https URL")]
pub struct NotALink(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_shown_by_number_or_heading() {
        let citation = |document: &str, section: &str| {
            let url = Link::try_from("https://a.example/".to_owned()).unwrap();
            Citation {
                document: document.to_owned(),
                section: section.to_owned(),
                url,
                keyword: None,
            }
            .to_string()
        };
        assert_eq!(citation("RFC 9207", "2.4"), "RFC 9207 section 2.4");
        assert_eq!(
            citation("MCP 2026-07-28 Authorization", "Refresh Tokens"),
            "MCP 2026-07-28 Authorization, Refresh Tokens"
        );
    }
}
