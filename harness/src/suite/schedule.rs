//! The state of a suite run: what is left to run, what was recorded, and what waits to be judged.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use super::callback_ports::{CallbackPorts, ObservedRun, callback_ports};
use super::interim_judge::{InterimJudge, NextStep};
use super::places::Pace;
use super::plan::{Job, Plan};
use super::runner::RunResult;
use super::{HarnessFault, Progress, Record, SuiteOptions};
use crate::judge::NotRunReason;
use crate::scenario::model::Case;
use crate::transcript::Transcript;

/// In how many attempts the machine may run short of something until the run counts as failed.
/// With each, fewer runs take place at the same time.
const MAX_SHORTAGES: u32 = 4;

/// Takes in one finished run after another and decides what comes next.
pub(super) struct Schedule<'a> {
    queue: VecDeque<Job>,
    recorded: RecordedRuns<'a>,
    faults: Vec<HarnessFault>,
    /// Cases that are over and not judged yet: most wait for their control run.
    to_judge: Vec<Case>,
    interim: Option<InterimJudge<'a>>,
    callback_ports: CallbackPorts,
    progress: &'a (dyn Fn(Progress) + Sync),
    /// Why no further run is started.
    stopped: Option<NotRunReason>,
}

/// The runs that are over, and which of them are control runs of which cases.
struct RecordedRuns<'a> {
    cases: Vec<&'a Case>,
    /// The transcript of each case, or the reason why there is none.
    outcomes: BTreeMap<String, Result<Transcript, NotRunReason>>,
    /// Runs that are only control runs, by the digest of their world.
    controls: BTreeMap<String, (Case, Transcript)>,
    /// Cases without deviations that are also the control run of others, by the digest of their
    /// world.
    scored_controls: BTreeMap<String, String>,
}

impl<'a> Schedule<'a> {
    pub(super) fn new(
        plan: Plan<'a>,
        interim: Option<InterimJudge<'a>>,
        progress: &'a (dyn Fn(Progress) + Sync),
    ) -> Self {
        progress(Progress::Planned {
            runs: plan.jobs.len(),
        });
        let outcomes = plan
            .not_run
            .into_iter()
            .map(|(case, reason)| (case, Err(reason)));
        Self {
            queue: plan.jobs.into(),
            recorded: RecordedRuns {
                cases: plan.cases,
                outcomes: outcomes.collect(),
                controls: BTreeMap::new(),
                scored_controls: plan.scored_controls,
            },
            faults: Vec::new(),
            to_judge: Vec::new(),
            interim,
            callback_ports: CallbackPorts::default(),
            progress,
            stopped: None,
        }
    }

    pub(super) fn stop(&mut self, reason: NotRunReason) {
        self.stopped = Some(reason);
    }

    pub(super) const fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    pub(super) fn has_jobs(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Takes the next job off the queue.
    pub(super) fn start_next(&mut self) -> Option<Job> {
        let job = self.queue.pop_front()?;
        (self.progress)(Progress::Started {
            case: job.case.id.clone(),
        });
        Some(job)
    }

    /// Notes a run whose task ended in a panic.
    pub(super) fn record_panic(&mut self, panic: &tokio::task::JoinError) {
        self.faults.push(HarnessFault::Panicked {
            message: panic.to_string(),
        });
    }

    /// Notes a run that is over, and judges every case that can be judged now.
    /// `span` is its place among the starts and ends of all runs.
    pub(super) fn record_run(&mut self, job: Job, outcome: RunResult, span: Range<u64>) {
        let is_short = matches!(outcome, Err(HarnessFault::Shortage { .. }));
        if is_short && job.shortages + 1 < MAX_SHORTAGES {
            (self.progress)(Progress::Finished {
                case: job.case.id.clone(),
            });
            return self.retry(Job {
                shortages: job.shortages + 1,
                ..job
            });
        }
        let again = self.observe_ports(&job, &outcome, span);
        if again.iter().any(|other| other.is_same_run(&job)) {
            (self.progress)(Progress::Finished {
                case: job.case.id.clone(),
            });
        } else {
            self.accept_run(job, outcome);
        }
        for job in again {
            self.recorded.forget(&job);
            self.to_judge.retain(|case| case.id != job.case.id);
            self.retry(job);
        }
        self.judge_ready_cases();
    }

    /// Notes the ports of a run. Returns the runs that are to be made again.
    fn observe_ports(&mut self, job: &Job, outcome: &RunResult, span: Range<u64>) -> Vec<Job> {
        let Ok(transcript) = outcome else {
            return Vec::new();
        };
        self.callback_ports.observe(ObservedRun {
            job: job.clone(),
            began: span.start,
            ended: span.end,
            ports: callback_ports(transcript),
        })
    }

    /// The port on which the client always listens for its callback, once that is known.
    pub(super) const fn fixed_port(&self) -> Option<u16> {
        self.callback_ports.fixed()
    }

    /// How many runs may take place at the same time from now on.
    pub(super) fn pace(&self) -> Pace {
        self.callback_ports.pace()
    }

    fn accept_run(&mut self, job: Job, outcome: RunResult) {
        if let Some(interim) = &self.interim {
            interim.hand_to_sink(&job.case, job.control_of.is_some(), &outcome);
        }
        (self.progress)(Progress::Finished {
            case: job.case.id.clone(),
        });
        if let (Some(interim), Ok(transcript)) = (&mut self.interim, &outcome) {
            self.stopped = interim.observe(transcript);
        }
        match (job.control_of, outcome) {
            (Some(digest), Ok(transcript)) => self.record_control(job.case, digest, transcript),
            (None, Ok(transcript)) => self.record_case(job.case, transcript),
            (_, Err(fault)) => self.record_fault(job.case, fault),
        }
    }

    fn record_control(&mut self, case: Case, digest: String, transcript: Transcript) {
        let dependents = self
            .recorded
            .cases
            .iter()
            .copied()
            .filter(|other| !other.deviations.is_empty() && other.world_digest() == digest);
        let next = self
            .interim
            .as_mut()
            .map(|interim| interim.judge_control(&case, &transcript, dependents));
        if next == Some(NextStep::Retry) {
            self.retry(Job::new(case, Some(digest)));
        } else {
            self.recorded.controls.insert(digest, (case, transcript));
        }
    }

    fn record_case(&mut self, case: Case, transcript: Transcript) {
        self.recorded
            .outcomes
            .insert(case.id.clone(), Ok(transcript));
        // cases without deviations can be control runs of others, so they are judged first
        let place = if case.deviations.is_empty() {
            0
        } else {
            self.to_judge.len()
        };
        self.to_judge.insert(place, case);
    }

    fn record_fault(&mut self, case: Case, fault: HarnessFault) {
        let reason = NotRunReason::HarnessFault {
            message: fault.message().to_owned(),
        };
        self.faults.push(fault);
        self.recorded.outcomes.entry(case.id).or_insert(Err(reason));
    }

    fn judge_ready_cases(&mut self) {
        for case in std::mem::take(&mut self.to_judge) {
            let Some(interim) = &mut self.interim else {
                return;
            };
            let Some(Ok(transcript)) = self.recorded.outcomes.get(&case.id) else {
                continue;
            };
            let control = self.recorded.control_of(&case);
            if control.is_none() && !case.deviations.is_empty() {
                self.to_judge.push(case);
                continue;
            }
            match interim.judge_case(&case, transcript, control) {
                NextStep::Passed => {}
                NextStep::Failed(requirements) => self.report_failure(&case, requirements),
                NextStep::Retry => {
                    self.recorded.outcomes.remove(&case.id);
                    self.retry(Job::new(case, None));
                }
            }
        }
    }

    fn report_failure(&mut self, case: &Case, requirements: Vec<String>) {
        (self.progress)(Progress::Failed {
            case: case.id.clone(),
            requirements,
        });
        let ends_run = self.interim.as_ref().is_some_and(InterimJudge::fails_fast);
        if ends_run && !self.is_stopped() {
            self.stop(NotRunReason::EndedByFailure {
                case: case.id.clone(),
            });
        }
    }

    fn retry(&mut self, job: Job) {
        (self.progress)(Progress::Retried {
            case: job.case.id.clone(),
        });
        self.queue.push_back(job);
    }

    /// Everything that was recorded. Cases that were not run have the reason why the run ended.
    pub(super) fn into_record(self, options: &SuiteOptions) -> Record {
        let complete = options.complete && options.shard.is_whole() && !self.is_stopped();
        let not_run = self.stopped.unwrap_or(NotRunReason::Interrupted);
        let RecordedRuns {
            cases,
            mut outcomes,
            mut controls,
            scored_controls,
        } = self.recorded;
        let cases: Vec<(Case, Result<Transcript, NotRunReason>)> = cases
            .into_iter()
            .map(|case| {
                let outcome = outcomes
                    .remove(&case.id)
                    .unwrap_or_else(|| Err(not_run.clone()));
                (case.clone(), outcome)
            })
            .collect();
        for (digest, id) in scored_controls {
            if let Some((case, Ok(transcript))) = cases.iter().find(|(case, _)| case.id == id) {
                controls.insert(digest, (case.clone(), transcript.clone()));
            }
        }
        Record {
            revision: options.revision,
            complete,
            cases,
            controls,
            faults: self.faults,
            fixed_callback_port: self.callback_ports.fixed().filter(|_| options.jobs > 1),
            flaky: self
                .interim
                .map(InterimJudge::into_flaky_cases)
                .unwrap_or_default(),
        }
    }
}

impl RecordedRuns<'_> {
    /// Drops what was recorded of a run that is made again.
    fn forget(&mut self, job: &Job) {
        match &job.control_of {
            Some(digest) => drop(self.controls.remove(digest)),
            None => drop(self.outcomes.remove(&job.case.id)),
        }
    }

    /// The control run of a case with deviations, once there is one.
    fn control_of(&self, case: &Case) -> Option<(&Case, &Transcript)> {
        let digest = case.world_digest();
        let scored = || {
            let id = self.scored_controls.get(&digest)?;
            let control = self.cases.iter().find(|other| other.id == *id)?;
            Some((*control, self.outcomes.get(id)?.as_ref().ok()?))
        };
        let scored = if case.deviations.is_empty() {
            None
        } else {
            scored()
        };
        scored.or_else(|| {
            let (control, transcript) = self.controls.get(&digest)?;
            Some((control, transcript))
        })
    }
}
