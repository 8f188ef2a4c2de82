//! The verdict on one check.

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
