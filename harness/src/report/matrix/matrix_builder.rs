//! Makes a matrix of reports and of other matrices.

use std::collections::BTreeMap;

use super::model::{LevelCount, MATRIX_FORMAT, Matrix, MatrixCell, MatrixColumn, MatrixRow};
use crate::judge::Verdict;
use crate::report::model::{Finding, PrintableText, Report, RequirementRow};
use crate::report::wording::phrases::count_by_level;
use crate::report::wording::reasons::describe_reason;
use crate::requirements::{Area, Catalogue};

/// Sentences of evidence that a cell keeps; the run has all of them.
const KEPT_SENTENCES: usize = 3;

/// What goes into a matrix.
pub enum LabelledRun {
    /// A report; the label stands in place of the client's command.
    Report {
        label: Option<String>,
        report: Box<Report>,
    },
    /// A matrix that was made before.
    Matrix(Matrix),
}

/// Puts runs side by side, in the order given.
pub fn build_matrix(runs: Vec<LabelledRun>, catalogue: &Catalogue) -> Matrix {
    let mut builder = MatrixBuilder::default();
    for run in runs {
        match run {
            LabelledRun::Report { label, report } => builder.add_report(label, &report),
            LabelledRun::Matrix(matrix) => builder.add_matrix(matrix),
        }
    }
    builder.finish(catalogue)
}

#[derive(Default)]
struct MatrixBuilder {
    columns: Vec<MatrixColumn>,
    rows: BTreeMap<String, MatrixRow>,
}

impl MatrixBuilder {
    fn add_report(&mut self, label: Option<String>, report: &Report) {
        let index = self.columns.len();
        self.columns.push(MatrixColumn {
            client: label.map_or_else(|| report.client.clone(), PrintableText::from),
            revision: report.revision,
            harness: report.harness.clone(),
            exit_code: report.exit_code(),
            passed: count_by_level(report)
                .into_iter()
                .map(|(level, passed, judged)| (level, LevelCount { passed, judged }))
                .collect(),
            incomplete: report.interrupted || report.shard.is_some(),
        });
        let findings = findings_by_requirement(report);
        for row in &report.requirements {
            let finding = findings.get(row.id.as_str()).copied();
            self.row(row).cells.insert(index, cell(row, finding));
        }
    }

    fn row(&mut self, row: &RequirementRow) -> &mut MatrixRow {
        self.rows
            .entry(row.id.clone())
            .or_insert_with(|| MatrixRow {
                requirement: row.id.clone(),
                area: row.area,
                level: row.level,
                statement: row.statement.clone(),
                source: row.source.clone(),
                cells: BTreeMap::new(),
            })
    }

    fn add_matrix(&mut self, matrix: Matrix) {
        let offset = self.columns.len();
        self.columns.extend(matrix.columns);
        for mut row in matrix.rows {
            let cells = std::mem::take(&mut row.cells);
            let known = self.rows.entry(row.requirement.clone()).or_insert(row);
            known.cells.extend(
                cells
                    .into_iter()
                    .map(|(column, cell)| (column + offset, cell)),
            );
        }
    }

    fn finish(self, catalogue: &Catalogue) -> Matrix {
        let places: BTreeMap<&str, usize> = catalogue
            .iter()
            .enumerate()
            .map(|(place, requirement)| (requirement.id.as_str(), place))
            .collect();
        let mut rows: Vec<MatrixRow> = self.rows.into_values().collect();
        for row in &mut rows {
            row.level = row
                .cells
                .values()
                .map(|cell| cell.level)
                .min()
                .unwrap_or(row.level);
        }
        rows.sort_by_cached_key(|row| {
            let place = places.get(row.requirement.as_str());
            let area = Area::ALL.iter().position(|area| *area == row.area);
            (area, place.copied().unwrap_or(usize::MAX))
        });
        Matrix {
            matrix_format: MATRIX_FORMAT,
            columns: self.columns,
            rows,
        }
    }
}

/// The first finding of each requirement, those that fail the run before others.
fn findings_by_requirement(report: &Report) -> BTreeMap<&str, &Finding> {
    let mut found = BTreeMap::new();
    for finding in &report.failures {
        found.entry(finding.requirement.as_str()).or_insert(finding);
    }
    found
}

fn cell(row: &RequirementRow, finding: Option<&Finding>) -> MatrixCell {
    let shows_evidence = matches!(row.verdict, Verdict::Fail | Verdict::NotExercised);
    let mut evidence: Vec<PrintableText> = Vec::new();
    if let Some(finding) = finding.filter(|_| shows_evidence) {
        evidence.extend(finding.observed.iter().take(KEPT_SENTENCES).cloned());
    }
    if evidence.is_empty() && shows_evidence {
        evidence.extend(row.reason.as_ref().map(describe_reason));
    }
    MatrixCell {
        verdict: row.verdict,
        level: row.level,
        known: row.baselined.is_some(),
        failed_in: row.failed_in.clone(),
        evidence,
        rerun: finding
            .filter(|_| shows_evidence)
            .map(|finding| finding.rerun.clone()),
    }
}
