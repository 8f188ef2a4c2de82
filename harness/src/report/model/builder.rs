//! Builds the report from what was recorded and concluded.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::{CaseResult, CheckOutcome, Conclusions, NotRunReason, Verdict, collect_facts};
use crate::report::model::finding::Finding;
use crate::report::model::finding_collector::{collect_findings, redacted_gains};
use crate::report::model::printable_text::{PrintableText, printable_texts};
use crate::report::model::report_source::ReportSource;
use crate::report::model::requirement_rows::{requirement_rows, summarize};
use crate::report::model::{
    AttestedAnswer, FORMAT, NotRun, OutOfReach, Report, RunDescription, SilentClient, Timeline,
    Timing, WithstoodAttack,
};
use crate::scenario::model::{Case, EventField, EventKind};
use crate::suite::{Record, Suite};
use crate::transcript::Status;

/// Which timelines a report has. They are the longest part of it, and few formats show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TimelineScope {
    CasesWithFindings,
    AllCases,
}

impl Report {
    /// Tells a run, with the timelines of cases in which something was found. A pure function: the
    /// same record gives the same report.
    pub fn new(
        suite: &Suite,
        record: &Record,
        conclusions: &Conclusions,
        about: &RunDescription,
    ) -> Self {
        let scope = TimelineScope::CasesWithFindings;
        Self::with_timelines(scope, suite, record, conclusions, about)
    }

    /// Tells a run with the timelines of all cases.
    pub fn in_full(
        suite: &Suite,
        record: &Record,
        conclusions: &Conclusions,
        about: &RunDescription,
    ) -> Self {
        Self::with_timelines(TimelineScope::AllCases, suite, record, conclusions, about)
    }

    fn with_timelines(
        scope: TimelineScope,
        suite: &Suite,
        record: &Record,
        conclusions: &Conclusions,
        about: &RunDescription,
    ) -> Self {
        let run = &ReportSource {
            suite,
            record,
            conclusions,
            about,
        };
        let requirements = requirement_rows(run);
        let failures = collect_findings(run);
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
            summary: summarize(run, &requirements),
            requirements,
            cases: cases(run),
            monitors: conclusions.monitors.clone(),
            timelines: timelines(run, &failures, scope),
            timings: Timing::all(record),
            failures,
            contradictions: conclusions.contradictions.clone(),
            harness_errors: printable_texts(harness_errors(run)),
            not_run: not_run(&conclusions.cases),
            flaky: record.flaky.clone(),
            out_of_reach: out_of_reach(run),
            fixed_callback_port: record.fixed_callback_port,
            unsearched_in: unsearched_in(run),
            foreign_names: printable_texts(foreign_names(run)),
            attested: AttestedAnswer::of_run(run),
            silence: SilentClient::of(record),
            attack: WithstoodAttack::of(record, conclusions),
            baseline: conclusions.baseline.clone(),
        }
    }
}

/// What the judge says of the cases, its sentences as they may be shown.
fn cases(run: &ReportSource<'_>) -> Vec<CaseResult> {
    run.cases()
        .map(|(_, transcript, result)| CaseResult {
            gains: redacted_gains(transcript, &result.gains),
            ..result.clone()
        })
        .collect()
}

/// Of the cases in the scope, and of every control run in which something was found.
fn timelines(run: &ReportSource<'_>, findings: &[Finding], scope: TimelineScope) -> Vec<Timeline> {
    let named = |case: &Case| {
        findings
            .iter()
            .any(|finding| finding.case.as_deref() == Some(case.id.as_str()))
    };
    let in_scope = |case: &Case| scope == TimelineScope::AllCases || named(case);
    let all = run.cases().filter(|(case, ..)| in_scope(case));
    let scored = all.filter_map(|(case, transcript, result)| {
        let failed = result
            .checks
            .iter()
            .filter(|check| check.verdict == Verdict::Fail);
        let evidence: BTreeSet<usize> = failed
            .flat_map(|check| check.evidence.iter().copied())
            .collect();
        Some((case, transcript?, evidence))
    });
    let is_scored = |case: &Case| {
        run.record
            .cases
            .iter()
            .any(|(scored, _)| scored.id == case.id)
    };
    let shared = run.shared_values();
    let controls = run
        .controls()
        .filter(|(case, _)| named(case) && !is_scored(case))
        .map(|(case, transcript)| {
            let facts = collect_facts(case, &run.suite.monitors, transcript, Some(&shared));
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
                run.about.show_secrets,
            )
        })
        .collect()
}

/// Runs in which the harness failed, and failures outside of any run.
fn harness_errors(run: &ReportSource<'_>) -> Vec<String> {
    let broken = run
        .transcripts()
        .filter(|(_, transcript)| transcript.status == Status::HarnessError);
    broken
        .map(|(case, _)| case.id.clone())
        .chain(run.record.faults.iter().map(ToString::to_string))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// Runs in which not all that the client wrote and left was searched.
fn unsearched_in(run: &ReportSource<'_>) -> Vec<String> {
    let incomplete = run
        .transcripts()
        .filter(|(_, transcript)| !transcript.unsearched.is_nothing());
    let cases: BTreeSet<String> = incomplete.map(|(case, _)| case.id.clone()).collect();
    cases.into_iter().collect()
}

/// The profiles of the run whose deployments a right client refuses.
fn out_of_reach(run: &ReportSource<'_>) -> Vec<OutOfReach> {
    let cases = run.cases().filter_map(|(case, ..)| {
        let profile = case.profile.as_ref()?;
        Some(OutOfReach {
            case: case.id.clone(),
            shaped_like: printable_texts(profile.shaped_like.clone()),
            because: PrintableText::from(profile.out_of_reach.as_ref()?),
        })
    });
    cases.collect()
}

/// The names that the client asked for although no party had them.
fn foreign_names(run: &ReportSource<'_>) -> Vec<String> {
    let events = run
        .transcripts()
        .flat_map(|(_, transcript)| &transcript.events);
    let names: BTreeSet<String> = events
        .filter(|event| event.kind == EventKind::ForeignName)
        .filter(|event| event.fields.texts(EventField::Secret).next().is_none())
        .map(|event| event.fields.text(EventField::Contains).to_owned())
        .collect();
    names.into_iter().collect()
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
