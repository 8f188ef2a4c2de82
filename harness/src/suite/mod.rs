//! The scenario suite and its scheduler.
//!
//! [`Suite`] holds every case, monitor and requirement. [`run_suite`] takes a selection of its
//! cases and a client under test, runs each case together with its control run (the same world
//! without the deviations), and returns a [`Record`] of all transcripts, which
//! [`Record::conclude`] judges.
//!
//! The command line and `libtest_main` use the same scheduler, [`SuiteRun`]. It can also judge each
//! case as soon as its control run is over ([`InterimOptions`]): for progress output, for retries
//! and for ending a run at the first failure.

mod callback_ports;
mod case_plan;
mod defaults;
mod harness_fault;
#[cfg(test)]
mod honest_worlds;
mod interim_judge;
mod load;
mod options;
mod places;
mod plan;
mod planned_runs;
mod progress;
mod record;
mod result_sink;
mod runner;
mod schedule;
mod scheduler;
mod shard;

pub use case_plan::{CasePlan, PlannedClient};
pub use defaults::{DEFAULT_GRACE, DEFAULT_TIMEOUT, SILENT_RUNS_BEFORE_GIVING_UP, default_jobs};
pub use harness_fault::HarnessFault;
pub use interim_judge::{ApplyExemptions, FlakyCase, InterimOptions};
pub use load::{Suite, SuiteError};
pub use options::SuiteOptions;
pub use plan::{ControlPlan, reason_not_to_run};
pub use planned_runs::{PlannedRun, PlannedRuns};
pub use progress::Progress;
pub use record::Record;
pub use result_sink::ResultSink;
pub use runner::SharedRuns;
pub use scheduler::{SuiteRun, run_suite};
pub use shard::{InvalidShard, Shard};
