//! What is to be run for a selection of cases: those of this shard, and the control worlds that
//! they need.

use std::collections::{BTreeMap, BTreeSet};

use super::Shard;
use crate::driver::Client;
use crate::judge::Declared;
use crate::scenario::model::{Capability, Case};
use crate::world::unsupported_features;

/// What is to be run: a scored case, or the control world of some.
pub(super) struct Job {
    pub(super) case: Case,
    /// The digest of the world that this is the control run of.
    pub(super) control: Option<String>,
}

/// All runs of a shard.
pub(super) struct Plan<'c> {
    /// The cases of the shard, in order.
    pub(super) cases: Vec<&'c Case>,
    /// Those that are not run, and why.
    pub(super) not_run: BTreeMap<String, String>,
    /// Control runs first, so that little is lost when the run is ended early.
    pub(super) jobs: Vec<Job>,
    /// Scored cases without deviations, which are the control runs of others, too: by the digest of
    /// their world.
    pub(super) honest: BTreeMap<String, String>,
}

impl<'c> Plan<'c> {
    /// Plans a shard of a selection. Which run is the control of a case depends on the selection
    /// only, so that all shards agree on it.
    pub(super) fn new(
        selection: &[&'c Case],
        shard: Shard,
        client: &dyn Client,
        declared: &Declared,
    ) -> Self {
        let Worlds { not_run, runnable } = Worlds::new(selection, client, declared);
        let control_of = controls(&runnable);
        let (honest, deviating): (Vec<_>, Vec<_>) = runnable
            .iter()
            .partition(|(case, _)| case.deviations.is_empty());
        let wanted: BTreeSet<&str> = deviating
            .iter()
            .filter(|(case, _)| shard.has(&case.id))
            .map(|(_, digest)| digest.as_str())
            .collect();
        let controls = wanted.into_iter().filter_map(|digest| {
            let case = *control_of.get(digest)?;
            let scored = case.deviations.is_empty() && shard.has(&case.id);
            let control = if case.deviations.is_empty() {
                case.clone()
            } else {
                case.control()
            };
            (!scored).then(|| Job {
                case: control,
                control: Some(digest.to_owned()),
            })
        });
        let scored = |honest: bool| {
            let of_shard = runnable.iter().filter(move |(case, _)| {
                case.deviations.is_empty() == honest && shard.has(&case.id)
            });
            of_shard.map(|(case, _)| Job {
                case: (*case).clone(),
                control: None,
            })
        };
        let jobs = scored(true).chain(controls).chain(scored(false)).collect();
        let is_control = |case: &Case, digest: &str| {
            control_of
                .get(digest)
                .is_some_and(|control| control.id == case.id)
        };
        let honest = honest
            .iter()
            .filter(|(case, digest)| is_control(case, digest) && shard.has(&case.id));
        let honest = honest
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
            honest,
        }
    }
}

/// Why cases are not run, and by case with deviations the case whose world without them is its
/// control run.
pub fn control_cases(
    selection: &[&Case],
    client: &dyn Client,
    declared: &Declared,
) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let Worlds { not_run, runnable } = Worlds::new(selection, client, declared);
    let control_of = controls(&runnable);
    let deviating = runnable
        .iter()
        .filter(|(case, _)| !case.deviations.is_empty());
    let found = deviating.filter_map(|(case, digest)| {
        Some((case.id.clone(), control_of.get(digest.as_str())?.id.clone()))
    });
    (not_run, found.collect())
}

/// A selection of cases, and which of them can be run.
struct Worlds<'c> {
    not_run: BTreeMap<String, String>,
    /// With the digests of their worlds.
    runnable: Vec<(&'c Case, String)>,
}

impl<'c> Worlds<'c> {
    fn new(selection: &[&'c Case], client: &dyn Client, declared: &Declared) -> Self {
        let mut worlds = Self {
            not_run: BTreeMap::new(),
            runnable: Vec::new(),
        };
        for case in selection {
            match reason_not_to_run(case, client, declared) {
                Some(reason) => {
                    worlds.not_run.insert(case.id.clone(), reason);
                }
                None => worlds.runnable.push((case, case.world_digest())),
            }
        }
        worlds
    }
}

/// The case that a world's control run is made of: one without deviations, if there is one; else
/// the last that has it.
fn controls<'r, 'c>(runnable: &'r [(&'c Case, String)]) -> BTreeMap<&'r str, &'c Case> {
    let (honest, deviating): (Vec<_>, Vec<_>) = runnable
        .iter()
        .partition(|(case, _)| case.deviations.is_empty());
    deviating
        .into_iter()
        .chain(honest)
        .map(|(case, digest)| (digest.as_str(), *case))
        .collect()
}

/// Why a case is not run: the machine, this version, or the client is not up to it.
pub(crate) fn reason_not_to_run(
    case: &Case,
    client: &dyn Client,
    declared: &Declared,
) -> Option<String> {
    if let Some((need, why)) = case
        .needs
        .iter()
        .find_map(|need| Some((need, declared.lacking(need.as_str())?)))
    {
        return Some(format!("needs `{need}`, {why}"));
    }
    if case.needs.contains(&Capability::SeparateProcess) && !client.is_separate_process() {
        return Some("needs separate-process".to_owned());
    }
    unsupported_features(case)
}
