//! The matrix as plain data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::judge::Verdict;
use crate::report::model::PrintableText;
use crate::requirements::{Area, Citation};
use crate::scenario::model::{Level, Revision};

/// The version of the JSON form of a matrix.
pub(super) const MATRIX_FORMAT: u32 = 1;

/// Requirements against clients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    /// The version of this form.
    pub(super) matrix_format: u32,
    pub columns: Vec<MatrixColumn>,
    /// In the order of the catalogue.
    pub rows: Vec<MatrixRow>,
}

/// One client against one revision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MatrixColumn {
    pub client: PrintableText,
    pub revision: Revision,
    /// Version of the harness that judged.
    pub harness: String,
    pub exit_code: u8,
    /// For each level, how many requirements passed and how many could be judged.
    pub passed: BTreeMap<Level, LevelCount>,
    /// Part of the cases only, or a run that was interrupted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub incomplete: bool,
}

/// Requirements of one level in one column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelCount {
    pub passed: usize,
    pub judged: usize,
}

/// One requirement with its verdicts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MatrixRow {
    pub requirement: String,
    pub area: Area,
    /// The strictest level that it has in any column.
    pub level: Level,
    pub statement: String,
    pub source: Citation,
    /// Verdicts by the index of the column; a column whose run has no check for it is absent.
    pub cells: BTreeMap<usize, MatrixCell>,
}

/// A verdict and what shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MatrixCell {
    pub verdict: Verdict,
    pub level: Level,
    /// The failure is known: a baseline expects it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub known: bool,
    /// The cases in which it failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failed_in: Vec<String>,
    /// What was seen, or why there was nothing to see.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<PrintableText>,
    /// The command that makes the first failing case run again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rerun: Option<PrintableText>,
}

impl MatrixCell {
    /// A MUST that failed or was not exercised.
    pub(super) fn breaks_a_must(&self) -> bool {
        self.level == Level::Must && matches!(self.verdict, Verdict::Fail | Verdict::NotExercised)
    }

    pub(super) const fn symbol(&self) -> &'static str {
        match (self.verdict, self.level) {
            (Verdict::Pass, _) => "✓",
            (Verdict::Fail, Level::Must) => "✗",
            (Verdict::Fail, Level::Should | Level::May) => "!",
            (Verdict::NotExercised, _) => "?",
            (Verdict::NotApplicable, _) => "·",
        }
    }
}

impl MatrixRow {
    pub(super) fn symbol(&self, column: usize) -> &'static str {
        self.cells.get(&column).map_or(" ", MatrixCell::symbol)
    }
}

impl Matrix {
    /// The nearest earlier column of the same client and revision: the run that a later one is
    /// compared with.
    pub(super) fn earlier_column(&self, column: usize) -> Option<usize> {
        let this = self.columns.get(column)?;
        (0..column).rev().find(|other| {
            let other = &self.columns[*other];
            other.client == this.client && other.revision == this.revision
        })
    }

    /// Whether a requirement passed in the earlier run of the same client and fails, or is not
    /// exercised, in this one.
    pub(super) fn got_worse(&self, row: &MatrixRow, column: usize) -> bool {
        let now = row.cells.get(&column);
        let before = self
            .earlier_column(column)
            .and_then(|earlier| row.cells.get(&earlier));
        let (Some(before), Some(now)) = (before, now) else {
            return false;
        };
        let broken = |verdict| matches!(verdict, Verdict::Fail | Verdict::NotExercised);
        broken(now.verdict) && !broken(before.verdict)
            || now.verdict == Verdict::Fail && before.verdict == Verdict::NotExercised
    }
}
