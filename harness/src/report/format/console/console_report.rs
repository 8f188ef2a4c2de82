//! The report for a reader at a console: what was run, the requirements by area, each finding on
//! one screen, the result.

use std::collections::BTreeSet;

use crate::judge::{Baselined, CaseResult, Outdated, Verdict};
use crate::report::format::console::timeline_text::chronicle;
use crate::report::format::style::TextStyle;
use crate::report::model::finding::Finding;
use crate::report::model::timing::{self, slowest};
use crate::report::model::{Report, RequirementRow, RunOutcome};
use crate::report::wording::phrases::{SOME, counted, in_words, levels, ran, some_of, word};
use crate::requirements::Area;
use crate::scenario::model::Level;
use crate::suite::FlakyCase;

/// The sign of a failure that the baseline expects.
const KNOWN: &str = "~";

/// The report as text.
pub(crate) fn console(report: &Report, style: &TextStyle) -> String {
    let page = ConsoleReport {
        report,
        style: *style,
    };
    let mut blocks = vec![page.heading(), page.requirements()];
    blocks.extend(page.findings());
    blocks.extend(page.timelines());
    blocks.extend(page.known());
    blocks.extend(page.outdated());
    blocks.extend(page.contradictions());
    blocks.extend(page.innocent_losses());
    blocks.extend(page.attack());
    blocks.extend(page.not_run());
    blocks.extend(page.flaky());
    blocks.extend(page.silence());
    blocks.extend(page.slowest());
    blocks.push(page.result());
    blocks.retain(|block| !block.is_empty());
    let mut text = blocks.join("\n\n");
    text.push('\n');
    text
}

/// The findings alone, as the report tells them.
#[cfg(feature = "libtest")]
pub fn findings(report: &Report, style: &TextStyle) -> String {
    ConsoleReport {
        report,
        style: *style,
    }
    .findings()
    .join("\n\n")
}

/// A report on its way to a console.
pub(crate) struct ConsoleReport<'a> {
    pub(crate) report: &'a Report,
    pub(crate) style: TextStyle,
}

impl ConsoleReport<'_> {
    fn heading(&self) -> String {
        let Report {
            harness,
            client,
            revision,
            seed,
            ..
        } = self.report;
        let what = self.style.wrapped(
            &format!("mcp-authspec {harness}: {client} against MCP {revision}"),
            "",
            "  ",
        );
        let scored = match self.report.requirement_set {
            Some(set) => format!(", scored by the frozen requirement set of {set}"),
            None => String::new(),
        };
        format!(
            "{}\n{}, seed {seed}{scored}",
            self.style.bold(&what),
            ran(self.report)
        )
    }

    // ------------------------------------------------------------ requirements

    fn requirements(&self) -> String {
        let rows = &self.report.requirements;
        let areas: Vec<Area> = Area::ALL
            .iter()
            .copied()
            .filter(|area| rows.iter().any(|row| row.area == *area))
            .collect();
        let widest = areas
            .iter()
            .map(|area| area.as_str().len())
            .max()
            .unwrap_or_default();
        let mut lines = Vec::new();
        for area in areas {
            let of_area: Vec<&RequirementRow> =
                rows.iter().filter(|row| row.area == area).collect();
            lines.push(format!("{area:<widest$}  {}", self.counts(&of_area)));
            if self.style.verbose {
                lines.extend(of_area.iter().flat_map(|row| self.row(row)));
            } else {
                lines.extend(
                    of_area
                        .iter()
                        .filter(|row| row.verdict == Verdict::Fail)
                        .flat_map(|row| self.row(row)),
                );
                lines.extend(self.silent(&of_area));
            }
        }
        lines.join("\n")
    }

    /// Requirements that were not exercised, those with the same reason together.
    fn silent(&self, rows: &[&RequirementRow]) -> Vec<String> {
        let mut groups: Vec<Vec<&RequirementRow>> = Vec::new();
        for row in rows
            .iter()
            .filter(|row| row.verdict == Verdict::NotExercised)
        {
            let alike = |f: &&RequirementRow| {
                (f.level, &f.reason, f.baselined.is_some())
                    == (row.level, &row.reason, row.baselined.is_some())
            };
            match groups
                .iter_mut()
                .find(|group| group.first().is_some_and(alike))
            {
                Some(group) => group.push(row),
                None => groups.push(vec![row]),
            }
        }
        let line = |group: &Vec<&RequirementRow>| match group.as_slice() {
            [first, _, ..] => {
                let reason = first.reason.as_deref().unwrap_or("not exercised");
                let ids = group
                    .iter()
                    .map(|row| row.id.as_str())
                    .collect::<Vec<_>>()
                    .join(", ");
                let sign = if first.baselined.is_some() {
                    self.style.dim(KNOWN)
                } else {
                    self.sign(first.verdict, first.level)
                };
                let wrapped = self.style.wrapped(
                    &format!("{reason}: {ids}"),
                    "              ",
                    "              ",
                );
                vec![format!(
                    "    {sign} {:<6}  {}",
                    first.level.as_str(),
                    wrapped.trim_start()
                )]
            }
            few => few.iter().flat_map(|row| self.row(row)).collect(),
        };
        groups.iter().flat_map(line).collect()
    }

    /// `12 passed, 1 failed`
    fn counts(&self, rows: &[&RequirementRow]) -> String {
        let parts = [
            Verdict::Pass,
            Verdict::Fail,
            Verdict::NotExercised,
            Verdict::NotApplicable,
        ]
        .into_iter()
        .filter_map(|verdict| {
            let count = rows.iter().filter(|row| row.verdict == verdict).count();
            let known = rows
                .iter()
                .filter(|row| row.verdict == verdict && row.baselined.is_some())
                .count();
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
        let widest = self
            .report
            .requirements
            .iter()
            .map(|row| row.id.len())
            .max()
            .unwrap_or_default();
        let level = if row.unscored { Level::May } else { row.level };
        let sign = if row.baselined.is_some() {
            self.style.dim(KNOWN)
        } else {
            self.sign(row.verdict, level)
        };
        let mut note = match (row.verdict, row.failed_in.as_slice()) {
            (Verdict::Fail, [only]) => format!("{}failed in {only}", known(row)),
            (Verdict::Fail, all) => format!(
                "{}failed in {} of {}",
                known(row),
                all.len(),
                counted(row.cases.max(all.len()), "case")
            ),
            (Verdict::Pass, _) => counted(row.cases, "case"),
            (verdict, _) => row
                .reason
                .clone()
                .unwrap_or_else(|| word(verdict).to_owned()),
        };
        if row.unscored {
            note.push_str(" (unscored)");
        }
        let column = 4 + 2 + 8 + widest + 2;
        let text = format!(
            "    {sign} {:<6}  {:<widest$}  ",
            row.level.as_str(),
            row.id
        );
        // a name of a scenario is not broken, and one that does not fit stands in a line of its own
        let fits =
            row.verdict != Verdict::Fail || column + note.chars().count() <= self.style.columns();
        if column + 24 > self.style.columns() || !fits {
            return vec![
                text.trim_end().to_owned(),
                self.style
                    .wrapped(&note, "               ", "               "),
            ];
        }
        let indent = " ".repeat(column);
        let wrapped = self.style.wrapped(&note, &indent, &indent);
        vec![format!("{text}{}", wrapped.trim_start())]
    }

    pub(crate) fn sign(&self, verdict: Verdict, level: Level) -> String {
        match (verdict, level) {
            (Verdict::Pass, _) => self.style.good("✓"),
            (Verdict::Fail, Level::Must) => self.style.bad("✗"),
            (Verdict::Fail, _) if self.report.strict => self.style.bad("✗"),
            (Verdict::Fail, _) => self.style.odd("!"),
            (Verdict::NotExercised, _) => self.style.odd("?"),
            (Verdict::NotApplicable, _) => self.style.dim("–"),
        }
    }

    // ------------------------------------------------------------ baseline

    /// Failures that the baseline expects, those of one entry together.
    fn known(&self) -> Option<String> {
        let baseline = self.report.baseline.as_ref()?;
        let mut entries: Vec<(&Baselined, Vec<String>)> = Vec::new();
        let findings = self
            .report
            .failures
            .iter()
            .filter_map(|f| Some((f.baselined.as_ref()?, known_finding(f))));
        let ended = self
            .report
            .cases
            .iter()
            .filter(|case| case.ended_by_force());
        let ended = ended.filter_map(|case| {
            Some((
                case.baselined.as_ref()?,
                format!("{}: {}", case.case, case.status?),
            ))
        });
        for (baselined, what) in findings.chain(ended) {
            match entries.iter_mut().find(|(other, _)| *other == baselined) {
                Some((_, all)) => all.push(what),
                None => entries.push((baselined, vec![what])),
            }
        }
        let mut lines = vec![self.style.wrapped(
            &format!("Known failures, as {} expects them", baseline.file),
            "",
            "  ",
        )];
        for (baselined, what) in &entries {
            let shown = if self.style.verbose {
                what.len()
            } else {
                what.len().min(SOME)
            };
            lines.extend(
                what[..shown]
                    .iter()
                    .map(|what| format!("  {} {what}", self.style.dim(KNOWN))),
            );
            if what.len() > shown {
                lines.push(format!("    and {} more", what.len() - shown));
            }
            lines.push(self.style.wrapped(
                &format!("{} ({})", baselined.reason, baselined.place),
                "      ",
                "      ",
            ));
        }
        (!entries.is_empty()).then(|| lines.join("\n"))
    }

    /// Entries whose failure is gone.
    fn outdated(&self) -> Option<String> {
        let baseline = self
            .report
            .baseline
            .as_ref()
            .filter(|baseline| !baseline.outdated.is_empty())?;
        let mut lines = vec![self.style.wrapped(
            &format!("Expected by {} to fail, and does not", baseline.file),
            "",
            "  ",
        )];
        for outdated in &baseline.outdated {
            let Outdated {
                entry,
                place,
                now,
                help,
            } = outdated;
            lines.push(self.style.wrapped(
                &format!("{} {place}: `{entry}` {now}", self.style.bad("✗")),
                "  ",
                "    ",
            ));
            lines.push(self.style.wrapped(&format!("help: {help}"), "    ", "    "));
        }
        Some(lines.join("\n"))
    }

    /// All that happened in the cases that findings show.
    fn timelines(&self) -> Vec<String> {
        let shown = |case: &str| {
            self.report
                .failures
                .iter()
                .any(|f| f.case.as_deref() == Some(case))
        };
        let wanted = self
            .report
            .timelines
            .iter()
            .filter(|timeline| self.style.verbose && shown(&timeline.case));
        wanted
            .map(|timeline| chronicle(timeline, self.style))
            .collect()
    }

    // ------------------------------------------------------------ the rest

    fn contradictions(&self) -> Option<String> {
        let all = &self.report.contradictions;
        let lines: Vec<String> = all
            .iter()
            .map(|text| {
                self.style
                    .wrapped(&format!("{} {text}", self.style.bad("✗")), "", "  ")
            })
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Attacks that no client can stop, when another party is at fault: the verdict is fair, and
    /// the gain is shown.
    fn innocent_losses(&self) -> Option<String> {
        let innocent = |case: &&CaseResult| {
            !case.gains.is_empty() && case.checks.iter().all(|c| c.verdict != Verdict::Fail)
        };
        let mut lines = Vec::new();
        for case in self.report.cases.iter().filter(innocent) {
            lines.push(self.style.wrapped(
                &format!("{}: {}", case.case, case.title),
                "  ",
                "      ",
            ));
            lines.extend(
                case.gains
                    .iter()
                    .map(|gain| self.style.wrapped(gain, "      ", "        ")),
            );
        }
        (!lines.is_empty()).then(|| {
            format!(
                "Attacks that succeed through no fault of this client\n{}",
                lines.join("\n")
            )
        })
    }

    fn attack(&self) -> Option<String> {
        let attack = self
            .report
            .attack
            .as_ref()
            .filter(|_| self.report.failing().next().is_none())?;
        let mut lines = vec![
            self.style
                .bold(&format!("One attack explained: {}", attack.case)),
        ];
        lines.push(
            self.style
                .wrapped(&format!("{}. {}", attack.title, attack.why), "  ", "  "),
        );
        lines.extend(self.diagram(Some(&attack.diagram)));
        lines.push(self.style.wrapped(&attack.defence, "  ", "  "));
        Some(lines.join("\n"))
    }

    fn not_run(&self) -> Option<String> {
        let mut lines = Vec::new();
        for group in &self.report.not_run {
            lines.push(self.style.wrapped(
                &format!("{}: {}", counted(group.cases.len(), "case"), group.reason),
                "  ",
                "      ",
            ));
            if self.style.verbose {
                lines.push(
                    self.style.dim(&self.style.wrapped(
                        &group.cases.join(", "),
                        "      ",
                        "      ",
                    )),
                );
            }
        }
        (!lines.is_empty()).then(|| format!("Not run\n{}", lines.join("\n")))
    }

    fn flaky(&self) -> Option<String> {
        let line = |flaky: &FlakyCase| {
            let attempts = flaky
                .failed
                .iter()
                .map(|failed| failed.join(", "))
                .collect::<Vec<_>>()
                .join("; then ");
            self.style
                .wrapped(&format!("{}: {attempts}", flaky.case), "  ", "      ")
        };
        let lines: Vec<String> = self.report.flaky.iter().map(line).collect();
        let heading = self.style.odd("Flaky: failed, and passed when run again");
        (!lines.is_empty()).then(|| format!("{heading}\n{}", lines.join("\n")))
    }

    fn silence(&self) -> Option<String> {
        let silence = self.report.silence.as_ref()?;
        let runs = counted(silence.runs, "run");
        let text = format!(
            "The client sent nothing to any server in {runs}. Run its command by hand to see whether it starts."
        );
        let help = "  help: it got a clean environment and a home of its own; --pass-env, --env and --cwd change what it finds";
        let mut lines = vec![
            self.style.wrapped(&text, "", "  "),
            self.style.wrapped(help, "", "    "),
        ];
        if !silence.last_words.is_empty() {
            lines.push("Its last words:".to_owned());
            lines.extend(
                silence
                    .last_words
                    .iter()
                    .map(|line| self.style.dim(&format!("  {line}"))),
            );
        }
        Some(lines.join("\n"))
    }

    fn slowest(&self) -> Option<String> {
        let slowest = slowest(&self.report.timings)
            .into_iter()
            .filter(|_| self.style.verbose);
        let lines: Vec<String> = slowest
            .map(|t| {
                self.style.wrapped(
                    &format!("{:>8}  {}", timing::in_words(t.seconds), t.run),
                    "  ",
                    "            ",
                )
            })
            .collect();
        (!lines.is_empty()).then(|| format!("Slowest\n{}", lines.join("\n")))
    }

    fn result(&self) -> String {
        let summary = &self.report.summary;
        let count = |verdict| {
            summary
                .requirements
                .get(&verdict)
                .copied()
                .unwrap_or_default()
        };
        let rows = |verdict| {
            self.report
                .requirements
                .iter()
                .filter(move |row| row.verdict == verdict)
        };
        let known = |verdict| rows(verdict).filter(|row| row.baselined.is_some()).count();
        let parts = Verdict::ALL
            .iter()
            .map(|v| format!("{} {}{}", count(*v), word(*v), of_them_known(known(*v))));
        let checks: usize = summary
            .checks
            .values()
            .flat_map(|levels| levels.values())
            .sum();
        let text = format!(
            "{}: {} ({} in {})",
            counted(self.report.requirements.len(), "requirement"),
            parts.collect::<Vec<_>>().join(", "),
            counted(checks, "check"),
            counted(summary.cases_run, "case")
        );
        let words = self.style.wrapped(&in_words(self.report), "", "");
        let passed = self.report.outcome() == RunOutcome::Passed;
        let words = if passed {
            self.style.good(&words)
        } else {
            self.style.bad(&words)
        };
        let mut lines = vec![
            self.style.wrapped(&text, "", "  "),
            self.style.wrapped(&levels(self.report), "", "  "),
            words,
        ];
        lines.extend(self.what_failed());
        lines.join("\n")
    }

    /// The requirements that make the run fail once more: the table is far above.
    fn what_failed(&self) -> Vec<String> {
        let failing: BTreeSet<&str> = self.report.failing().collect();
        let rows = self
            .report
            .requirements
            .iter()
            .filter(|row| failing.contains(row.id.as_str()));
        let ids: Vec<String> = rows.map(|row| row.id.clone()).collect();
        if ids.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![self.style.wrapped(&some_of(&ids, SOME), "  ", "  ")];
        if !self.style.verbose {
            let help = "help: `mcp-authspec explain REQUIREMENT` tells what it is about; --verbose tells every case, with all messages";
            lines.push(self.style.dim(&self.style.wrapped(help, "  ", "  ")));
        }
        lines
    }

    /// A label and its text, which hangs from it.
    pub(crate) fn labelled(&self, label: &str, text: &str) -> String {
        self.style
            .wrapped(text, &format!("  {label:<9} "), "            ")
    }
}

/// `MUST iss-advertised-mismatch  in iss/two-values/both`
fn known_finding(finding: &Finding) -> String {
    let silent = if finding.verdict == Verdict::NotExercised {
        "  not exercised"
    } else {
        ""
    };
    let mut place = finding
        .case
        .as_ref()
        .map(|case| format!("  in {case}"))
        .unwrap_or_default();
    if !finding.others.is_empty() {
        place += &format!(" and {} more", finding.others.len());
    }
    format!("{} {}{silent}{place}", finding.level, finding.requirement)
}

fn known(row: &RequirementRow) -> &'static str {
    if row.baselined.is_some() {
        "known: "
    } else {
        ""
    }
}

fn of_them_known(known: usize) -> String {
    if known > 0 {
        format!(" ({known} known)")
    } else {
        String::new()
    }
}
