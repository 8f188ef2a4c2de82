//! What a run showed besides its findings.

use std::collections::BTreeSet;

use crate::judge::{CaseResult, NotRunReason, Verdict};
use crate::report::format::console::layout::ConsoleReport;
use crate::report::format::console::timeline_text::timeline_text;
use crate::report::model::NotRun;
use crate::report::model::timing::{describe_seconds, slowest_runs};
use crate::report::wording::attested_phrases::{ATTESTED, describe_answer};
use crate::report::wording::phrases::count_noun;
use crate::report::wording::profile_phrases::OUT_OF_REACH;
use crate::report::wording::reasons::{describe_contradiction, describe_gain, describe_not_run};
use crate::scenario::model::Capability;

impl ConsoleReport<'_> {
    /// Everything that happened in the cases that findings show.
    pub(crate) fn timelines(&self) -> Vec<String> {
        if !self.style.verbose {
            return Vec::new();
        }
        let has_finding = |case: &str| {
            self.report
                .failures
                .iter()
                .any(|finding| finding.case.as_deref() == Some(case))
        };
        self.report
            .timelines
            .iter()
            .filter(|timeline| has_finding(&timeline.case))
            .map(|timeline| timeline_text(timeline, self.style))
            .collect()
    }

    /// Declarations that the transcripts contradict.
    pub(crate) fn contradictions(&self) -> Option<String> {
        let contradictions = self.report.contradictions.iter().map(|capability| {
            let text = describe_contradiction(*capability);
            let text = format!("{} {text}", self.style.bad("✗"));
            self.style.wrapped(&text, "", "  ")
        });
        join_lines(contradictions.collect())
    }

    /// Attacks that succeed without a fault of the client, because another party is at fault.
    pub(crate) fn unavoidable_gains(&self) -> Option<String> {
        let is_unavoidable = |case: &&CaseResult| {
            let failed = case.checks.iter().any(|c| c.verdict == Verdict::Fail);
            !case.gains.is_empty() && !failed
        };
        let mut lines = Vec::new();
        for case in self.report.cases.iter().filter(is_unavoidable) {
            let title = format!("{}: {}", case.case, case.title);
            lines.push(self.style.wrapped(&title, "  ", "      "));
            for gain in &case.gains {
                lines.push(
                    self.style
                        .wrapped(&describe_gain(gain), "      ", "        "),
                );
            }
        }
        let lines = join_lines(lines)?;
        Some(format!(
            "Attacks that succeed through no fault of this client\n{lines}"
        ))
    }

    /// One attack that the client withstood, if nothing failed.
    pub(crate) fn withstood_attack(&self) -> Option<String> {
        let attack = self
            .report
            .attack
            .as_ref()
            .filter(|_| self.report.failing().next().is_none())?;
        let heading = format!("One attack explained: {}", attack.case);
        let explanation = format!("{}. {}", attack.title, attack.why);
        let mut lines = vec![
            self.style.bold(&heading),
            self.style.wrapped(&explanation, "  ", "  "),
        ];
        lines.extend(self.diagram(Some(&attack.diagram)));
        lines.push(self.style.wrapped(&attack.defence, "  ", "  "));
        join_lines(lines)
    }

    /// Servers of the field that a right client refuses.
    pub(crate) fn out_of_reach(&self) -> Option<String> {
        let lines = self.report.out_of_reach.iter().map(|shape| {
            let text = format!("{}: {}", shape.case, shape.because);
            self.style.wrapped(&text, "  ", "      ")
        });
        let lines = join_lines(lines.collect())?;
        Some(format!("{OUT_OF_REACH}\n{lines}"))
    }

    /// How many cases were not run, by reason.
    pub(crate) fn not_run(&self) -> Option<String> {
        let mut lines = Vec::new();
        let (extensions, others): (Vec<&NotRun>, Vec<&NotRun>) = self
            .report
            .not_run
            .iter()
            .partition(|group| missing_extension(group).is_some() && !self.style.verbose);
        for group in others {
            let cases = count_noun(group.cases.len(), "case");
            let text = format!("{cases}: {}", describe_not_run(&group.reason));
            lines.push(self.style.wrapped(&text, "  ", "      "));
            if self.style.verbose {
                let ids = self
                    .style
                    .wrapped(&group.cases.join(", "), "      ", "      ");
                lines.push(self.style.dim(&ids));
            }
        }
        lines.extend(self.missing_extensions(&extensions));
        let lines = join_lines(lines)?;
        Some(format!("Not run\n{lines}"))
    }

    /// One line about all extensions that the client does not have.
    fn missing_extensions(&self, groups: &[&NotRun]) -> Option<String> {
        let names: BTreeSet<&str> = groups
            .iter()
            .filter_map(|group| Some(missing_extension(group)?.as_str()))
            .collect();
        let names: Vec<&str> = names.into_iter().collect();
        let cases = groups.iter().map(|group| group.cases.len()).sum();
        let text = format!(
            "{} of extensions that the client does not have: {}",
            count_noun(cases, "case"),
            names.join(", ")
        );
        (!names.is_empty()).then(|| self.style.wrapped(&text, "  ", "      "))
    }

    /// Cases that failed and then passed, with what failed in each attempt.
    pub(crate) fn flaky_cases(&self) -> Option<String> {
        let lines = self.report.flaky.iter().map(|flaky| {
            let attempts: Vec<String> = flaky
                .failed
                .iter()
                .map(|requirements| requirements.join(", "))
                .collect();
            let text = format!("{}: {}", flaky.case, attempts.join("; then "));
            self.style.wrapped(&text, "  ", "      ")
        });
        let lines = join_lines(lines.collect())?;
        let heading = self.style.odd("Flaky: failed, and passed when run again");
        Some(format!("{heading}\n{lines}"))
    }

    /// Says that the runs took place one by one.
    pub(crate) fn fixed_callback_port(&self) -> Option<String> {
        let port = self.report.fixed_callback_port?;
        let text = format!(
            "The client always listens for its callback on port {port}, so its runs took place one \
             by one: two at the same time would receive each other's responses."
        );
        Some(self.style.wrapped(&text, "", "  "))
    }

    /// Runs in which there was more output, or there were more files, than could be searched.
    pub(crate) fn incomplete_searches(&self) -> Option<String> {
        let cases = &self.report.unsearched_in;
        let first = cases.first()?;
        let text = format!(
            "Not everything was searched: in {}, such as {first}, the client wrote or left more \
             than can be searched in a minute, so that no secret found there proves nothing.",
            count_noun(cases.len(), "run")
        );
        Some(self.style.wrapped(&text, "", "  "))
    }

    /// Names and addresses that the client asked for besides those of the parties.
    pub(crate) fn foreign_names(&self) -> Option<String> {
        let names = &self.report.foreign_names;
        let first = names.first()?;
        let text = format!(
            "In private networks the client asked for {} besides the servers of the suite, such as \
             {first}.",
            count_noun(names.len(), "host")
        );
        Some(self.style.wrapped(&text, "", "  "))
    }

    /// What the person who drove the client says.
    pub(crate) fn attested_answers(&self) -> Option<String> {
        let answers = self.report.attested.iter();
        let lines =
            answers.map(|answer| self.style.wrapped(&describe_answer(answer), "  ", "    "));
        let lines = join_lines(lines.collect())?;
        Some(format!("{}\n{lines}", self.style.wrapped(ATTESTED, "", "")))
    }

    /// Help for a client that sent nothing in the whole run.
    pub(crate) fn silent_client(&self) -> Option<String> {
        let silence = self.report.silence.as_ref()?;
        let text = format!(
            "The client sent nothing to any server in {}. \
             Run its command by hand to see whether it starts.",
            count_noun(silence.runs, "run")
        );
        let help = "  help: the client runs with a clean environment and a home directory of its \
                    own; --pass-env, --env and --cwd change what it finds";
        let mut lines = vec![
            self.style.wrapped(&text, "", "  "),
            self.style.wrapped(help, "", "    "),
        ];
        if !silence.last_words.is_empty() {
            lines.push("The last lines of its output:".to_owned());
            for line in &silence.last_words {
                lines.push(self.style.dim(&format!("  {line}")));
            }
        }
        join_lines(lines)
    }

    /// The runs that took longest.
    pub(crate) fn slowest_runs(&self) -> Option<String> {
        if !self.style.verbose {
            return None;
        }
        let lines = slowest_runs(&self.report.timings)
            .into_iter()
            .map(|timing| {
                let text = format!("{:>8}  {}", describe_seconds(timing.seconds), timing.run);
                self.style.wrapped(&text, "  ", "            ")
            });
        let lines = join_lines(lines.collect())?;
        Some(format!("Slowest\n{lines}"))
    }
}

/// The extension that the cases of a group need.
fn missing_extension(group: &NotRun) -> Option<Capability> {
    match &group.reason {
        NotRunReason::CapabilityMissing(missing) => {
            Some(missing.capability).filter(|capability| capability.is_extension())
        }
        _ => None,
    }
}

fn join_lines(lines: Vec<String>) -> Option<String> {
    (!lines.is_empty()).then(|| lines.join("\n"))
}
