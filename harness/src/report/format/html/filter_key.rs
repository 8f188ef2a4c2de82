//! The words that the page's filters compare.

use crate::judge::Verdict;
use crate::requirements::Area;
use crate::scenario::model::Level;

/// `fail/MUST/iss`: what the page's script looks for when a reader sets a filter.
pub(super) fn filter_key(verdict: Verdict, level: Level, area: Area) -> String {
    format!("{verdict}/{level}/{area}")
}
