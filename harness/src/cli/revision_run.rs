//! Runs and judges the cases of one revision, and writes what the user wants to see meanwhile.

use std::sync::Arc;
use std::time::Instant;

use super::client_under_test::ClientUnderTest;
use super::console::print_note;
use super::error::CliError;
use super::progress_display::ProgressDisplay;
use super::run_arguments::RunArguments;
use super::run_recording::{EventStream, Interrupt, RunRecording};
use crate::baseline::Baseline;
use crate::events::{EVENT_FORMAT, RunEvent};
use crate::judge::Conclusions;
use crate::place::RunPlace;
use crate::report::RunDescription;
use crate::requirements::RequirementSet;
use crate::saved::{JudgedRevision, Saver};
use crate::scenario::model::{Case, Revision};
use crate::suite::{
    InterimOptions, Progress, Record, SILENT_RUNS_BEFORE_GIVING_UP, Suite, SuiteOptions, SuiteRun,
};

/// Everything that the runs of all revisions share.
pub(super) struct RevisionRunner<'a> {
    pub(super) suite: &'a Suite,
    pub(super) arguments: &'a RunArguments,
    pub(super) client: &'a ClientUnderTest,
    pub(super) baseline: Option<&'a Baseline>,
    pub(super) requirement_set: Option<RequirementSet>,
    pub(super) seed: String,
    pub(super) place: RunPlace,
    pub(super) saver: Option<Saver>,
    pub(super) events: EventStream,
    pub(super) interrupt: Interrupt,
}

impl RevisionRunner<'_> {
    /// Runs and judges these cases. The error is the first one that kept something from being
    /// saved.
    pub(super) async fn run(
        &self,
        revision: Revision,
        cases: &[&Case],
    ) -> (JudgedRevision, Option<CliError>) {
        let recording = RunRecording::new(
            revision,
            self.saver.as_ref(),
            &self.events,
            Arc::clone(&self.interrupt),
        );
        let began = Instant::now();
        let record = self.run_cases(revision, cases, &recording).await;
        let mut conclusions = record.conclude(self.suite, &self.client.declared);
        self.apply_exemptions(record.complete, &mut conclusions);
        let about = self.about(revision, began);
        let saved = self.saver.as_ref().map_or(Ok(()), |saver| {
            saver.save_end(&record, about.seconds, about.interrupted)
        });
        let judged = JudgedRevision {
            record,
            conclusions,
            about,
        };
        if recording.writes_events() {
            recording.write_event(RunEvent::done(&judged.report(self.suite)));
        }
        let save_error = recording.into_error().or(saved.err().map(CliError::from));
        (judged, save_error)
    }

    async fn run_cases(
        &self,
        revision: Revision,
        cases: &[&Case],
        recording: &RunRecording<'_>,
    ) -> Record {
        let display = ProgressDisplay::new(self.arguments.progress.progress);
        let report_progress = |progress: Progress| {
            display.show(&progress);
            match &progress {
                Progress::Planned { runs } => {
                    recording.write_event(self.planned_event(cases, *runs))
                }
                Progress::Started { case } => recording.write_event(RunEvent::Started { case }),
                Progress::Finished { .. } | Progress::Failed { .. } | Progress::Retried { .. } => {}
            }
        };
        let apply_exemptions =
            |conclusions: &mut Conclusions| self.apply_exemptions(false, conclusions);
        let interim = InterimOptions {
            suite: self.suite,
            strict: self.arguments.strict,
            retries: self.arguments.progress.retries,
            fail_fast: self.arguments.progress.fail_fast,
            silent_runs_before_giving_up: SILENT_RUNS_BEFORE_GIVING_UP,
            apply_exemptions: &apply_exemptions,
            sink: Some(recording),
        };
        let options = self.suite_options(revision);
        let record = SuiteRun::new(cases, Arc::clone(&self.client.client), &options)
            .interrupted_by(self.interrupt.subscribe())
            .report_progress_to(&report_progress)
            .judge_meanwhile(interim)
            .run()
            .await;
        display.clear();
        record
    }

    fn suite_options(&self, revision: Revision) -> SuiteOptions {
        let keep = self.arguments.sandbox.keep.as_ref();
        SuiteOptions {
            revision,
            jobs: self.client.jobs(self.arguments),
            timeout: self.client.timeout(self.arguments),
            grace: self.arguments.progress.grace.0,
            seed: self.seed.clone(),
            declared: self.client.declared.clone(),
            complete: self.arguments.is_complete(),
            shard: self.arguments.shard(),
            keep: keep.map(|folder| folder.join(revision.as_str())),
            notify: |notice| print_note(&notice.to_string()),
            place: self.place.clone(),
        }
    }

    fn planned_event<'e>(&'e self, cases: &[&Case], runs: usize) -> RunEvent<'e> {
        let shard = self.arguments.shard();
        RunEvent::Planned {
            format: EVENT_FORMAT,
            harness: env!("CARGO_PKG_VERSION"),
            client: &self.client.name,
            seed: &self.seed,
            shard: self.arguments.shard.map(|shard| shard.to_string()),
            cases: cases.iter().filter(|case| shard.has(&case.id)).count(),
            runs,
        }
    }

    /// Marks failures that do not fail the run.
    fn apply_exemptions(&self, complete: bool, conclusions: &mut Conclusions) {
        if let Some(set) = &self.requirement_set {
            conclusions.score_by(set);
        }
        if let Some(baseline) = self.baseline {
            baseline.apply(self.suite, complete, conclusions);
        }
    }

    /// What the report says about the run.
    fn about(&self, revision: Revision, began: Instant) -> RunDescription {
        let shard = Some(self.arguments.shard()).filter(|shard| !shard.is_whole());
        RunDescription {
            client: self.client.name.clone(),
            rerun: format!(
                "mcp-authspec run --spec {revision}{}{}",
                self.arguments.options_to_repeat(),
                self.client.rerun
            ),
            seed: self.seed.clone(),
            shard: shard.map(|shard| shard.to_string()),
            seconds: began.elapsed().as_micros() as f64 / 1e6,
            interrupted: *self.interrupt.borrow(),
            strict: self.arguments.strict,
            show_secrets: self.arguments.report.shows_secrets(),
        }
    }
}
