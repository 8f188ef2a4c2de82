//! Keywords of the sentences that requirements cite.

use crate::words::words;

words! {
    /// The keyword of the sentence that is cited, so that a reader finds it in its section.
    pub enum Keyword {
        Must = "MUST",
        MustNot = "MUST NOT",
        Required = "REQUIRED",
        Shall = "SHALL",
        ShallNot = "SHALL NOT",
        Should = "SHOULD",
        ShouldNot = "SHOULD NOT",
        Recommended = "RECOMMENDED",
        May = "MAY",
        Optional = "OPTIONAL",
        /// The sentence defines or describes something and has no keyword.
        Definition = "definition",
    }
}

impl Keyword {
    /// Whether the keyword is one of those that oblige.
    pub const fn obliges(self) -> bool {
        matches!(
            self,
            Self::Must | Self::MustNot | Self::Required | Self::Shall | Self::ShallNot
        )
    }
}
