//! What went wrong, each thing on one screen.

use std::collections::BTreeSet;

use super::layout::ConsoleReport;
use crate::judge::{Reason, Verdict};
use crate::report::Diagram;
use crate::report::format::console::diagram_text::draw;
use crate::report::model::finding::Finding;
use crate::report::wording::capitalize::capitalize;
use crate::report::wording::phrases::{
    LISTED_IDS, abbreviate_list, group_findings, position_title, status_sentence,
};
use crate::report::wording::reasons::{describe_gain, describe_reason, describe_stop};
use crate::scenario::model::Level;

/// What is told together: findings of one check, and other cases in which the same fails.
struct FindingGroup<'f> {
    group: Vec<&'f Finding>,
    elsewhere: Vec<&'f str>,
}

/// The cases that findings are about.
fn cases<'f>(group: &[&'f Finding]) -> Vec<&'f str> {
    let mut all: Vec<&str> = Vec::new();
    for case in group
        .iter()
        .flat_map(|finding| finding.case.iter().chain(&finding.others))
    {
        if !all.contains(&case.as_str()) {
            all.push(case);
        }
    }
    all
}

impl ConsoleReport<'_> {
    pub(crate) fn findings(&self) -> Vec<String> {
        let all = self
            .report
            .failures
            .iter()
            .filter(|finding| finding.baselined.is_none());
        let (failing, warnings): (Vec<&Finding>, Vec<&Finding>) =
            all.partition(|finding| finding.fails_the_run);
        let (failed, silent): (Vec<&Finding>, Vec<&Finding>) = failing
            .into_iter()
            .partition(|finding| finding.verdict == Verdict::Fail);
        let silent = group_findings(&silent, |a, b| {
            self.style.verbose && a.same_check(b) || !self.style.verbose && a.reason == b.reason
        });
        let silent = silent.into_iter().map(|group| FindingGroup {
            group,
            elsewhere: Vec::new(),
        });
        let in_full: Vec<FindingGroup<'_>> = self
            .alike(group_findings(&failed, Finding::same_check))
            .into_iter()
            .chain(silent)
            .collect();
        let mut cases: Vec<Option<&str>> = Vec::new();
        let mut blocks: Vec<String> = Vec::new();
        for alike in &in_full {
            let case = alike
                .group
                .first()
                .and_then(|finding| finding.case.as_deref());
            let told = !self.style.verbose && case.is_some() && cases.contains(&case);
            cases.push(case);
            blocks.push(self.finding(alike, told));
        }
        // a MAY is a permission: nobody needs to be warned
        let warnings: Vec<&Finding> = warnings
            .into_iter()
            .filter(|f| f.level != Level::May || self.style.verbose)
            .collect();
        blocks.extend(
            self.alike(group_findings(&warnings, Finding::same_check))
                .iter()
                .map(|alike| self.warning(alike)),
        );
        blocks
    }

    /// What fails the same requirements in several cases is told once, unless all is to be told:
    /// where the attacker gains most.
    fn alike<'f>(&self, groups: Vec<Vec<&'f Finding>>) -> Vec<FindingGroup<'f>> {
        let what = |group: &[&Finding]| {
            group
                .iter()
                .map(|f| (f.level, f.requirement.clone()))
                .collect::<BTreeSet<_>>()
        };
        let gains = |group: &[&Finding]| group.iter().map(|f| f.gains.len()).max();
        let mut all: Vec<FindingGroup<'f>> = Vec::new();
        for group in groups {
            match all
                .iter_mut()
                .find(|other| !self.style.verbose && what(&other.group) == what(&group))
            {
                Some(other) if gains(&other.group) < gains(&group) => {
                    let told = std::mem::replace(&mut other.group, group);
                    other.elsewhere.splice(0..0, cases(&told));
                }
                Some(other) => other.elsewhere.extend(cases(&group)),
                None => all.push(FindingGroup {
                    group,
                    elsewhere: Vec::new(),
                }),
            }
        }
        all
    }

    /// Findings with one cause, the first of them in full. What happens in the case may have been
    /// `told` before.
    fn finding(&self, alike: &FindingGroup<'_>, told: bool) -> String {
        let Some((finding, others)) = alike.group.split_first() else {
            return String::new();
        };
        let mut lines = self.title(finding, others);
        lines.push(self.style.wrapped(&finding.statement, "  ", "  "));
        lines.extend(self.source(finding));
        match (&finding.title, &finding.why) {
            (Some(title), _) if told => {
                lines.push(self.labelled("case:", &format!("{title}, as above.")))
            }
            (Some(title), Some(why)) => {
                lines.push(self.labelled("case:", &format!("{title}. {why}")))
            }
            _ => {}
        }
        lines.push(String::new());
        lines.extend(self.expected_and_observed(finding));
        lines.extend(self.diagram(finding.diagram.as_ref().filter(|_| !told)));
        for gain in &finding.gains {
            lines.push(
                self.style
                    .bad(&self.labelled("attacker's gain:", &describe_gain(gain))),
            );
        }
        lines.extend(self.ending(finding));
        for (index, words) in finding.said.iter().enumerate() {
            lines.push(self.labelled(if index == 0 { "it said:" } else { "" }, words));
        }
        lines.extend(self.position(finding));
        lines.extend(self.elsewhere(finding, alike));
        lines.extend(self.commands(finding));
        lines.join("\n")
    }

    fn warning(&self, alike: &FindingGroup<'_>) -> String {
        let Some((finding, others)) = alike.group.split_first() else {
            return String::new();
        };
        let mut lines = self.title(finding, others);
        lines.push(self.style.wrapped(&finding.statement, "  ", "  "));
        lines.extend(self.source(finding));
        lines.extend(self.expected_and_observed(finding));
        if self.style.verbose {
            lines.extend(self.diagram(finding.diagram.as_ref()));
        }
        lines.extend(self.reason(finding));
        lines.extend(self.position(finding));
        lines.extend(self.elsewhere(finding, alike));
        lines.extend(self.commands(finding));
        lines.join("\n")
    }

    /// `✗ MUST iss-advertised-mismatch  in iss/advertised-and-wrong/success`, and what else the
    /// same check decides.
    fn title(&self, finding: &Finding, others: &[&Finding]) -> Vec<String> {
        let named = |f: &Finding| format!("{} {}", f.level, f.requirement);
        let place = match (&finding.case, finding.verdict) {
            (Some(case), Verdict::NotExercised) => format!("  not exercised in {case}"),
            (None, Verdict::NotExercised) => "  not exercised in the whole run".to_owned(),
            (Some(case), _) => format!("  in {case}"),
            (None, _) => String::new(),
        };
        let mut lines = vec![format!(
            "{} {}{place}",
            self.sign(finding.verdict, finding.level),
            self.style.bold(&named(finding))
        )];
        let shown = if self.style.verbose {
            others.len()
        } else {
            others.len().min(LISTED_IDS)
        };
        for other in &others[..shown] {
            let place = if other.case == finding.case {
                ", by the same check".to_owned()
            } else {
                other
                    .case
                    .as_ref()
                    .map(|case| format!("  in {case}"))
                    .unwrap_or_default()
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
        [
            self.labelled("source:", &finding.source.to_string()),
            format!("            {}", finding.source.url),
        ]
    }

    fn expected_and_observed(&self, finding: &Finding) -> Vec<String> {
        let mut lines = Vec::new();
        for (label, texts) in [
            ("expected:", &finding.expected),
            ("observed:", &finding.observed),
            ("seen in:", &finding.exchanges),
        ] {
            for (index, text) in texts.iter().enumerate() {
                lines.push(self.labelled(if index == 0 { label } else { "" }, text));
            }
        }
        lines
    }

    pub(crate) fn diagram(&self, diagram: Option<&Diagram>) -> Vec<String> {
        let Some(diagram) = diagram else {
            return Vec::new();
        };
        std::iter::once(String::new())
            .chain(draw(diagram, self.style))
            .chain([String::new()])
            .collect()
    }

    /// How far the client got, and how the run ended.
    fn ending(&self, finding: &Finding) -> Option<String> {
        let place = finding
            .stopped
            .map(|stage| format!("{}.", capitalize(&describe_stop(stage))));
        let status = finding.status.map(status_sentence);
        let parts: Vec<String> = place
            .filter(|_| !finding.observed_names_stage)
            .into_iter()
            .chain(status.map(str::to_owned))
            .collect();
        (!parts.is_empty()).then(|| self.style.wrapped(&parts.join(" "), "  ", "  "))
    }

    fn reason(&self, finding: &Finding) -> Option<String> {
        // the explanation of a level stands beside the position
        let reason = finding
            .reason
            .as_ref()
            .filter(|reason| !matches!(reason, Reason::LevelOfCase { .. }))?;
        Some(self.labelled("reason:", &describe_reason(reason)))
    }

    fn position(&self, finding: &Finding) -> Option<String> {
        let text = match (finding.position, &finding.because) {
            (Some(number), Some(because)) => format!("{}. {because}", position_title(number)),
            (Some(number), None) => position_title(number),
            (None, Some(because)) => because.to_string(),
            (None, None) => return None,
        };
        Some(self.labelled("position:", &text))
    }

    /// Where the same is found besides.
    fn elsewhere(&self, finding: &Finding, alike: &FindingGroup<'_>) -> Option<String> {
        let mut all: Vec<String> = finding.others.clone();
        all.extend(alike.elsewhere.iter().map(|case| (*case).to_owned()));
        let shown = if self.style.verbose {
            all.len()
        } else {
            LISTED_IDS
        };
        (!all.is_empty()).then(|| self.labelled("also in:", &abbreviate_list(&all, shown)))
    }

    fn commands(&self, finding: &Finding) -> Vec<String> {
        let written = finding
            .scenario_source
            .as_ref()
            .map(|place| format!("  written:  {place}"));
        written
            .into_iter()
            .chain([format!("  rerun:    {}", finding.rerun)])
            .collect()
    }
}
