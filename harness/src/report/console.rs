//! The report for a reader at a console: what was run, the requirements by area, each finding on one screen, the result.

use super::draw::draw;
use super::finding::Finding;
use super::style::Style;
use super::{Outcome, Report, RequirementRow};
use crate::judge::{Baselined, CaseResult, Outdated, Verdict};
use crate::requirements::{Area, position};
use crate::scenario::model::Level;
use crate::suite::Flaky;
use crate::transcript::Status;

/// The sign of a failure that the baseline expects.
const KNOWN: &str = "~";

/// Ids listed of a longer list.
const SOME: usize = 8;

/// The report as text.
pub(super) fn console(report: &Report, style: &Style) -> String {
    let page = Page { report, style: *style };
    let mut blocks = vec![page.heading(), page.requirements()];
    blocks.extend(page.findings());
    blocks.extend(page.known());
    blocks.extend(page.outdated());
    blocks.extend(page.contradictions());
    blocks.extend(page.innocent_losses());
    blocks.extend(page.attack());
    blocks.extend(page.not_run());
    blocks.extend(page.flaky());
    blocks.extend(page.silence());
    blocks.push(page.result());
    blocks.retain(|block| !block.is_empty());
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}

/// The findings alone, as the report tells them.
#[cfg(feature = "libtest")]
pub fn findings(report: &Report, style: &Style) -> String {
    Page { report, style: *style }.findings().join("\n\n")
}

struct Page<'a> {
    report: &'a Report,
    style: Style,
}

impl Page<'_> {
    fn heading(&self) -> String {
        let Report { harness, client, revision, seconds, seed, summary, .. } = self.report;
        let what = self.style.wrapped(&format!("mcp-authspec {harness}: {client} against MCP {revision}"), "", "  ");
        let cases = counted(summary.cases_run, "case");
        let scored = match self.report.requirement_set {
            Some(set) => format!(", scored by the frozen requirement set of {set}"),
            None => String::new(),
        };
        format!("{}\n{cases} in {seconds:.1} s, seed {seed}{scored}", self.style.bold(&what))
    }

    // ------------------------------------------------------------ requirements

    fn requirements(&self) -> String {
        let rows = &self.report.requirements;
        let areas: Vec<Area> = Area::ALL.iter().copied().filter(|area| rows.iter().any(|row| row.area == *area)).collect();
        let widest = areas.iter().map(|area| area.as_str().len()).max().unwrap_or_default();
        let mut lines = Vec::new();
        for area in areas {
            let of_area: Vec<&RequirementRow> = rows.iter().filter(|row| row.area == area).collect();
            lines.push(format!("{area:<widest$}  {}", self.counts(&of_area)));
            if self.style.verbose {
                lines.extend(of_area.iter().flat_map(|row| self.row(row)));
            } else {
                lines.extend(of_area.iter().filter(|row| row.verdict == Verdict::Fail).flat_map(|row| self.row(row)));
                lines.extend(self.silent(&of_area));
            }
        }
        lines.join("\n")
    }

    /// Requirements that were not exercised, those with the same reason together.
    fn silent(&self, rows: &[&RequirementRow]) -> Vec<String> {
        let mut groups: Vec<Vec<&RequirementRow>> = Vec::new();
        for row in rows.iter().filter(|row| row.verdict == Verdict::NotExercised) {
            let alike =
                |f: &&RequirementRow| (f.level, &f.reason, f.baselined.is_some()) == (row.level, &row.reason, row.baselined.is_some());
            match groups.iter_mut().find(|group| group.first().is_some_and(alike)) {
                Some(group) => group.push(row),
                None => groups.push(vec![row]),
            }
        }
        let line = |group: &Vec<&RequirementRow>| match group.as_slice() {
            [first, _, ..] => {
                let reason = first.reason.as_deref().unwrap_or("not exercised");
                let ids = group.iter().map(|row| row.id.as_str()).collect::<Vec<_>>().join(", ");
                let sign = if first.baselined.is_some() { self.style.dim(KNOWN) } else { self.sign(first.verdict, first.level) };
                let wrapped = self.style.wrapped(&format!("{reason}: {ids}"), "              ", "              ");
                vec![format!("    {sign} {:<6}  {}", first.level.as_str(), wrapped.trim_start())]
            }
            few => few.iter().flat_map(|row| self.row(row)).collect(),
        };
        groups.iter().flat_map(line).collect()
    }

    /// `12 passed, 1 failed`
    fn counts(&self, rows: &[&RequirementRow]) -> String {
        let parts = [Verdict::Pass, Verdict::Fail, Verdict::NotExercised, Verdict::NotApplicable].into_iter().filter_map(|verdict| {
            let count = rows.iter().filter(|row| row.verdict == verdict).count();
            let known = rows.iter().filter(|row| row.verdict == verdict && row.baselined.is_some()).count();
            let text = format!("{count} {}{}", word(verdict), of_them_known(known));
            let painted = match verdict {
                Verdict::Pass => self.style.good(&text),
                Verdict::Fail => self.style.bad(&text),
                Verdict::NotExercised => self.style.odd(&text),
                Verdict::NotApplicable => self.style.dim(&text),
            };
            (count > 0).then_some(painted)
        });
        parts.collect::<Vec<_>>().join(", ")
    }

    fn row(&self, row: &RequirementRow) -> Vec<String> {
        let widest = self.report.requirements.iter().map(|row| row.id.len()).max().unwrap_or_default();
        let level = if row.unscored { Level::May } else { row.level };
        let sign = if row.baselined.is_some() { self.style.dim(KNOWN) } else { self.sign(row.verdict, level) };
        let mut note = match (row.verdict, row.failed_in.as_slice()) {
            (Verdict::Fail, [only]) => format!("{}failed in {only}", known(row)),
            (Verdict::Fail, all) => format!("{}failed in {} of {}", known(row), all.len(), counted(row.cases.max(all.len()), "case")),
            (Verdict::Pass, _) => counted(row.cases, "case"),
            (verdict, _) => row.reason.clone().unwrap_or_else(|| word(verdict).to_owned()),
        };
        if row.unscored {
            note.push_str(" (unscored)");
        }
        let column = 4 + 2 + 8 + widest + 2;
        let text = format!("    {sign} {:<6}  {:<widest$}  ", row.level.as_str(), row.id);
        if column + 24 > self.style.columns() {
            return vec![text.trim_end().to_owned(), self.style.wrapped(&note, "               ", "               ")];
        }
        let indent = " ".repeat(column);
        let wrapped = self.style.wrapped(&note, &indent, &indent);
        vec![format!("{text}{}", wrapped.trim_start())]
    }

    fn sign(&self, verdict: Verdict, level: Level) -> String {
        match (verdict, level) {
            (Verdict::Pass, _) => self.style.good("✓"),
            (Verdict::Fail, Level::Must) => self.style.bad("✗"),
            (Verdict::Fail, _) if self.report.strict => self.style.bad("✗"),
            (Verdict::Fail, _) => self.style.odd("!"),
            (Verdict::NotExercised, _) => self.style.odd("?"),
            (Verdict::NotApplicable, _) => self.style.dim("–"),
        }
    }

    // ------------------------------------------------------------ findings

    fn findings(&self) -> Vec<String> {
        let all = self.report.failures.iter().filter(|finding| finding.baselined.is_none());
        let (failing, warnings): (Vec<&Finding>, Vec<&Finding>) = all.partition(|finding| finding.fails_the_run);
        let (failed, silent): (Vec<&Finding>, Vec<&Finding>) = failing.into_iter().partition(|finding| finding.verdict == Verdict::Fail);
        let mut blocks: Vec<String> = grouped(&failed, Finding::same_check).iter().map(|group| self.finding(group)).collect();
        blocks.extend(
            grouped(&silent, |a, b| self.style.verbose && a.same_check(b) || !self.style.verbose && a.reason == b.reason)
                .iter()
                .map(|g| self.finding(g)),
        );
        // a MAY is a permission: nobody needs to be warned
        let warnings: Vec<&Finding> = warnings.into_iter().filter(|f| f.level != Level::May || self.style.verbose).collect();
        blocks.extend(grouped(&warnings, Finding::same_check).iter().map(|group| self.warning(group)));
        blocks
    }

    /// Findings with one cause, the first of them in full.
    fn finding(&self, group: &[&Finding]) -> String {
        let Some((finding, others)) = group.split_first() else { return String::new() };
        let mut lines = self.title(finding, others);
        lines.push(self.style.wrapped(&finding.statement, "  ", "  "));
        lines.extend(self.source(finding));
        if let (Some(title), Some(why)) = (&finding.title, &finding.why) {
            lines.push(self.labelled("case:", &format!("{title}. {why}")));
        }
        lines.push(String::new());
        lines.extend(self.expected_and_observed(finding));
        lines.extend(self.diagram(finding.diagram.as_ref()));
        for gain in &finding.gains {
            lines.push(self.style.bad(&self.labelled("attacker's gain:", gain)));
        }
        lines.extend(self.ending(finding));
        lines.extend(self.position(finding));
        lines.extend(self.elsewhere(finding));
        lines.extend(self.commands(finding));
        lines.join("\n")
    }

    fn warning(&self, group: &[&Finding]) -> String {
        let Some((finding, others)) = group.split_first() else { return String::new() };
        let mut lines = self.title(finding, others);
        lines.push(self.style.wrapped(&finding.statement, "  ", "  "));
        lines.extend(self.source(finding));
        lines.extend(self.expected_and_observed(finding));
        if self.style.verbose {
            lines.extend(self.diagram(finding.diagram.as_ref()));
        }
        lines.extend(self.reason(finding));
        lines.extend(self.position(finding));
        lines.extend(self.elsewhere(finding));
        lines.extend(self.commands(finding));
        lines.join("\n")
    }

    /// `✗ MUST iss-advertised-mismatch  in iss/advertised-and-wrong/success`, and what else the same check decides.
    fn title(&self, finding: &Finding, others: &[&Finding]) -> Vec<String> {
        let named = |f: &Finding| format!("{} {}", f.level, f.requirement);
        let place = match (&finding.case, finding.verdict) {
            (Some(case), Verdict::NotExercised) => format!("  not exercised in {case}"),
            (None, Verdict::NotExercised) => "  not exercised in the whole run".to_owned(),
            (Some(case), _) => format!("  in {case}"),
            (None, _) => String::new(),
        };
        let mut lines = vec![format!("{} {}{place}", self.sign(finding.verdict, finding.level), self.style.bold(&named(finding)))];
        let shown = if self.style.verbose { others.len() } else { others.len().min(SOME) };
        for other in &others[..shown] {
            let place = if other.case == finding.case {
                ", by the same check".to_owned()
            } else {
                other.case.as_ref().map(|case| format!("  in {case}")).unwrap_or_default()
            };
            lines.push(format!("  {}{place}", named(other)));
        }
        if others.len() > shown {
            lines.push(format!("  and {} more", others.len() - shown));
        }
        lines
    }

    fn source(&self, finding: &Finding) -> [String; 2] {
        // a link is never broken
        [self.labelled("source:", &finding.source.to_string()), format!("            {}", finding.source.url)]
    }

    fn expected_and_observed(&self, finding: &Finding) -> Vec<String> {
        let mut lines = Vec::new();
        for (label, texts) in [("expected:", &finding.expected), ("observed:", &finding.observed)] {
            for (index, text) in texts.iter().enumerate() {
                lines.push(self.labelled(if index == 0 { label } else { "" }, text));
            }
        }
        lines
    }

    fn diagram(&self, diagram: Option<&super::Diagram>) -> Vec<String> {
        let Some(diagram) = diagram else { return Vec::new() };
        std::iter::once(String::new()).chain(draw(diagram, self.style)).chain([String::new()]).collect()
    }

    /// How far the client got, and how the run ended.
    fn ending(&self, finding: &Finding) -> Option<String> {
        let stopped = finding.stopped.map(|stage| format!("The{}.", &super::evidence::stopped(stage)[3..]));
        let status = finding.status.map(|status| match status {
            Status::TimedOut => "The run was ended by the time-out.",
            Status::Quiet => "The client had come to rest without ending, and was ended.",
            Status::Crashed => "The client crashed.",
            Status::SetupFailed => "The client could not be started.",
            Status::HarnessError => "The harness failed in this run.",
            Status::Completed => "",
        });
        let said = finding.observed.iter().any(|line| line.contains("the client stopped"));
        let parts: Vec<String> = stopped.filter(|_| !said).into_iter().chain(status.map(str::to_owned)).collect();
        (!parts.is_empty()).then(|| self.style.wrapped(&parts.join(" "), "  ", "  "))
    }

    fn reason(&self, finding: &Finding) -> Option<String> {
        let reason = finding.reason.as_ref().filter(|reason| Some(*reason) != finding.because.as_ref())?;
        Some(self.labelled("reason:", reason))
    }

    fn position(&self, finding: &Finding) -> Option<String> {
        let text = match (finding.position, &finding.because) {
            (Some(number), Some(because)) => format!("{}. {because}", titled(number)),
            (Some(number), None) => titled(number),
            (None, Some(because)) => because.clone(),
            (None, None) => return None,
        };
        Some(self.labelled("position:", &text))
    }

    /// The other cases of a monitor's finding.
    fn elsewhere(&self, finding: &Finding) -> Option<String> {
        if finding.others.is_empty() {
            return None;
        }
        let shown = if self.style.verbose { finding.others.len() } else { SOME };
        Some(self.labelled("also in:", &some_of(&finding.others, shown)))
    }

    fn commands(&self, finding: &Finding) -> Vec<String> {
        let written = finding.scenario_source.as_ref().map(|place| format!("  written:  {place}"));
        written.into_iter().chain([format!("  rerun:    {}", finding.rerun)]).collect()
    }

    // ------------------------------------------------------------ baseline

    /// Failures that the baseline expects, those of one entry together.
    fn known(&self) -> Option<String> {
        let baseline = self.report.baseline.as_ref()?;
        let mut entries: Vec<(&Baselined, Vec<String>)> = Vec::new();
        let findings = self.report.failures.iter().filter_map(|f| Some((f.baselined.as_ref()?, known_finding(f))));
        let ended = self.report.cases.iter().filter(|case| case.ended_by_force());
        let ended = ended.filter_map(|case| Some((case.baselined.as_ref()?, format!("{}: {}", case.case, case.status?))));
        for (baselined, what) in findings.chain(ended) {
            match entries.iter_mut().find(|(other, _)| *other == baselined) {
                Some((_, all)) => all.push(what),
                None => entries.push((baselined, vec![what])),
            }
        }
        let mut lines = vec![self.style.wrapped(&format!("Known failures, as {} expects them", baseline.file), "", "  ")];
        for (baselined, what) in &entries {
            let shown = if self.style.verbose { what.len() } else { what.len().min(SOME) };
            lines.extend(what[..shown].iter().map(|what| format!("  {} {what}", self.style.dim(KNOWN))));
            if what.len() > shown {
                lines.push(format!("    and {} more", what.len() - shown));
            }
            lines.push(self.style.wrapped(&format!("{} ({})", baselined.reason, baselined.place), "      ", "      "));
        }
        (!entries.is_empty()).then(|| lines.join("\n"))
    }

    /// Entries whose failure is gone.
    fn outdated(&self) -> Option<String> {
        let baseline = self.report.baseline.as_ref().filter(|baseline| !baseline.outdated.is_empty())?;
        let mut lines = vec![self.style.wrapped(&format!("Expected by {} to fail, and does not", baseline.file), "", "  ")];
        for outdated in &baseline.outdated {
            let Outdated { entry, place, now, help } = outdated;
            lines.push(self.style.wrapped(&format!("{} {place}: `{entry}` {now}", self.style.bad("✗")), "  ", "    "));
            lines.push(self.style.wrapped(&format!("help: {help}"), "    ", "    "));
        }
        Some(lines.join("\n"))
    }

    // ------------------------------------------------------------ the rest

    fn contradictions(&self) -> Option<String> {
        let all = &self.report.contradictions;
        let lines: Vec<String> = all.iter().map(|text| self.style.wrapped(&format!("{} {text}", self.style.bad("✗")), "", "  ")).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Attacks that no client can stop, when another party is at fault: the verdict is fair, and the gain is shown.
    fn innocent_losses(&self) -> Option<String> {
        let innocent = |case: &&CaseResult| !case.gains.is_empty() && case.checks.iter().all(|c| c.verdict != Verdict::Fail);
        let mut lines = Vec::new();
        for case in self.report.cases.iter().filter(innocent) {
            lines.push(self.style.wrapped(&format!("{}: {}", case.case, case.title), "  ", "      "));
            lines.extend(case.gains.iter().map(|gain| self.style.wrapped(gain, "      ", "        ")));
        }
        (!lines.is_empty()).then(|| format!("Attacks that succeed through no fault of this client\n{}", lines.join("\n")))
    }

    fn attack(&self) -> Option<String> {
        let attack = self.report.attack.as_ref().filter(|_| self.report.failing().next().is_none())?;
        let mut lines = vec![self.style.bold(&format!("One attack explained: {}", attack.case))];
        lines.push(self.style.wrapped(&format!("{}. {}", attack.title, attack.why), "  ", "  "));
        lines.extend(self.diagram(Some(&attack.diagram)));
        lines.push(self.style.wrapped(&attack.defence, "  ", "  "));
        Some(lines.join("\n"))
    }

    fn not_run(&self) -> Option<String> {
        let mut lines = Vec::new();
        for group in &self.report.not_run {
            lines.push(self.style.wrapped(&format!("{}: {}", counted(group.cases.len(), "case"), group.reason), "  ", "      "));
            if self.style.verbose {
                lines.push(self.style.dim(&self.style.wrapped(&group.cases.join(", "), "      ", "      ")));
            }
        }
        (!lines.is_empty()).then(|| format!("Not run\n{}", lines.join("\n")))
    }

    fn flaky(&self) -> Option<String> {
        let line = |flaky: &Flaky| {
            let attempts = flaky.failed.iter().map(|failed| failed.join(", ")).collect::<Vec<_>>().join("; then ");
            self.style.wrapped(&format!("{}: {attempts}", flaky.case), "  ", "      ")
        };
        let lines: Vec<String> = self.report.flaky.iter().map(line).collect();
        let heading = self.style.odd("Flaky: failed, and passed when run again");
        (!lines.is_empty()).then(|| format!("{heading}\n{}", lines.join("\n")))
    }

    fn silence(&self) -> Option<String> {
        let silence = self.report.silence.as_ref()?;
        let runs = counted(silence.runs, "run");
        let text = format!("The client sent nothing to any server in {runs}. Run its command by hand to see whether it starts.");
        let help = "  help: it got a clean environment and a home of its own; --pass-env, --env and --cwd change what it finds";
        let mut lines = vec![self.style.wrapped(&text, "", "  "), self.style.wrapped(help, "", "    ")];
        if !silence.last_words.is_empty() {
            lines.push("Its last words:".to_owned());
            lines.extend(silence.last_words.iter().map(|line| self.style.dim(&format!("  {line}"))));
        }
        Some(lines.join("\n"))
    }

    fn result(&self) -> String {
        let summary = &self.report.summary;
        let count = |verdict| summary.requirements.get(&verdict).copied().unwrap_or_default();
        let rows = |verdict| self.report.requirements.iter().filter(move |row| row.verdict == verdict);
        let known = |verdict| rows(verdict).filter(|row| row.baselined.is_some()).count();
        let parts = Verdict::ALL.iter().map(|v| format!("{} {}{}", count(*v), word(*v), of_them_known(known(*v))));
        let checks: usize = summary.checks.values().flat_map(|levels| levels.values()).sum();
        let text = format!(
            "{}: {} ({} in {})",
            counted(self.report.requirements.len(), "requirement"),
            parts.collect::<Vec<_>>().join(", "),
            counted(checks, "check"),
            counted(summary.cases_run, "case")
        );
        let words = self.style.wrapped(&self.in_words(), "", "");
        let passed = self.report.outcome() == Outcome::Passed;
        let words = if passed { self.style.good(&words) } else { self.style.bad(&words) };
        format!("{}\n{words}", self.style.wrapped(&text, "", "  "))
    }

    fn in_words(&self) -> String {
        let report = self.report;
        match report.outcome() {
            Outcome::Passed => {
                let counts = |row: &&RequirementRow| row.baselined.is_none() && !row.unscored;
                let warning = |row: &&RequirementRow| row.verdict == Verdict::Fail && row.level == Level::Should && counts(row);
                let should = report.requirements.iter().filter(warning).count();
                let warnings = match should {
                    0 => String::new(),
                    1 => " What failed is a SHOULD: a warning, which --strict counts.".to_owned(),
                    _ => format!(" {should} of those that failed are a SHOULD: warnings, which --strict counts."),
                };
                let flaky = match report.flaky.len() {
                    0 => String::new(),
                    count => format!(" {} flaky.", counted(count, "case")),
                };
                match report.summary.baselined {
                    0 => format!("Passed. The client does all that is required of it in these cases.{warnings}{flaky}"),
                    known => format!(
                        "Passed, with known failures of {}. The client does all else that is required of it in these cases.{warnings}{flaky}",
                        counted(known, "requirement")
                    ),
                }
            }
            Outcome::Failed => {
                let failing: std::collections::BTreeSet<&str> = report.failing().collect();
                let rows = |verdict| report.requirements.iter().filter(|r| r.verdict == verdict && failing.contains(r.id.as_str())).count();
                let mut reasons = Vec::new();
                let mut add = |count: usize, thing: &str, what: &str| {
                    if count > 0 {
                        reasons.push(format!("{} {what}", counted(count, thing)));
                    }
                };
                add(rows(Verdict::Fail), "requirement", "failed");
                add(rows(Verdict::NotExercised), "requirement", "not exercised (silence is no pass)");
                add(report.contradictions.len(), "declaration", "contradicted");
                add(report.ended_by_force().len(), "run", "not ended by the client itself");
                add(report.baseline.as_ref().map_or(0, |b| b.outdated.len()), "failure", "gone that the baseline expects");
                add(if report.strict { report.flaky.len() } else { 0 }, "case", "flaky");
                format!("Failed: {}.", reasons.join(", "))
            }
            Outcome::NothingRan if report.summary.cases_run == 0 => "No case was run, so nothing is known of the client.".to_owned(),
            Outcome::NothingRan if report.silence.is_some() => {
                "The client could not be run: it ended with an error before it sent anything, so nothing is known of it.".to_owned()
            }
            Outcome::NothingRan => "The client could not be started, so nothing is known of it.".to_owned(),
            Outcome::HarnessError => {
                format!("The harness failed in {}. Please report this.", some_of(&report.harness_errors, SOME))
            }
            Outcome::Interrupted => "The run was interrupted. What had finished is told above.".to_owned(),
        }
    }

    /// A label and its text, which hangs from it.
    fn labelled(&self, label: &str, text: &str) -> String {
        self.style.wrapped(text, &format!("  {label:<9} "), "            ")
    }
}

/// Neighbours that are alike, together.
fn grouped<'f>(findings: &[&'f Finding], alike: impl Fn(&Finding, &Finding) -> bool) -> Vec<Vec<&'f Finding>> {
    let mut groups: Vec<Vec<&Finding>> = Vec::new();
    for finding in findings {
        match groups.iter_mut().find(|group| group.first().is_some_and(|first| alike(first, finding))) {
            Some(group) => group.push(finding),
            None => groups.push(vec![finding]),
        }
    }
    groups
}

/// `MUST iss-advertised-mismatch  in iss/two-values/both`
fn known_finding(finding: &Finding) -> String {
    let silent = if finding.verdict == Verdict::NotExercised { "  not exercised" } else { "" };
    let mut place = finding.case.as_ref().map(|case| format!("  in {case}")).unwrap_or_default();
    if !finding.others.is_empty() {
        place += &format!(" and {} more", finding.others.len());
    }
    format!("{} {}{silent}{place}", finding.level, finding.requirement)
}

fn known(row: &RequirementRow) -> &'static str {
    if row.baselined.is_some() { "known: " } else { "" }
}

fn of_them_known(known: usize) -> String {
    if known > 0 { format!(" ({known} known)") } else { String::new() }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "passed",
        Verdict::Fail => "failed",
        Verdict::NotExercised => "not exercised",
        Verdict::NotApplicable => "not applicable",
    }
}

fn counted(count: usize, thing: &str) -> String {
    format!("{count} {thing}{}", if count == 1 { "" } else { "s" })
}

fn some_of(all: &[String], shown: usize) -> String {
    let more = all.len().saturating_sub(shown);
    let list = all.iter().take(shown).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{list} and {more} more") } else { list }
}

/// A position of ours, by number and title; `explain` tells the rest.
fn titled(number: u32) -> String {
    position(number).map_or_else(|| number.to_string(), |p| format!("{number}, {}", p.title))
}
