//! The runs that a selection of cases needs: the cases of this shard, and the control runs of those
//! with deviations.

use std::collections::{BTreeMap, BTreeSet};

use super::{Shard, SuiteOptions};
use crate::driver::Client;
use crate::judge::{Declared, MissingCapability, NotRunReason};
use crate::place::RunPlace;
use crate::scenario::model::{Capability, Case};

/// One run to make: of a scored case, or a control run.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) case: Case,
    /// For a control run, the digest of the world that it is the control run of.
    pub(super) control_of: Option<String>,
    /// How often the machine has run short of something in this run.
    pub(super) shortages: u32,
}

impl Job {
    /// Whether both are runs of the same case or control run.
    pub(super) fn is_same_run(&self, other: &Self) -> bool {
        self.case.id == other.case.id && self.control_of == other.control_of
    }

    /// A run that is made for the first time.
    pub(super) const fn new(case: Case, control_of: Option<String>) -> Self {
        Self {
            case,
            control_of,
            shortages: 0,
        }
    }
}

/// All runs of a shard.
pub(super) struct Plan<'c> {
    /// The cases of the shard, in order.
    pub(super) cases: Vec<&'c Case>,
    /// The cases that are not run, with the reason.
    pub(super) not_run: BTreeMap<String, NotRunReason>,
    /// The runs in their order. Control runs come before the cases that need them, so that little
    /// is lost when the run is ended early.
    pub(super) jobs: Vec<Job>,
    /// Scored cases without deviations that are also the control run of others: their ids by the
    /// digest of their world.
    pub(super) scored_controls: BTreeMap<String, String>,
}

impl<'c> Plan<'c> {
    /// Plans the runs of a shard of a selection. Which run is the control run of a case depends on
    /// the selection only, so that all shards agree on it.
    pub(super) fn new(selection: &[&'c Case], client: &dyn Client, options: &SuiteOptions) -> Self {
        let shard = options.shard;
        let Runnable { not_run, cases } =
            Runnable::of(selection, client, &options.declared, &options.place);
        let control_of = find_controls(&cases);
        let (honest, deviating): (Vec<_>, Vec<_>) = cases
            .iter()
            .filter(|(case, _)| shard.has(&case.id))
            .partition(|(case, _)| case.deviations.is_empty());
        let needed: BTreeSet<&str> = deviating
            .iter()
            .map(|(_, digest)| digest.as_str())
            .collect();
        let control_jobs = needed
            .into_iter()
            .filter_map(|digest| control_job(control_of.get(digest)?, digest, shard));
        let scored_job = |(case, _): &&(&Case, String)| Job::new((*case).clone(), None);
        let jobs = honest
            .iter()
            .map(scored_job)
            .chain(control_jobs)
            .chain(deviating.iter().map(scored_job))
            .collect();
        let is_control = |case: &Case, digest: &str| {
            control_of
                .get(digest)
                .is_some_and(|control| control.id == case.id)
        };
        let scored_controls = honest
            .iter()
            .filter(|(case, digest)| is_control(case, digest))
            .map(|(case, digest)| (digest.clone(), case.id.clone()))
            .collect();
        Self {
            cases: selection
                .iter()
                .copied()
                .filter(|case| shard.has(&case.id))
                .collect(),
            not_run,
            jobs,
            scored_controls,
        }
    }
}

/// The control run for a world, unless a scored case of the shard is that run already.
fn control_job(control: &Case, digest: &str, shard: Shard) -> Option<Job> {
    let case = if !control.deviations.is_empty() {
        control.control()
    } else if shard.has(&control.id) {
        return None;
    } else {
        control.clone()
    };
    Some(Job::new(case, Some(digest.to_owned())))
}

/// Which cases of a selection are not run, and which cases are control runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlPlan {
    /// The cases that are not run, with the reason.
    pub not_run: BTreeMap<String, NotRunReason>,
    /// For each case with deviations, the case whose world without deviations is its control run.
    pub control_of: BTreeMap<String, String>,
}

impl ControlPlan {
    /// Plans the control runs of a selection, as all of its shards do.
    pub fn new(
        selection: &[&Case],
        client: &dyn Client,
        declared: &Declared,
        place: &RunPlace,
    ) -> Self {
        let Runnable { not_run, cases } = Runnable::of(selection, client, declared, place);
        let controls = find_controls(&cases);
        let control_of = cases
            .iter()
            .filter(|(case, _)| !case.deviations.is_empty())
            .filter_map(|(case, digest)| {
                let control = controls.get(digest.as_str())?;
                Some((case.id.clone(), control.id.clone()))
            })
            .collect();
        Self {
            not_run,
            control_of,
        }
    }
}

/// A selection of cases, divided into those that can be run and those that cannot.
struct Runnable<'c> {
    not_run: BTreeMap<String, NotRunReason>,
    /// With the digests of their worlds.
    cases: Vec<(&'c Case, String)>,
}

impl<'c> Runnable<'c> {
    fn of(
        selection: &[&'c Case],
        client: &dyn Client,
        declared: &Declared,
        place: &RunPlace,
    ) -> Self {
        let mut runnable = Self {
            not_run: BTreeMap::new(),
            cases: Vec::new(),
        };
        for case in selection {
            match reason_not_to_run(case, client, declared, place) {
                Some(reason) => {
                    runnable.not_run.insert(case.id.clone(), reason);
                }
                None => runnable.cases.push((case, case.world_digest())),
            }
        }
        runnable
    }
}

/// The case that each world's control run is made of: the last one without deviations if there is
/// one, else the last one that has this world.
fn find_controls<'r, 'c>(cases: &'r [(&'c Case, String)]) -> BTreeMap<&'r str, &'c Case> {
    let (honest, deviating): (Vec<_>, Vec<_>) = cases
        .iter()
        .partition(|(case, _)| case.deviations.is_empty());
    // a later entry of the map replaces an earlier one
    deviating
        .into_iter()
        .chain(honest)
        .map(|(case, digest)| (digest.as_str(), *case))
        .collect()
}

/// The reason why a case cannot be run: the machine, this version or the client lacks something.
pub fn reason_not_to_run(
    case: &Case,
    client: &dyn Client,
    declared: &Declared,
    place: &RunPlace,
) -> Option<NotRunReason> {
    let missing = case.needs.iter().find_map(|need| {
        let gap = declared.gap(*need)?;
        Some(MissingCapability {
            capability: *need,
            gap,
        })
    });
    if let Some(missing) = missing {
        return Some(NotRunReason::CapabilityMissing(missing));
    }
    if case.needs.contains(&Capability::SeparateProcess) && !client.is_separate_process() {
        return Some(NotRunReason::FacilityMissing {
            facility: Capability::SeparateProcess,
        });
    }
    if client.is_driven_by_person() && case.steers_browser() {
        return Some(NotRunReason::OwnBrowser);
    }
    if !case.needs.contains(&Capability::PrivateNetwork) {
        return None;
    }
    match place {
        RunPlace::NoPrivateNetwork { problem } => Some(NotRunReason::NoPrivateNetwork {
            problem: problem.clone(),
        }),
        RunPlace::Loopback => Some(NotRunReason::FacilityMissing {
            facility: Capability::PrivateNetwork,
        }),
        RunPlace::Private(_) => None,
    }
}
