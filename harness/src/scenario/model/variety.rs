//! Variety: cases that differ from each other in one legal spelling of a message, or in one legal
//! habit of a server.

use crate::words::words;

words! {
    /// What a client may make of a variant.
    pub enum VariantMark {
        /// The server is right, or the client has to cope all the same.
        Legal = "legal",
        /// The server refuses, as it may; the client ends clearly.
        Policy = "policy",
        /// The server is at fault in a way that is common. A client that copes pleases its users,
        /// and one that does not is right.
        Tolerated = "tolerated",
    }
}

words! {
    /// How many variants a run contains.
    pub enum VarietyChoice {
        /// No variants.
        None = "none",
        /// Those that are usual in the field, and every single feature of a grammar.
        Usual = "usual",
        /// Rare ones and combinations as well.
        All = "all",
    }
}

/// What makes a case one of many alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variety {
    /// What is varied, in the plural: `legal challenges`.
    pub of: String,
    /// What this one differs in, in a few words: "white space before `=`".
    pub differs: String,
    pub mark: VariantMark,
    /// The sentence of the specification, or the deployment, that it comes from.
    pub source: String,
    /// Only run if all variants are wanted.
    pub rare: bool,
    /// Ids of the cases that each have one of the features which this one combines. Empty for a
    /// single feature.
    pub made_of: Vec<String>,
}

// the macro that declares the words takes no other attributes than descriptions
#[allow(clippy::derivable_impls)]
impl Default for VarietyChoice {
    fn default() -> Self {
        Self::Usual
    }
}

impl VarietyChoice {
    /// Whether a run contains cases of a kind: variants of a variety or others, rare ones or not.
    pub fn includes(self, is_variant: bool, is_rare: bool) -> bool {
        match self {
            Self::All => true,
            Self::Usual => !is_rare,
            Self::None => !is_variant && !is_rare,
        }
    }
}
