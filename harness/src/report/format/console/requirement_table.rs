//! The requirements by area, each with its verdict.

use crate::judge::Verdict;
use crate::report::format::console::layout::{ConsoleReport, KNOWN_SIGN};
use crate::report::model::RequirementRow;
use crate::report::wording::area_name::area_title;
use crate::report::wording::phrases::{count_noun, verdict_word};
use crate::report::wording::reasons::describe_reason;
use crate::requirements::Area;
use crate::scenario::model::Level;

/// The indentation of texts that do not fit beside the id of their requirement.
const NOTE_INDENT: &str = "               ";
/// The narrowest column, in characters, that a note beside an id is worth.
const NARROWEST_NOTE: usize = 24;

impl ConsoleReport<'_> {
    /// All areas: how many requirements have each verdict, and which ones failed.
    pub(crate) fn requirement_table(&self) -> String {
        let rows = &self.report.requirements;
        let areas: Vec<(Area, String)> = Area::ALL
            .iter()
            .filter(|area| rows.iter().any(|row| row.area == **area))
            .map(|area| (*area, area_title(*area)))
            .collect();
        let widest = areas
            .iter()
            .map(|(_, title)| title.chars().count())
            .max()
            .unwrap_or_default();
        let mut lines = Vec::new();
        for (area, title) in areas {
            let rows: Vec<&RequirementRow> = rows.iter().filter(|row| row.area == area).collect();
            lines.extend(self.area_heading(&title, widest, &self.verdict_counts(&rows)));
            let shown = rows
                .iter()
                .filter(|row| self.style.verbose || row.verdict == Verdict::Fail);
            lines.extend(shown.flat_map(|row| self.requirement_lines(row)));
            if !self.style.verbose {
                lines.extend(self.not_exercised_lines(&rows));
            }
        }
        lines.join("\n")
    }

    /// The name of an area and its counts, on one line if both fit.
    fn area_heading(&self, title: &str, widest: usize, counts: &[(String, String)]) -> Vec<String> {
        let plain: Vec<&str> = counts.iter().map(|(plain, _)| plain.as_str()).collect();
        let painted: Vec<&str> = counts.iter().map(|(_, painted)| painted.as_str()).collect();
        let painted = painted.join(", ");
        if widest + 2 + plain.join(", ").chars().count() <= self.style.columns() {
            vec![format!("{title:<widest$}  {painted}")]
        } else {
            vec![title.to_owned(), format!("  {painted}")]
        }
    }

    /// `12 passed` and `1 failed`, each as plain text and as it is painted.
    fn verdict_counts(&self, rows: &[&RequirementRow]) -> Vec<(String, String)> {
        let verdicts = [
            Verdict::Pass,
            Verdict::Fail,
            Verdict::NotExercised,
            Verdict::NotApplicable,
        ];
        let mut counts = Vec::new();
        for verdict in verdicts {
            let of_verdict = || rows.iter().filter(|row| row.verdict == verdict);
            let count = of_verdict().count();
            if count == 0 {
                continue;
            }
            let known = of_verdict().filter(|row| row.baselined.is_some()).count();
            let text = format!("{count} {}{}", verdict_word(verdict), known_suffix(known));
            let painted = match verdict {
                Verdict::Pass => self.style.good(&text),
                Verdict::Fail => self.style.bad(&text),
                Verdict::NotExercised => self.style.odd(&text),
                Verdict::NotApplicable => self.style.dim(&text),
            };
            counts.push((text, painted));
        }
        counts
    }

    /// Requirements that were not exercised. Those with the same reason share a line.
    fn not_exercised_lines(&self, rows: &[&RequirementRow]) -> Vec<String> {
        let mut groups: Vec<Vec<&RequirementRow>> = Vec::new();
        let not_exercised = rows
            .iter()
            .filter(|row| row.verdict == Verdict::NotExercised);
        for row in not_exercised {
            let has_same_reason = |group: &&mut Vec<&RequirementRow>| {
                group.first().is_some_and(|first| {
                    (first.level, &first.reason, first.baselined.is_some())
                        == (row.level, &row.reason, row.baselined.is_some())
                })
            };
            match groups.iter_mut().find(has_same_reason) {
                Some(group) => group.push(row),
                None => groups.push(vec![row]),
            }
        }
        let lines = groups.iter().flat_map(|group| match group.as_slice() {
            [first, _, ..] => vec![self.shared_reason_line(first, group)],
            single => single
                .iter()
                .flat_map(|row| self.requirement_lines(row))
                .collect(),
        });
        lines.collect()
    }

    fn shared_reason_line(&self, first: &RequirementRow, group: &[&RequirementRow]) -> String {
        let reason = first
            .reason
            .as_ref()
            .map_or_else(|| "not exercised".into(), describe_reason);
        let ids: Vec<&str> = group.iter().map(|row| row.id.as_str()).collect();
        let text = format!("{reason}: {}", ids.join(", "));
        let wrapped = self.style.wrapped(&text, NOTE_INDENT, NOTE_INDENT);
        format!(
            "    {} {:<6}   {}",
            self.row_sign(first, first.level),
            first.level.as_str(),
            wrapped.trim_start()
        )
    }

    fn row_sign(&self, row: &RequirementRow, level: Level) -> String {
        if row.baselined.is_some() {
            self.style.dim(KNOWN_SIGN)
        } else {
            self.sign(row.verdict, level)
        }
    }

    /// One requirement: its sign, level and id, and a note on one line or below.
    fn requirement_lines(&self, row: &RequirementRow) -> Vec<String> {
        let widest = self
            .report
            .requirements
            .iter()
            .map(|row| row.id.len())
            .max()
            .unwrap_or_default();
        let level = match row {
            row if row.unscored || row.advice => Level::May,
            row => row.level,
        };
        let note = requirement_note(row);
        let column = 4 + 2 + 8 + widest + 2;
        let beginning = format!(
            "    {} {:<6}  {:<widest$}  ",
            self.row_sign(row, level),
            row.level.as_str(),
            row.id
        );
        // the name of a scenario is not broken; one that does not fit has a line of its own
        let fits =
            row.verdict != Verdict::Fail || column + note.chars().count() <= self.style.columns();
        if column + NARROWEST_NOTE > self.style.columns() || !fits {
            let note = self.style.wrapped(&note, NOTE_INDENT, NOTE_INDENT);
            return vec![beginning.trim_end().to_owned(), note];
        }
        let indent = " ".repeat(column);
        let note = self.style.wrapped(&note, &indent, &indent);
        vec![format!("{beginning}{}", note.trim_start())]
    }
}

/// Where a requirement failed, in how many cases it passed, or why it has no such verdict.
fn requirement_note(row: &RequirementRow) -> String {
    let known = if row.baselined.is_some() {
        "known: "
    } else {
        ""
    };
    let mut note = match (row.verdict, row.failed_in.as_slice()) {
        (Verdict::Fail, [case]) => format!("{known}failed in {case}"),
        (Verdict::Fail, cases) => format!(
            "{known}failed in {} of {}",
            cases.len(),
            count_noun(row.cases.max(cases.len()), "case")
        ),
        (Verdict::Pass, _) => count_noun(row.cases, "case"),
        (verdict, _) => row.reason.as_ref().map_or_else(
            || verdict_word(verdict).to_owned(),
            |reason| describe_reason(reason).to_string(),
        ),
    };
    if row.unscored {
        note.push_str(" (unscored)");
    }
    if row.advice {
        note.push_str(" (advice)");
    }
    note
}

/// ` (2 known)` after a count.
pub(crate) fn known_suffix(known: usize) -> String {
    if known > 0 {
        format!(" ({known} known)")
    } else {
        String::new()
    }
}
