//! Builds the report from what was recorded and concluded.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::{
    AttackerGain, Baselined, CaseResult, CheckOutcome, CheckResult, Conclusions, GainKind,
    MonitorResult, NotRunReason, Reason, Stage, Verdict, collect_facts,
};
use crate::report::model::finding::{Finding, JudgedRequirement, ObservedRun, rerun, stage_of};
use crate::report::model::printable_text::{PrintableText, printable_texts};
use crate::report::model::redactor::Redactor;
use crate::report::model::{
    FORMAT, NotRun, Report, RequirementRow, RunDescription, SilentClient, Summary, Timeline,
    Timing, WithstoodAttack,
};
use crate::requirements::Requirement;
use crate::scenario::model::{Case, Expectation, Level, Revision};
use crate::suite::{Record, Suite};
use crate::transcript::{Status, Transcript};

/// Verdicts of one requirement merged: the first of these that occurs.
const WORST_FIRST: [Verdict; 4] = [
    Verdict::Fail,
    Verdict::NotExercised,
    Verdict::Pass,
    Verdict::NotApplicable,
];

impl Report {
    /// Tells a run. A pure function: the same record gives the same report.
    pub fn new(
        suite: &Suite,
        record: &Record,
        conclusions: &Conclusions,
        about: &RunDescription,
    ) -> Self {
        let builder = ReportBuilder {
            suite,
            record,
            conclusions,
            about,
        };
        let requirements = builder.requirements();
        let failures = builder.failures();
        Self {
            format: FORMAT,
            harness: env!("CARGO_PKG_VERSION").to_owned(),
            client: PrintableText::from(&about.client),
            revision: conclusions.revision,
            requirement_set: conclusions.requirement_set,
            seed: PrintableText::from(&about.seed),
            shard: about.shard.clone(),
            seconds: about.seconds,
            interrupted: about.interrupted,
            strict: about.strict,
            summary: builder.summary(&requirements),
            requirements,
            cases: builder.cases(),
            monitors: conclusions.monitors.clone(),
            timelines: builder.timelines(&failures),
            timings: Timing::all(record),
            failures,
            contradictions: conclusions.contradictions.clone(),
            harness_errors: printable_texts(builder.harness_errors()),
            not_run: not_run(&conclusions.cases),
            flaky: record.flaky.clone(),
            silence: SilentClient::of(record),
            attack: WithstoodAttack::of(record, conclusions),
            baseline: conclusions.baseline.clone(),
        }
    }
}

struct ReportBuilder<'a> {
    suite: &'a Suite,
    record: &'a Record,
    conclusions: &'a Conclusions,
    about: &'a RunDescription,
}

impl<'a> ReportBuilder<'a> {
    fn revision(&self) -> Revision {
        self.conclusions.revision
    }

    // ------------------------------------------------------------ requirements

    fn requirements(&self) -> Vec<RequirementRow> {
        let binding = self
            .suite
            .catalogue
            .iter()
            .filter_map(|r| Some((r, r.level_in(self.revision())?)));
        binding
            .filter_map(|(requirement, level)| self.row(requirement, level))
            .collect()
    }

    fn row(&self, requirement: &Requirement, level: Level) -> Option<RequirementRow> {
        let cases = &self.conclusions.cases;
        let checks: Vec<(&CaseResult, &CheckResult)> = cases
            .iter()
            .flat_map(|case| {
                case.checks
                    .iter()
                    .filter(|c| c.requirement == requirement.id)
                    .map(move |c| (case, c))
            })
            .collect();
        let monitor = self
            .conclusions
            .monitors
            .iter()
            .find(|m| m.requirement == requirement.id);
        // what monitors saw in single cases is in their own result; a case may still ask that one
        // speaks
        let verdicts: Vec<SingleVerdict<'_>> = (checks.iter().filter(|(_, c)| !c.monitor))
            .map(|(_, c)| SingleVerdict {
                verdict: c.verdict,
                level: c.level,
                reason: c.reason.as_ref(),
                baselined: c.baselined.as_ref(),
            })
            .chain(monitor.map(|m| SingleVerdict {
                verdict: m.verdict,
                level: m.level,
                reason: m.reason.as_ref(),
                baselined: m.baselined.as_ref(),
            }))
            .collect();
        let verdict = WORST_FIRST
            .into_iter()
            .find(|wanted| verdicts.iter().any(|said| said.verdict == *wanted))?;
        let of_verdict = || verdicts.iter().filter(|said| said.verdict == verdict);
        // a failure that nobody expects decides before one that is known
        let deciding = of_verdict().min_by_key(|said| (said.baselined.is_some(), said.level))?;
        let fails = |strict| {
            checks.iter().any(|(_, c)| c.fails_the_run(strict))
                || monitor.is_some_and(|m| m.fails_the_run(strict))
        };
        let judged = checks
            .iter()
            .filter(|(_, c)| c.verdict != Verdict::NotApplicable)
            .map(|(case, _)| case.case.as_str());
        let own = checks
            .iter()
            .filter(|(_, c)| c.verdict == Verdict::Fail && !c.monitor)
            .map(|(case, _)| case.case.clone());
        let failed_in: BTreeSet<String> = own
            .chain(
                monitor
                    .into_iter()
                    .flat_map(|m| m.failed_in.iter().cloned()),
            )
            .collect();
        Some(RequirementRow {
            id: requirement.id.clone(),
            area: requirement.area,
            level: if matches!(verdict, Verdict::Fail | Verdict::NotExercised) {
                deciding.level
            } else {
                level
            },
            verdict,
            statement: requirement.statement.clone(),
            source: requirement.source.clone(),
            cases: judged.collect::<BTreeSet<_>>().len(),
            failed_in: failed_in.into_iter().collect(),
            reason: deciding
                .reason
                .filter(|_| verdict != Verdict::Pass)
                .cloned(),
            unscored: checks.iter().any(|(_, check)| check.unscored)
                || monitor.is_some_and(|monitor| monitor.unscored),
            baselined: deciding
                .baselined
                .filter(|_| !fails(self.about.strict))
                .cloned(),
        })
    }

    fn summary(&self, requirements: &[RequirementRow]) -> Summary {
        let cases = &self.conclusions.cases;
        let cases_not_run = cases.iter().filter(|case| case.status.is_none()).count();
        let mut checks: BTreeMap<Verdict, BTreeMap<Level, usize>> = BTreeMap::new();
        for check in cases
            .iter()
            .flat_map(|case| &case.checks)
            .filter(|c| self.binds(&c.requirement))
        {
            *checks
                .entry(check.verdict)
                .or_default()
                .entry(check.level)
                .or_default() += 1;
        }
        let count = |verdict: Verdict| {
            requirements
                .iter()
                .filter(|row| row.verdict == verdict)
                .count()
        };
        Summary {
            cases_run: cases.len() - cases_not_run,
            cases_not_run,
            requirements: Verdict::ALL
                .iter()
                .map(|verdict| (*verdict, count(*verdict)))
                .collect(),
            baselined: requirements
                .iter()
                .filter(|row| row.baselined.is_some())
                .count(),
            checks,
        }
    }

    fn binds(&self, id: &str) -> bool {
        self.suite
            .catalogue
            .get(id)
            .is_some_and(|r| r.applies_in(self.revision()))
    }

    // ------------------------------------------------------------ findings

    /// What makes the run fail, then what could not be judged, then warnings, then what is known;
    /// each in the order of the cases.
    fn failures(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self.in_cases().chain(self.by_monitors()).collect();
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

    fn in_cases(&self) -> impl Iterator<Item = Finding> + '_ {
        let runs = self.record.cases.iter().zip(&self.conclusions.cases);
        runs.flat_map(move |((case, outcome), result)| {
            result
                .checks
                .iter()
                .filter(|check| !check.monitor)
                .filter_map(move |check| self.in_case(case, outcome.as_ref().ok(), result, check))
        })
    }

    fn in_case(
        &self,
        case: &Case,
        transcript: Option<&Transcript>,
        result: &CaseResult,
        check: &CheckResult,
    ) -> Option<Finding> {
        if check.verdict != Verdict::Fail && !check.is_failure(self.about.strict) {
            return None;
        }
        let requirement = self.suite.catalogue.get(&check.requirement)?;
        let expectation = named(&case.expectations, &check.requirement)
            .or_else(|| named(&self.suite.monitors, &check.requirement));
        let judged = JudgedRequirement {
            requirement,
            verdict: check.verdict,
            level: check.level,
            reason: check.reason.as_ref(),
            fails_the_run: check.fails_the_run(self.about.strict),
            monitor: false,
            baselined: check.baselined.as_ref(),
        };
        let finding = Finding::new(
            &judged,
            expectation,
            rerun(&self.about.rerun, Some(&case.id)),
        );
        let scene = transcript.map(|transcript| ObservedRun {
            case,
            transcript,
            evidence: &check.evidence,
            stage: stage_of(result),
            gains: redacted_gains(Some(transcript), &result.gains),
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
        self.conclusions
            .monitors
            .iter()
            .filter_map(|monitor| self.by_monitor(monitor))
    }

    fn by_monitor(&self, result: &MonitorResult) -> Option<Finding> {
        if result.verdict != Verdict::Fail && !result.is_failure(self.about.strict) {
            return None;
        }
        let requirement = self.suite.catalogue.get(&result.requirement)?;
        let expectation = named(&self.suite.monitors, &result.requirement)?;
        let judged = JudgedRequirement {
            requirement,
            verdict: result.verdict,
            level: result.level,
            reason: result.reason.as_ref(),
            fails_the_run: result.fails_the_run(self.about.strict),
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
            rerun(&self.about.rerun, cases.first().copied()),
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
        self.conclusions
            .cases
            .iter()
            .filter(says)
            .map(|case| case.case.as_str())
            .collect()
    }

    /// A monitor's finding, shown in a scored run or in a control run.
    fn shown_in(&self, finding: Finding, id: &str, expectation: &Expectation) -> Finding {
        let scored = self
            .record
            .cases
            .iter()
            .filter_map(|(case, outcome)| Some((case, outcome.as_ref().ok()?)));
        let controls = self
            .record
            .controls
            .values()
            .map(|(case, transcript)| (case, transcript));
        let Some((case, transcript)) = scored.chain(controls).find(|(case, _)| case.id == id)
        else {
            return Finding {
                case: Some(id.to_owned()),
                ..finding
            };
        };
        let facts = collect_facts(case, std::slice::from_ref(expectation), transcript);
        let found = facts
            .monitors
            .iter()
            .find(|m| m.outcomes.contains(&CheckOutcome::Violated));
        let evidence = found.map(|m| m.evidence.as_slice()).unwrap_or_default();
        let gains = self
            .conclusions
            .cases
            .iter()
            .find(|result| result.case == id)
            .map(|result| redacted_gains(Some(transcript), &result.gains));
        let stage = Stage::of(transcript, facts.goal);
        let scene = ObservedRun {
            case,
            transcript,
            evidence,
            stage,
            gains: gains.unwrap_or_default(),
        };
        finding.seen(&scene, Some(expectation))
    }

    /// What the judge says of the cases, its sentences as they may be shown.
    fn cases(&self) -> Vec<CaseResult> {
        let runs = self.record.cases.iter().zip(&self.conclusions.cases);
        runs.map(|((_, outcome), result)| CaseResult {
            gains: redacted_gains(outcome.as_ref().ok(), &result.gains),
            ..result.clone()
        })
        .collect()
    }

    // ------------------------------------------------------------ timelines

    /// Of every case that was run, and of every control run in which something was found.
    fn timelines(&self, findings: &[Finding]) -> Vec<Timeline> {
        let runs = self.record.cases.iter().zip(&self.conclusions.cases);
        let scored = runs.filter_map(|((case, outcome), result)| {
            let failed = result
                .checks
                .iter()
                .filter(|check| check.verdict == Verdict::Fail);
            let evidence: BTreeSet<usize> = failed
                .flat_map(|check| check.evidence.iter().copied())
                .collect();
            Some((case, outcome.as_ref().ok()?, evidence))
        });
        let named = |case: &Case| {
            findings
                .iter()
                .any(|finding| finding.case.as_deref() == Some(case.id.as_str()))
        };
        let is_scored = |case: &Case| {
            self.record
                .cases
                .iter()
                .any(|(scored, _)| scored.id == case.id)
        };
        let controls = self
            .record
            .controls
            .values()
            .filter(|(case, _)| named(case) && !is_scored(case))
            .map(|(case, transcript)| {
                let facts = collect_facts(case, &self.suite.monitors, transcript);
                let violated = facts
                    .monitors
                    .iter()
                    .filter(|m| m.outcomes.contains(&CheckOutcome::Violated));
                (
                    case,
                    transcript,
                    violated.flat_map(|m| m.evidence.iter().copied()).collect(),
                )
            });
        scored
            .chain(controls)
            .map(|(case, transcript, evidence)| {
                Timeline::new(
                    case,
                    transcript,
                    &evidence.into_iter().collect::<Vec<_>>(),
                    self.about.show_secrets,
                )
            })
            .collect()
    }

    // ------------------------------------------------------------ what went wrong besides

    fn harness_errors(&self) -> Vec<String> {
        let scored = self
            .record
            .cases
            .iter()
            .filter_map(|(case, outcome)| Some((case, outcome.as_ref().ok()?)));
        let controls = self
            .record
            .controls
            .values()
            .map(|(case, transcript)| (case, transcript));
        let broken = scored
            .chain(controls)
            .filter(|(_, transcript)| transcript.status == Status::HarnessError);
        broken
            .map(|(case, _)| case.id.clone())
            .chain(self.record.faults.iter().map(ToString::to_string))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect()
    }
}

/// What one check or monitor says of a requirement.
struct SingleVerdict<'a> {
    verdict: Verdict,
    level: Level,
    reason: Option<&'a Reason>,
    baselined: Option<&'a Baselined>,
}

/// Gains of attackers with every name redacted, as names come from the transcript.
fn redacted_gains(transcript: Option<&Transcript>, gains: &[AttackerGain]) -> Vec<AttackerGain> {
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

/// Cases that were not run, by reason: the most frequent first.
fn not_run(cases: &[CaseResult]) -> Vec<NotRun> {
    let mut by_reason: BTreeMap<&NotRunReason, Vec<String>> = BTreeMap::new();
    for case in cases {
        if let Some(reason) = &case.not_run {
            by_reason.entry(reason).or_default().push(case.case.clone());
        }
    }
    let mut out: Vec<NotRun> = by_reason
        .into_iter()
        .map(|(reason, cases)| NotRun {
            reason: reason.clone(),
            cases,
        })
        .collect();
    out.sort_by_key(|n| std::cmp::Reverse(n.cases.len()));
    out
}
