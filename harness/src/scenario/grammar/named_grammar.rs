//! The grammars by name.

use super::generated_spelling::GeneratedSpelling;
use super::www_authenticate;
use crate::words::words;

words! {
    /// A grammar whose legal spellings become the variants of a file.
    pub(crate) enum Grammar {
        WwwAuthenticate = "www-authenticate",
    }
}

impl Grammar {
    /// The header field that it is the grammar of.
    pub(crate) const fn header(self) -> &'static str {
        match self {
            Self::WwwAuthenticate => "WWW-Authenticate",
        }
    }

    /// Its spellings, single features first.
    pub(crate) fn spellings(self) -> Vec<GeneratedSpelling> {
        match self {
            Self::WwwAuthenticate => www_authenticate::spellings(),
        }
    }
}
