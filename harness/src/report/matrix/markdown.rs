//! The matrix as Markdown tables, one for each area.

use std::fmt::Write as _;

use super::console::{LEGEND, column_letters};
use super::model::Matrix;
use crate::report::wording::area_name::area_title;

impl Matrix {
    /// For a pull request, a job summary or a page of documentation.
    pub fn markdown(&self) -> String {
        let mut text =
            String::from("| | client | revision | passed |\n| --- | --- | --- | --- |\n");
        for (index, column) in self.columns.iter().enumerate() {
            let _ = writeln!(
                text,
                "| {} | {} | {}{} | {} |",
                column_letters(index),
                escape_cell(&column.client),
                column.revision,
                if column.incomplete {
                    " (incomplete)"
                } else {
                    ""
                },
                self.passed_in_words(index)
            );
        }
        let mut area = None;
        for row in &self.rows {
            if area != Some(row.area) {
                let _ = write!(text, "\n### {}\n\n", area_title(row.area));
                text.push_str(&self.table_head());
                area = Some(row.area);
            }
            let cells = (0..self.columns.len()).map(|column| {
                let mark = if self.got_worse(row, column) {
                    "↓"
                } else {
                    ""
                };
                format!(" {}{mark} |", row.symbol(column))
            });
            let _ = writeln!(
                text,
                "| {} | [`{}`]({}) |{}",
                row.level,
                row.requirement,
                row.source.url.as_str(),
                cells.collect::<String>()
            );
        }
        let _ = write!(text, "\n{LEGEND}\n");
        text
    }

    fn table_head(&self) -> String {
        let letters: Vec<String> = (0..self.columns.len()).map(column_letters).collect();
        format!(
            "| level | requirement | {} |\n| --- | --- |{}\n",
            letters.join(" | "),
            " :-: |".repeat(letters.len())
        )
    }
}

/// A client's command may hold anything.
fn escape_cell(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace('<', "&lt;")
        .replace('`', "\\`")
        .replace(['\n', '\r'], " ")
}
