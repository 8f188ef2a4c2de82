//! The scheduler: runs the planned cases and control runs, several at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::task::JoinSet;

use super::interim_judge::InterimJudge;
use super::places::Places;
use super::plan::{Job, Plan};
use super::runner::{CaseRunner, RunResult};
use super::schedule::Schedule;
use super::{HarnessFault, InterimOptions, Progress, Record, SharedRuns, SuiteOptions};
use crate::driver::{Client, RunNotice, RunOptions};
use crate::judge::{NotRunReason, is_settled};
use crate::machine::DescriptorLimit;
use crate::scenario::model::Case;

/// How long runs that are told to end may take until they are abandoned. A client process is killed
/// well before.
const END_BOUND: Duration = Duration::from_secs(15);

/// Runs cases with their control runs and returns all transcripts.
///
/// [`SuiteRun`] does the same and can also be interrupted, report progress and judge meanwhile.
pub async fn run_suite(cases: &[&Case], client: Arc<dyn Client>, options: &SuiteOptions) -> Record {
    SuiteRun::new(cases, client, options).run().await
}

/// A suite run that is about to begin.
pub struct SuiteRun<'a> {
    cases: &'a [&'a Case],
    client: Arc<dyn Client>,
    options: &'a SuiteOptions,
    interrupted: Option<watch::Receiver<bool>>,
    progress: &'a (dyn Fn(Progress) + Sync),
    interim: Option<InterimOptions<'a>>,
    shared: Option<Arc<SharedRuns>>,
}

/// A run that is over, with the place that it takes among those that run at the same time.
struct FinishedJob {
    job: Job,
    /// When the run began, counted in starts and ends of runs.
    began: u64,
    outcome: RunResult,
    place: OwnedSemaphorePermit,
}

impl<'a> SuiteRun<'a> {
    /// A run of these cases that nobody watches or interrupts.
    pub fn new(cases: &'a [&'a Case], client: Arc<dyn Client>, options: &'a SuiteOptions) -> Self {
        Self {
            cases,
            client,
            options,
            interrupted: None,
            progress: &|_| {},
            interim: None,
            shared: None,
        }
    }

    /// Ends the run early, with what it has, when the value changes to true; when it is sent once
    /// more, at once, without waiting for clients to end.
    #[must_use]
    pub fn interrupted_by(self, interrupted: watch::Receiver<bool>) -> Self {
        Self {
            interrupted: Some(interrupted),
            ..self
        }
    }

    /// Reports progress.
    #[must_use]
    pub fn report_progress_to(self, progress: &'a (dyn Fn(Progress) + Sync)) -> Self {
        Self { progress, ..self }
    }

    /// Judges each case as soon as its control run is over.
    #[must_use]
    pub fn judge_meanwhile(self, interim: InterimOptions<'a>) -> Self {
        Self {
            interim: Some(interim),
            ..self
        }
    }

    /// Uses runs that other suite runs of this process have made, and shares its own with them.
    #[cfg(feature = "libtest")]
    #[must_use]
    pub(crate) fn share_runs(self, shared: Arc<SharedRuns>) -> Self {
        Self {
            shared: Some(shared),
            ..self
        }
    }

    /// Runs the cases with their control runs.
    pub async fn run(self) -> Record {
        let options = self.options;
        let plan = Plan::new(self.cases, &*self.client, options);
        let interim = self
            .interim
            .map(|interim| InterimJudge::new(interim, options.revision, &options.declared));
        let mut schedule = Schedule::new(plan, interim, self.progress);
        let (_never, uninterrupted) = watch::channel(false);
        let mut interrupted = self.interrupted.unwrap_or(uninterrupted);
        if *interrupted.borrow() {
            schedule.stop(NotRunReason::Interrupted);
        }
        let (halt, halted) = watch::channel(false);
        let runner = Arc::new(CaseRunner {
            client: self.client,
            options: run_options(options, halted),
            place: options.place.clone(),
            shared: self.shared,
        });
        let mut places = Places::new(find_job_count(options));
        let mut moment = 0;
        let mut is_announced = options.jobs <= 1;
        let mut running: JoinSet<FinishedJob> = JoinSet::new();
        while !schedule.is_stopped() && (schedule.has_jobs() || !running.is_empty()) {
            tokio::select! {
                biased;
                _ = interrupted.changed() => schedule.stop(NotRunReason::Interrupted),
                Some(finished) = running.join_next() => match finished {
                    Ok(FinishedJob { job, began, outcome, place }) => {
                        if matches!(outcome, Err(HarnessFault::Shortage { .. })) {
                            places.shrink();
                        }
                        moment += 1;
                        schedule.record_run(job, outcome, began..moment);
                        if let Some(port) = schedule.fixed_port().filter(|_| !is_announced) {
                            is_announced = true;
                            (options.notify)(&RunNotice::OneByOne { port });
                        }
                        places.follow(schedule.pace());
                        // with one job at a time, the next starts when this one has been recorded
                        places.release(place);
                    }
                    Err(panic) => schedule.record_panic(&panic),
                },
                Some(place) = places.take(), if schedule.has_jobs() => {
                    if let Some(job) = schedule.start_next() {
                        moment += 1;
                        running.spawn(finish_job(Arc::clone(&runner), job, moment, place));
                    }
                }
                else => break,
            }
        }
        let _ = halt.send(true);
        end_runs(running, &mut interrupted).await;
        schedule.into_record(options)
    }
}

/// How many runs take place at the same time: as many as the user wants and the file descriptors
/// suffice for.
fn find_job_count(options: &SuiteOptions) -> usize {
    let wanted = options.jobs.max(1);
    let that_fit = DescriptorLimit::of_this_process().map(DescriptorLimit::runs_that_fit);
    let jobs = wanted.min(that_fit.unwrap_or(wanted));
    if jobs < wanted {
        (options.notify)(&RunNotice::FewerJobs { wanted, jobs });
    }
    jobs
}

fn run_options(options: &SuiteOptions, interrupted: watch::Receiver<bool>) -> RunOptions {
    RunOptions {
        revision: options.revision,
        seed: options.seed.clone(),
        timeout: options.timeout,
        grace: options.grace,
        settled: is_settled,
        interrupted,
        keep: options.keep.clone(),
        notify: options.notify,
        network: None,
    }
}

async fn finish_job(
    runner: Arc<CaseRunner>,
    job: Job,
    began: u64,
    place: OwnedSemaphorePermit,
) -> FinishedJob {
    let outcome = runner.run(&job).await;
    FinishedJob {
        job,
        began,
        outcome,
        place,
    }
}

/// Waits for runs that were told to end. Their transcripts are cut off and say nothing, but their
/// clients must not outlive the suite run.
async fn end_runs(mut running: JoinSet<FinishedJob>, interrupted: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = async { while running.join_next().await.is_some() {} } => {}
        () = tokio::time::sleep(END_BOUND) => {}
        () = interrupted_again(interrupted) => {}
    }
    running.shutdown().await;
}

/// Returns when the run is interrupted once more: the user does not want to wait.
async fn interrupted_again(interrupted: &mut watch::Receiver<bool>) {
    if interrupted.changed().await.is_err() {
        std::future::pending().await
    }
}
