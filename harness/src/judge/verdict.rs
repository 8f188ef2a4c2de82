//! The verdict on one check.

use crate::scenario::model::Level;
use crate::words::words;

words! {
    /// The result of a check. The level of the requirement stands beside it and is not part of it.
    pub enum Verdict {
        Pass = "pass",
        Fail = "fail",
        NotExercised = "not-exercised",
        NotApplicable = "not-applicable",
    }
}

impl Verdict {
    /// Whether this verdict on a requirement of this level is a failure: a MUST that failed or was
    /// not exercised, or, if `strict`, a SHOULD that failed.
    pub(super) fn is_failure(self, level: Level, strict: bool) -> bool {
        match self {
            Self::Fail => level == Level::Must || strict && level == Level::Should,
            Self::NotExercised => level == Level::Must,
            Self::Pass | Self::NotApplicable => false,
        }
    }
}
