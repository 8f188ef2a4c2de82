//! Which rows of a matrix are shown.

use super::model::{Matrix, MatrixRow};
use crate::judge::Verdict;
use crate::requirements::Area;
use crate::scenario::model::Level;
use crate::words::words;

words! {
    /// A choice of rows by what their cells say.
    pub enum ShownRows {
        /// Every requirement that at least one client could be judged by.
        All = "all",
        /// Those on which clients differ.
        Differences = "differences",
        /// Those that at least one client fails, or a MUST that was not exercised.
        Failures = "failures",
        /// Those that a client fails and passed in its earlier run.
        Regressions = "regressions",
    }
}

/// All conditions that a row must meet to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixFilter {
    /// Empty: all areas.
    pub areas: Vec<Area>,
    /// Empty: all levels.
    pub levels: Vec<Level>,
    pub rows: ShownRows,
}

impl MatrixFilter {
    /// The matrix with the rows that meet the conditions.
    #[must_use]
    pub fn apply(&self, matrix: Matrix) -> Matrix {
        let kept: Vec<bool> = matrix
            .rows
            .iter()
            .map(|row| self.matches(&matrix, row))
            .collect();
        let rows = matrix
            .rows
            .into_iter()
            .zip(kept)
            .filter_map(|(row, kept)| kept.then_some(row))
            .collect();
        Matrix { rows, ..matrix }
    }

    fn matches(&self, matrix: &Matrix, row: &MatrixRow) -> bool {
        (self.areas.is_empty() || self.areas.contains(&row.area))
            && (self.levels.is_empty() || self.levels.contains(&row.level))
            && match self.rows {
                ShownRows::All => is_judged(row),
                ShownRows::Differences => differs(row),
                ShownRows::Failures => fails_somewhere(row),
                ShownRows::Regressions => {
                    (0..matrix.columns.len()).any(|column| matrix.got_worse(row, column))
                }
            }
    }
}

fn is_judged(row: &MatrixRow) -> bool {
    row.cells
        .values()
        .any(|cell| cell.verdict != Verdict::NotApplicable)
}

pub(super) fn differs(row: &MatrixRow) -> bool {
    let mut judged = row
        .cells
        .values()
        .map(|cell| cell.verdict)
        .filter(|verdict| *verdict != Verdict::NotApplicable);
    let first = judged.next();
    judged.any(|verdict| Some(verdict) != first)
}

pub(super) fn fails_somewhere(row: &MatrixRow) -> bool {
    row.cells
        .values()
        .any(|cell| cell.verdict == Verdict::Fail || cell.breaks_a_must())
}
