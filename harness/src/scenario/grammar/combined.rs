//! How variants that combine features are called.

/// What stands between the names of the features that a generated variant combines.
pub(crate) const COMBINED: &str = "--";
