//! The findings of a run: what failed or was not exercised, each shown in the run that shows it.

use crate::judge::{
    AttackerGain, CaseResult, CheckOutcome, CheckResult, GainKind, MonitorResult, Stage, Verdict,
    collect_facts,
};
use crate::report::model::finding::{Finding, JudgedRequirement, rerun, stage_of};
use crate::report::model::finding_variety::join_varieties;
use crate::report::model::printable_text::PrintableText;
use crate::report::model::redactor::Redactor;
use crate::report::model::report_source::ReportSource;
use crate::report::model::shown_run::ShownRun;
use crate::scenario::model::{Case, Expectation};
use crate::transcript::{SharedValues, Transcript};

/// What makes the run fail, then what could not be judged, then warnings, then what is known;
/// each in the order of the cases.
pub(crate) fn collect_findings(run: &ReportSource<'_>) -> Vec<Finding> {
    let collector = FindingCollector {
        run: *run,
        shared: run.shared_values(),
    };
    let mut findings = join_varieties(run, collector.in_cases().collect());
    findings.extend(collector.by_monitors());
    findings.sort_by_key(|f| {
        (
            f.baselined.is_some(),
            !f.fails_the_run,
            f.verdict != Verdict::Fail,
            f.level,
        )
    });
    findings
}

struct FindingCollector<'a> {
    run: ReportSource<'a>,
    shared: SharedValues<'a>,
}

impl<'a> FindingCollector<'a> {
    fn in_cases(&self) -> impl Iterator<Item = Finding> + '_ {
        self.run
            .cases()
            .flat_map(move |(case, transcript, result)| {
                let checks = result.checks.iter().filter(|check| !check.monitor);
                checks.filter_map(move |check| self.in_case(case, transcript, result, check))
            })
    }

    fn in_case(
        &self,
        case: &Case,
        transcript: Option<&Transcript>,
        result: &CaseResult,
        check: &CheckResult,
    ) -> Option<Finding> {
        if check.verdict != Verdict::Fail && !check.is_failure(self.run.about.strict) {
            return None;
        }
        let requirement = self.run.suite.catalogue.get(&check.requirement)?;
        let expectation = named(&case.expectations, &check.requirement)
            .or_else(|| named(&self.run.suite.monitors, &check.requirement));
        let judged = JudgedRequirement {
            requirement,
            verdict: check.verdict,
            level: check.level,
            reason: check.reason.as_ref(),
            fails_the_run: check.fails_the_run(self.run.about.strict),
            monitor: false,
            baselined: check.baselined.as_ref(),
        };
        let finding = Finding::new(
            &judged,
            expectation,
            rerun(&self.run.about.rerun, Some(&case.id)),
        );
        let scene = transcript.map(|transcript| ShownRun {
            case,
            transcript,
            evidence: &check.evidence,
            stage: stage_of(result),
            gains: redacted_gains(Some(transcript), &result.gains),
            shared: &self.shared,
        });
        Some(match scene {
            Some(scene) => finding.seen(&scene, expectation),
            None => Finding {
                case: Some(case.id.clone()),
                title: Some(PrintableText::from(&case.title)),
                why: Some(PrintableText::from(&case.why)),
                ..finding
            },
        })
    }

    fn by_monitors(&self) -> impl Iterator<Item = Finding> + '_ {
        self.run
            .conclusions
            .monitors
            .iter()
            .filter_map(|monitor| self.by_monitor(monitor))
    }

    fn by_monitor(&self, result: &MonitorResult) -> Option<Finding> {
        if result.verdict != Verdict::Fail && !result.is_failure(self.run.about.strict) {
            return None;
        }
        let requirement = self.run.suite.catalogue.get(&result.requirement)?;
        let expectation = named(&self.run.suite.monitors, &result.requirement)?;
        let judged = JudgedRequirement {
            requirement,
            verdict: result.verdict,
            level: result.level,
            reason: result.reason.as_ref(),
            fails_the_run: result.fails_the_run(self.run.about.strict),
            monitor: true,
            baselined: result.baselined.as_ref(),
        };
        let told: Vec<&str> = self.told_by_cases(result);
        // where some of it is known, the rest is the finding
        let known = |case: &str| {
            result.baselined.is_none() && result.known_in.iter().any(|known| known == case)
        };
        let mut cases: Vec<&str> = Vec::new();
        for case in result
            .failed_in
            .iter()
            .map(String::as_str)
            .filter(|case| !told.contains(case) && !known(case))
        {
            if !cases.contains(&case) {
                cases.push(case);
            }
        }
        if cases.is_empty() && !result.failed_in.is_empty() {
            return None;
        }
        let finding = Finding::new(
            &judged,
            Some(expectation),
            rerun(&self.run.about.rerun, cases.first().copied()),
        );
        let Some((first, others)) = cases.split_first() else {
            return Some(finding);
        };
        let finding = Finding {
            others: others.iter().map(|case| (*case).to_owned()).collect(),
            ..finding
        };
        Some(self.shown_in(finding, first, expectation))
    }

    /// Cases whose own check found the same.
    fn told_by_cases(&self, result: &MonitorResult) -> Vec<&'a str> {
        let says = |case: &&CaseResult| {
            let own = case
                .checks
                .iter()
                .filter(|c| !c.monitor && c.requirement == result.requirement);
            own.into_iter()
                .any(|c| c.verdict == Verdict::Fail && c.level <= result.level)
        };
        self.run
            .conclusions
            .cases
            .iter()
            .filter(says)
            .map(|case| case.case.as_str())
            .collect()
    }

    /// A monitor's finding, shown in a scored run or in a control run.
    fn shown_in(&self, finding: Finding, id: &str, expectation: &Expectation) -> Finding {
        let found = self.run.transcripts().find(|(case, _)| case.id == id);
        let Some((case, transcript)) = found else {
            return Finding {
                case: Some(id.to_owned()),
                ..finding
            };
        };
        let monitors = std::slice::from_ref(expectation);
        let facts = collect_facts(case, monitors, transcript, Some(&self.shared));
        let found = facts
            .monitors
            .iter()
            .find(|m| m.outcomes.contains(&CheckOutcome::Violated));
        let evidence = found.map(|m| m.evidence.as_slice()).unwrap_or_default();
        let gains = self
            .run
            .conclusions
            .cases
            .iter()
            .find(|result| result.case == id)
            .map(|result| redacted_gains(Some(transcript), &result.gains));
        let stage = Stage::of(transcript, facts.goal);
        let scene = ShownRun {
            case,
            transcript,
            evidence,
            stage,
            gains: gains.unwrap_or_default(),
            shared: &self.shared,
        };
        let mut finding = finding.seen(&scene, Some(expectation));
        if let Some(other) = scene.compared_case(expectation) {
            let again = finding.rerun.to_string();
            finding.rerun = rerun(&again, Some(other)).into();
        }
        finding
    }
}

/// Gains of attackers with every name redacted, as names come from the transcript.
pub(crate) fn redacted_gains(
    transcript: Option<&Transcript>,
    gains: &[AttackerGain],
) -> Vec<AttackerGain> {
    let Some(transcript) = transcript.filter(|_| !gains.is_empty()) else {
        return gains.to_vec();
    };
    let redactor = Redactor::new(transcript);
    gains
        .iter()
        .map(|gain| AttackerGain {
            what: match &gain.what {
                GainKind::Unknown(what) => GainKind::Unknown(redactor.text(what)),
                known => known.clone(),
            },
            attacker: gain.attacker.as_deref().map(|name| redactor.text(name)),
            at: redactor.text(&gain.at),
        })
        .collect()
}

/// The expectation that a requirement's check was made by.
fn named<'e>(expectations: &'e [Expectation], id: &str) -> Option<&'e Expectation> {
    expectations
        .iter()
        .find(|e| e.requirement == id)
        .or_else(|| {
            expectations
                .iter()
                .find(|e| e.also.iter().any(|also| also == id))
        })
}
