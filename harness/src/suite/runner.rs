//! Makes single runs, and remembers them where several tests share one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use super::HarnessFault;
use super::plan::Job;
use crate::driver::{Client, RunOptions, run};
use crate::place::{RunPlace, RunRequest};
use crate::scenario::model::{Capability, Revision};
use crate::transcript::Transcript;

/// A run's transcript, or the error of the harness that prevented it.
pub(super) type RunResult = Result<Transcript, HarnessFault>;

/// Runs single cases with one client and one set of options.
pub(super) struct CaseRunner {
    pub(super) client: Arc<dyn Client>,
    pub(super) options: RunOptions,
    pub(super) shared: Option<Arc<SharedRuns>>,
    pub(super) place: RunPlace,
}

impl CaseRunner {
    /// Makes the run, or returns the one that was made before where runs are shared.
    pub(super) async fn run(&self, job: &Job) -> RunResult {
        match &self.shared {
            None => self.run_anew(job).await,
            Some(shared) => {
                let cell = shared.cell(self.options.revision, job);
                cell.get_or_init(|| self.run_anew(job)).await.clone()
            }
        }
    }

    async fn run_anew(&self, job: &Job) -> RunResult {
        if let RunPlace::Private(network) = &self.place
            && job.case.needs.contains(&Capability::PrivateNetwork)
        {
            let request = RunRequest {
                revision: self.options.revision,
                seed: self.options.seed.clone(),
                case: job.case.id.clone(),
                control: job.control_of.is_some(),
            };
            let transcript = network.run(&request).await;
            return transcript.map_err(|error| HarnessFault::RunFailed {
                case: job.case.id.clone(),
                message: error.to_string(),
            });
        }
        run(
            &job.case,
            job.control_of.is_some(),
            &*self.client,
            &self.options,
        )
        .await
        .map_err(|error| {
            let (case, message) = (job.case.id.clone(), error.to_string());
            match error.shortage() {
                Some(_) => HarnessFault::Shortage { case, message },
                None => HarnessFault::RunFailed { case, message },
            }
        })
    }
}

/// Runs that several suite runs of one process share, so that each is made once.
#[derive(Debug, Default)]
pub struct SharedRuns {
    runs: Mutex<BTreeMap<(Revision, RunKey), SharedRun>>,
}

/// The result of a run that is made once, by whoever asks for it first.
type SharedRun = Arc<OnceCell<RunResult>>;

/// What makes two runs the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum RunKey {
    Case(String),
    ControlOfWorld(String),
}

impl SharedRuns {
    fn cell(&self, revision: Revision, job: &Job) -> SharedRun {
        let key = match &job.control_of {
            Some(digest) => RunKey::ControlOfWorld(digest.clone()),
            None => RunKey::Case(job.case.id.clone()),
        };
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(runs.entry((revision, key)).or_default())
    }
}
