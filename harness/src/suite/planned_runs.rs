//! The runs of a selection as whoever makes them one by one needs them.

use std::collections::BTreeMap;

use super::SuiteOptions;
use super::plan::Plan;
use crate::driver::Client;
use crate::judge::NotRunReason;
use crate::scenario::model::Case;

/// One run to make: of a scored case, or a control run.
#[derive(Debug, Clone)]
pub struct PlannedRun {
    /// The case, or for a control run its world without the deviations.
    pub case: Case,
    /// Whether it is only a control run and no case of the selection.
    pub is_control: bool,
    /// The digest of the world that it is the control run of, if it is one.
    pub control_of: Option<String>,
}

/// The runs of a selection.
#[derive(Debug)]
pub struct PlannedRuns {
    /// The runs in their order: control runs come before the cases that need them.
    pub runs: Vec<PlannedRun>,
    /// The cases that are not run, with the reason.
    pub not_run: BTreeMap<String, NotRunReason>,
}

impl PlannedRuns {
    /// Plans the runs of a selection: each case once, and each control run once, whatever number of
    /// cases needs it.
    pub fn new(selection: &[&Case], client: &dyn Client, options: &SuiteOptions) -> Self {
        let plan = Plan::new(selection, client, options);
        let digest_of = |id: &str| {
            let mut controls = plan.scored_controls.iter();
            controls.find_map(|(digest, control)| (control == id).then(|| digest.clone()))
        };
        let runs = plan.jobs.iter().map(|job| PlannedRun {
            case: job.case.clone(),
            is_control: job.control_of.is_some(),
            control_of: job.control_of.clone().or_else(|| digest_of(&job.case.id)),
        });
        Self {
            runs: runs.collect(),
            not_run: plan.not_run,
        }
    }
}
