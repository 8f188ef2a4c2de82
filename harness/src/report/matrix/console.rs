//! The matrix for a terminal: clients as letters above narrow columns, so that many fit.

use std::fmt::Write as _;

use super::model::{Matrix, MatrixRow};
use crate::judge::Verdict;
use crate::report::format::style::TextStyle;
use crate::report::wording::area_name::area_title;

/// The meaning of the symbols.
pub(super) const LEGEND: &str = "✓ passed, ✗ MUST failed, ! SHOULD or MAY failed, \
     ? not exercised, · not applicable, ↓ got worse since the client's earlier run";

/// Columns between the name of a requirement and the cells.
const GAP: usize = 2;

impl Matrix {
    /// For a terminal or a log.
    pub fn console(&self, style: &TextStyle) -> String {
        let mut text = String::new();
        for (index, column) in self.columns.iter().enumerate() {
            let label = format!("{:>3}  ", column_letters(index));
            let line = format!(
                "{}, MCP {}{}: {}",
                column.client,
                column.revision,
                if column.incomplete {
                    ", incomplete"
                } else {
                    ""
                },
                self.passed_in_words(index)
            );
            text.push_str(&style.wrapped(&line, &label, "     "));
            text.push('\n');
        }
        if self.rows.is_empty() {
            text.push_str("\nNo requirement meets the conditions.\n");
            return text;
        }
        let width = self.name_width();
        let mut area = None;
        for row in &self.rows {
            if area != Some(row.area) {
                let title = area_title(row.area);
                let head = self.column_heads();
                let _ = writeln!(
                    text,
                    "\n{}{head}",
                    style.bold(&format!("{title:<width$}", width = width + GAP))
                );
                area = Some(row.area);
            }
            let name = format!("  {:<6} {}", row.level, row.requirement);
            let cells = self.cells(row, style);
            let _ = writeln!(text, "{name:<width$}{cells}", width = width + GAP);
        }
        let _ = writeln!(text, "\n{}", style.wrapped(LEGEND, "", ""));
        text
    }

    /// `MUST 98 of 101 pass, SHOULD 20 of 22 pass`
    pub(super) fn passed_in_words(&self, column: usize) -> String {
        let counts = self.columns[column].passed.iter();
        let levels: Vec<String> = counts
            .map(|(level, count)| format!("{level} {} of {}", count.passed, count.judged))
            .collect();
        if levels.is_empty() {
            "no requirement was judged".to_owned()
        } else {
            format!("{} passed", levels.join(", "))
        }
    }

    fn name_width(&self) -> usize {
        let names = self.rows.iter().flat_map(|row| {
            let title = area_title(row.area).chars().count();
            [row.requirement.len() + "  SHOULD ".len(), title]
        });
        names.max().unwrap_or_default()
    }

    fn column_heads(&self) -> String {
        let heads = (0..self.columns.len()).map(|column| format!("{:>2} ", column_letters(column)));
        heads.collect::<String>().trim_end().to_owned()
    }

    fn cells(&self, row: &MatrixRow, style: &TextStyle) -> String {
        let cells = (0..self.columns.len()).map(|column| {
            let mark = if self.got_worse(row, column) {
                "↓"
            } else {
                " "
            };
            let text = format!(" {}{mark}", row.symbol(column));
            match row.cells.get(&column).map(|cell| cell.verdict) {
                Some(Verdict::Pass) => style.good(&text),
                Some(Verdict::Fail) => style.bad(&text),
                Some(Verdict::NotExercised) => style.odd(&text),
                Some(Verdict::NotApplicable) | None => style.dim(&text),
            }
        });
        cells.collect::<String>().trim_end().to_owned()
    }
}

/// `a` to `z`, then `aa`, `ab`, ...
pub(super) fn column_letters(index: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(index % 26).unwrap_or_default());
    if index < 26 {
        letter.to_string()
    } else {
        format!("{}{letter}", column_letters(index / 26 - 1))
    }
}
