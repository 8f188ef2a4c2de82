//! The last lines of the console report: the result of the run.

use std::collections::BTreeSet;

use crate::judge::Verdict;
use crate::report::format::console::layout::ConsoleReport;
use crate::report::format::console::requirement_table::known_suffix;
use crate::report::model::RunOutcome;
use crate::report::wording::outcome_sentence::outcome_sentence;
use crate::report::wording::phrases::{
    LISTED_IDS, abbreviate_list, count_noun, summarize_levels, verdict_word,
};

impl ConsoleReport<'_> {
    /// The run in numbers, its outcome in a sentence, and what failed.
    pub(crate) fn result(&self) -> String {
        let sentence = self.style.wrapped(&outcome_sentence(self.report), "", "");
        let mut lines = vec![
            self.style.wrapped(&self.totals(), "", "  "),
            self.style.wrapped(&summarize_levels(self.report), "", "  "),
            if self.report.outcome() == RunOutcome::Passed {
                self.style.good(&sentence)
            } else {
                self.style.bad(&sentence)
            },
        ];
        lines.extend(self.failed_requirements());
        lines.join("\n")
    }

    fn totals(&self) -> String {
        let summary = &self.report.summary;
        let counts = Verdict::ALL.iter().map(|verdict| {
            let count = summary
                .requirements
                .get(verdict)
                .copied()
                .unwrap_or_default();
            let known = self
                .report
                .requirements
                .iter()
                .filter(|row| row.verdict == *verdict && row.baselined.is_some())
                .count();
            format!("{count} {}{}", verdict_word(*verdict), known_suffix(known))
        });
        let checks: usize = summary
            .checks
            .values()
            .flat_map(|levels| levels.values())
            .sum();
        format!(
            "{}: {} ({} in {})",
            count_noun(self.report.requirements.len(), "requirement"),
            counts.collect::<Vec<_>>().join(", "),
            count_noun(checks, "check"),
            count_noun(summary.cases_run, "case")
        )
    }

    /// The requirements that make the run fail. They are repeated here because the table that shows
    /// them may have scrolled away.
    fn failed_requirements(&self) -> Vec<String> {
        let failing: BTreeSet<&str> = self.report.failing().collect();
        let ids: Vec<&str> = self
            .report
            .requirements
            .iter()
            .map(|row| row.id.as_str())
            .filter(|id| failing.contains(id))
            .collect();
        if ids.is_empty() {
            return Vec::new();
        }
        let ids = abbreviate_list(&ids, LISTED_IDS);
        let mut lines = vec![self.style.wrapped(&ids, "  ", "  ")];
        if !self.style.verbose {
            let help = "help: `mcp-authspec explain REQUIREMENT` explains a requirement; \
                        --verbose shows every case with all its messages";
            lines.push(self.style.dim(&self.style.wrapped(help, "  ", "  ")));
        }
        lines
    }
}
