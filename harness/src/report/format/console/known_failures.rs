//! Failures that the baseline expects, and entries of it that are out of date.

use crate::judge::{Baselined, OutdatedEntry, Verdict};
use crate::report::format::console::layout::{ConsoleReport, KNOWN_SIGN};
use crate::report::model::finding::Finding;
use crate::report::wording::phrases::LISTED_IDS;
use crate::report::wording::reasons::{HELP_FOR_OUTDATED, describe_instead_of_failure};

impl ConsoleReport<'_> {
    /// Failures that the baseline expects, grouped by its entries.
    pub(crate) fn known_failures(&self) -> Option<String> {
        let baseline = self.report.baseline.as_ref()?;
        let entries = self.failures_by_entry();
        if entries.is_empty() {
            return None;
        }
        let heading = format!("Known failures, as {} expects them", baseline.file);
        let mut lines = vec![self.style.wrapped(&heading, "", "  ")];
        for (entry, failures) in &entries {
            let shown = if self.style.verbose {
                failures.len()
            } else {
                failures.len().min(LISTED_IDS)
            };
            for failure in &failures[..shown] {
                lines.push(format!("  {} {failure}", self.style.dim(KNOWN_SIGN)));
            }
            if failures.len() > shown {
                lines.push(format!("    and {} more", failures.len() - shown));
            }
            let reason = format!("{} ({})", entry.reason, entry.place);
            lines.push(self.style.wrapped(&reason, "      ", "      "));
        }
        Some(lines.join("\n"))
    }

    fn failures_by_entry(&self) -> Vec<(&Baselined, Vec<String>)> {
        let findings = self
            .report
            .failures
            .iter()
            .filter_map(|finding| Some((finding.baselined.as_ref()?, name_failure(finding))));
        let ended_by_force = self
            .report
            .cases
            .iter()
            .filter(|case| case.ended_by_force())
            .filter_map(|case| {
                let entry = case.baselined.as_ref()?;
                Some((entry, format!("{}: {}", case.case, case.status?)))
            });
        let mut entries: Vec<(&Baselined, Vec<String>)> = Vec::new();
        for (entry, failure) in findings.chain(ended_by_force) {
            match entries.iter_mut().find(|(other, _)| *other == entry) {
                Some((_, failures)) => failures.push(failure),
                None => entries.push((entry, vec![failure])),
            }
        }
        entries
    }

    /// Entries of the baseline whose failure did not happen.
    pub(crate) fn outdated_entries(&self) -> Option<String> {
        let baseline = self
            .report
            .baseline
            .as_ref()
            .filter(|baseline| !baseline.outdated.is_empty())?;
        let heading = format!("{} expects failures that did not happen", baseline.file);
        let mut lines = vec![self.style.wrapped(&heading, "", "  ")];
        for outdated in &baseline.outdated {
            let OutdatedEntry { entry, place, now } = outdated;
            let now = describe_instead_of_failure(now);
            let help = HELP_FOR_OUTDATED;
            let text = format!("{} {place}: `{entry}` {now}", self.style.bad("✗"));
            lines.push(self.style.wrapped(&text, "  ", "    "));
            lines.push(self.style.wrapped(&format!("help: {help}"), "    ", "    "));
        }
        Some(lines.join("\n"))
    }
}

/// `MUST iss-advertised-mismatch  in iss/two-values/both`
fn name_failure(finding: &Finding) -> String {
    let mut name = format!("{} {}", finding.level, finding.requirement);
    if finding.verdict == Verdict::NotExercised {
        name += "  not exercised";
    }
    if let Some(case) = &finding.case {
        name += &format!("  in {case}");
    }
    if !finding.others.is_empty() {
        name += &format!(" and {} more", finding.others.len());
    }
    name
}
