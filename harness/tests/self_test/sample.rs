//! A row of the kill matrix on some of the cases: all that its requirements are checked in, and a
//! fixed sample of the others.
//!
//! As exact as the whole: what fails and is not listed is a surprise, and so is what is listed, was
//! run and does not fail.

use std::collections::BTreeSet;

use mcp_authspec::judge::Conclusions;
use mcp_authspec::scenario::model::{Case, Revision};
use reference_client::DefectInfo;
use sha2::{Digest, Sha256};

use super::matrix::{CONTROL, Observed, Row, in_its_own_process, shows_only_outside};
use super::runs::{SUITE, broken, bundled};

/// One other case in so many. Which ones follows from their names, so that a new case moves no
/// other into or out of the sample.
const ONE_IN: u8 = 8;

/// What the row says otherwise.
pub fn surprises(info: &DefectInfo, listed: &Row) -> Result<Vec<String>, String> {
    if shows_only_outside(info) {
        return Ok(compare(listed, &in_its_own_process(info.name)));
    }
    let revision: Revision = listed
        .revision
        .parse()
        .map_err(|e: mcp_authspec::UnknownWord| e.to_string())?;
    let run = |cases: &[String]| bundled(revision, broken(info.name), cases);
    let wanted = SUITE
        .select(revision, &[])
        .into_iter()
        .filter(|case| is_wanted(case, info, listed));
    let mut conclusions = run(&wanted.map(|case| case.id.clone()).collect::<Vec<_>>());
    let exercised = Observed::of(&conclusions).exercised;
    if listed
        .everywhere
        .iter()
        .any(|id| !exercised.contains_key(id))
    {
        // a monitor that no scenario asks for: which case it speaks in shows only when all are run
        conclusions = run(&[]);
    }
    if Observed::of(&conclusions).failed.is_empty() {
        conclusions = in_its_own_process(info.name);
    }
    Ok(compare(listed, &conclusions))
}

fn is_wanted(case: &Case, info: &DefectInfo, listed: &Row) -> bool {
    let of_a_requirement = SUITE.requirements_of(case).any(|id| {
        info.breaks.contains(&id.as_str())
            || listed.everywhere.contains(id)
            || listed.r#in.contains_key(id)
    });
    of_a_requirement
        || listed.r#in.values().any(|cases| cases.contains(&case.id))
        || is_sampled(&case.id, info.name)
}

fn is_sampled(case: &str, defect: &str) -> bool {
    Sha256::digest(format!("{defect} {case}"))[0] % ONE_IN == 0
}

fn compare(listed: &Row, conclusions: &Conclusions) -> Vec<String> {
    let ran: BTreeSet<&str> = conclusions
        .cases
        .iter()
        .filter(|case| case.not_run.is_none())
        .map(|case| case.case.as_str())
        .collect();
    let worlds: BTreeSet<String> = ran
        .iter()
        .filter_map(|case| World::of(case))
        .map(|world| world.digest)
        .collect();
    let Observed { failed, exercised } = Observed::of(conclusions);
    let mut surprises = Vec::new();
    for (id, cases) in &failed {
        if listed.everywhere.contains(id) {
            let passed = exercised
                .get(id)
                .into_iter()
                .flatten()
                .filter(|case| !cases.contains(*case));
            surprises.extend(
                passed.map(|case| format!("{id} is to fail everywhere, and passed in {case}")),
            );
            continue;
        }
        let expected = listed.r#in.get(id);
        let is_expected = |case: &String| {
            expected.is_some_and(|known| {
                known.contains(case) || known.iter().any(|known| same_control(known, case))
            })
        };
        surprises.extend(
            cases
                .iter()
                .filter(|case| !is_expected(case))
                .map(|case| format!("{id} fails in {case}, which is not listed")),
        );
    }
    surprises.extend(
        listed
            .everywhere
            .iter()
            .filter(|id| !failed.contains_key(*id))
            .map(|id| format!("{id} is to fail everywhere, and never did")),
    );
    for (id, cases) in &listed.r#in {
        for case in cases {
            let was_run = ran.contains(case.as_str())
                || case.ends_with(CONTROL)
                    && World::of(case).is_some_and(|w| worlds.contains(&w.digest));
            let fails = failed.get(id).is_some_and(|found| {
                found.contains(case) || found.iter().any(|found| same_control(found, case))
            });
            if was_run && !fails {
                surprises.push(format!("{id} is listed to fail in {case}, and did not"));
            }
        }
    }
    surprises
}

/// A world without deviations is run once, under the name of one of the cases that need it; which
/// one depends on what else is run.
fn same_control(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (World::of(one), World::of(other)) else {
        return false;
    };
    (one.control || other.control) && one.honest && other.honest && one.digest == other.digest
}

/// The world that was run under a name.
struct World {
    digest: String,
    honest: bool,
    /// It was run as the twin of some case.
    control: bool,
}

impl World {
    fn of(name: &str) -> Option<Self> {
        let control = name.ends_with(CONTROL);
        let case = case_of(name)?;
        Some(Self {
            digest: case.world_digest(),
            honest: control || case.deviations.is_empty(),
            control,
        })
    }
}

fn case_of(name: &str) -> Option<&'static Case> {
    let id = name.strip_suffix(CONTROL).unwrap_or(name);
    SUITE.cases.iter().find(|case| case.id == id)
}
