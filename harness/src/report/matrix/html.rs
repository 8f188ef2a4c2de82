//! The matrix as one HTML page that needs nothing else: no network, no other file, and no script
//! for reading.
//!
//! Cells are written here and not by the template, because a large table has tens of thousands of
//! them. They hold nothing but our own symbols and numbers.

use std::fmt::Write as _;

use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::console::LEGEND;
use super::filter::{differs, fails_somewhere};
use super::model::{Matrix, MatrixCell, MatrixColumn, MatrixRow};
use crate::judge::Verdict;
use crate::report::format::RenderError;
use crate::report::format::html::{PAGE_STYLE, policy_hash, templates};
use crate::report::wording::area_name::area_title;
use crate::requirements::Area;
use crate::scenario::model::Level;

const STYLE: &str = include_str!("matrix.css");
const SCRIPT: &str = include_str!("matrix.js");

impl Matrix {
    /// For a browser.
    pub fn html(&self) -> Result<String, RenderError> {
        let style = format!("{PAGE_STYLE}\n{STYLE}");
        let page = MatrixPage {
            style_hash: policy_hash(&style),
            style: Value::from_safe_string(style),
            script_hash: policy_hash(SCRIPT),
            script: Value::from_safe_string(SCRIPT.to_owned()),
            legend: LEGEND,
            harness: env!("CARGO_PKG_VERSION"),
            levels: Level::ALL.iter().map(|level| level.as_str()).collect(),
            columns: self.column_parts(),
            areas: self.area_parts(),
        };
        Ok(templates()?
            .get_template("matrix.html")?
            .render(Serde(&page))?)
    }

    fn column_parts(&self) -> Vec<ColumnPart<'_>> {
        let part = |(index, column)| ColumnPart {
            column,
            passed: self.passed_in_words(index),
        };
        self.columns.iter().enumerate().map(part).collect()
    }

    fn area_parts(&self) -> Vec<AreaRows<'_>> {
        let mut areas: Vec<AreaRows<'_>> = Vec::new();
        for (number, row) in self.rows.iter().enumerate() {
            let part = self.row_part(number, row);
            match areas.last_mut().filter(|area| area.area == row.area) {
                Some(area) => area.rows.push(part),
                None => areas.push(AreaRows {
                    area: row.area,
                    title: area_title(row.area),
                    rows: vec![part],
                }),
            }
        }
        areas
    }

    fn row_part<'m>(&'m self, number: usize, row: &'m MatrixRow) -> RowOfCells<'m> {
        let mut cells = String::new();
        let mut evidence = Vec::new();
        let mut worse = false;
        for column in 0..self.columns.len() {
            let Some(cell) = row.cells.get(&column) else {
                cells.push_str("<td></td>");
                continue;
            };
            let got_worse = self.got_worse(row, column);
            worse |= got_worse;
            let symbol = cell.symbol();
            let mark = if got_worse { "↓" } else { "" };
            let class = cell_class(cell);
            // writing to a string cannot fail
            if has_evidence(cell) {
                let id = format!("r{number}c{column}");
                let _ = write!(
                    cells,
                    "<td class={class}><a href=\"#{id}\">{symbol}{mark}</a></td>"
                );
                evidence.push(CellEvidence {
                    id,
                    column: &self.columns[column],
                    cell,
                });
            } else {
                let _ = write!(cells, "<td class={class}>{symbol}</td>");
            }
        }
        RowOfCells {
            row,
            kinds: row_kinds(row, worse),
            source_name: row.source.to_string(),
            cells: Value::from_safe_string(cells),
            evidence,
        }
    }
}

const fn cell_class(cell: &MatrixCell) -> &'static str {
    match (cell.verdict, cell.known) {
        (Verdict::Pass, _) => "p",
        (Verdict::Fail, false) => "f",
        (Verdict::Fail, true) => "k",
        (Verdict::NotExercised, _) => "e",
        (Verdict::NotApplicable, _) => "n",
    }
}

fn has_evidence(cell: &MatrixCell) -> bool {
    matches!(cell.verdict, Verdict::Fail | Verdict::NotExercised)
        && !(cell.evidence.is_empty() && cell.failed_in.is_empty())
}

/// The words that the page's filter compares.
fn row_kinds(row: &MatrixRow, worse: bool) -> String {
    let mut kinds = format!("{} {}", row.level, row.area);
    for (applies, word) in [
        (differs(row), " differences"),
        (fails_somewhere(row), " failures"),
        (worse, " regressions"),
    ] {
        if applies {
            kinds.push_str(word);
        }
    }
    kinds
}

#[derive(Serialize)]
struct MatrixPage<'m> {
    style: Value,
    style_hash: String,
    script: Value,
    script_hash: String,
    legend: &'static str,
    harness: &'static str,
    levels: Vec<&'static str>,
    columns: Vec<ColumnPart<'m>>,
    areas: Vec<AreaRows<'m>>,
}

#[derive(Serialize)]
struct ColumnPart<'m> {
    #[serde(flatten)]
    column: &'m MatrixColumn,
    passed: String,
}

#[derive(Serialize)]
struct AreaRows<'m> {
    area: Area,
    title: String,
    rows: Vec<RowOfCells<'m>>,
}

#[derive(Serialize)]
struct RowOfCells<'m> {
    #[serde(flatten)]
    row: &'m MatrixRow,
    kinds: String,
    source_name: String,
    #[serde(rename = "cell_markup")]
    cells: Value,
    evidence: Vec<CellEvidence<'m>>,
}

/// What a cell opens.
#[derive(Serialize)]
struct CellEvidence<'m> {
    id: String,
    column: &'m MatrixColumn,
    cell: &'m MatrixCell,
}
