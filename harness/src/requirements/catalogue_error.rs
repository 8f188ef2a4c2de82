//! Why the catalogue of requirements cannot be loaded.

use super::area::Area;
use super::basis::Basis;
use crate::scenario::model::{Capability, Revision};

/// Why the catalogue cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// The file is no TOML, or has a key or value that the format does not have.
    #[error("{file}: {source}")]
    Syntax {
        file: String,
        #[source]
        source: Box<toml::de::Error>,
    },
    /// A requirement that contradicts itself or another one.
    #[error("{file}:{line}: [{id}] {problem}")]
    Requirement {
        file: String,
        line: usize,
        id: String,
        problem: RequirementProblem,
    },
}

/// What is wrong with a requirement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequirementProblem {
    #[error("the id does not begin with the area, `{0}-`")]
    OtherArea(Area),
    #[error("another requirement has this id")]
    Twice,
    #[error("`until` ({until}) is before `since` ({since})")]
    EndsBeforeItBegins { since: Revision, until: Revision },
    #[error("`unscored_before` ({scored}) is not after `since` ({since}), so it has no effect")]
    ScoredFromTheBeginning { since: Revision, scored: Revision },
    #[error("`level_by_revision` names {0}, in which the requirement does not apply")]
    LevelOfAnotherRevision(Revision),
    #[error("`level_by_revision` repeats `level` for {0}: remove the entry")]
    LevelSaidTwice(Revision),
    #[error("`{0}` is a capability of machines; requirements apply to clients")]
    CapabilityOfMachine(Capability),
    #[error("`needs` and `excluded` exclude each other: a run shows the requirement, or none does")]
    NeedsAndExcluded,
    #[error(
        "`inference` does not fit `basis = \"{0}\"`: a requirement has an inference if it is \
         derived, and only then"
    )]
    InferenceOfBasis(Basis),
    #[error("advice cannot be a MUST: use another `basis` or another `level`")]
    AdviceIsMust,
    #[error(
        "a literal MUST needs `keyword` in its `source`, one of MUST, MUST NOT, REQUIRED, SHALL \
         and SHALL NOT"
    )]
    MustWithoutKeyword,
    #[error(
        "a derived MUST needs `keyword` in its `source`; a sentence without one has `definition`"
    )]
    MustWithoutPointer,
    #[error("`{0}` is empty")]
    Empty(&'static str),
}
