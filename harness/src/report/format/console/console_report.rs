//! The parts of the console report in their order.

use crate::report::format::console::layout::ConsoleReport;
use crate::report::format::style::TextStyle;
use crate::report::model::Report;
use crate::report::wording::phrases::cases_and_duration;

/// Writes the report for a console.
pub(crate) fn render_console(report: &Report, style: &TextStyle) -> String {
    let page = ConsoleReport {
        report,
        style: *style,
    };
    let mut blocks = vec![page.heading(), page.requirement_table()];
    blocks.extend(page.findings());
    blocks.extend(page.timelines());
    blocks.extend(page.known_failures());
    blocks.extend(page.outdated_entries());
    blocks.extend(page.contradictions());
    blocks.extend(page.unavoidable_gains());
    blocks.extend(page.withstood_attack());
    blocks.extend(page.out_of_reach());
    blocks.extend(page.not_run());
    blocks.extend(page.flaky_cases());
    blocks.extend(page.fixed_callback_port());
    blocks.extend(page.incomplete_searches());
    blocks.extend(page.foreign_names());
    blocks.extend(page.attested_answers());
    blocks.extend(page.silent_client());
    blocks.extend(page.slowest_runs());
    blocks.push(page.result());
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n\n") + "\n"
}

/// Writes only the findings of a report.
#[cfg(feature = "libtest")]
pub fn render_findings(report: &Report, style: &TextStyle) -> String {
    let page = ConsoleReport {
        report,
        style: *style,
    };
    page.findings().join("\n\n")
}

impl ConsoleReport<'_> {
    fn heading(&self) -> String {
        let report = self.report;
        let title = format!(
            "mcp-authspec {}: {} against MCP {}",
            report.harness, report.client, report.revision
        );
        let title = self.style.bold(&self.style.wrapped(&title, "", "  "));
        let mut facts = format!("{}, seed {}", cases_and_duration(report), report.seed);
        if let Some(set) = report.requirement_set {
            facts += &format!(", scored by the frozen requirement set of {set}");
        }
        format!("{title}\n{facts}")
    }
}
