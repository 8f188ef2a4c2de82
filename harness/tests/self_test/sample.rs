//! Checks a row of the kill matrix in some of the cases: those that check its requirements, and a
//! fixed sample of the others.
//!
//! The check is exact in these cases: a failure that is not listed is a difference, and so is a
//! listed check that was run and does not fail.

use std::collections::BTreeSet;

use mcp_authspec::judge::Conclusions;
use mcp_authspec::scenario::model::{Case, Revision};
use reference_client::DefectInfo;
use sha2::{Digest, Sha256};

use super::matrix::{CONTROL, Observed, Row, needs_separate_process, run_as_program};
use super::runs::{SUITE, broken_client, is_told_of, run_defect_everywhere, run_reference_client};

/// The sample contains one of so many other cases. It is chosen by their names, so that a new case
/// does not change whether another one belongs to it.
const ONE_IN: u8 = 8;

/// The differences between the row and what the run shows.
pub fn find_differences(info: &DefectInfo, listed: &Row) -> Result<Vec<String>, String> {
    if needs_separate_process(info) {
        return Ok(compare(listed, &run_as_program(info.name)));
    }
    let revision: Revision = listed
        .revision
        .parse()
        .map_err(|e: mcp_authspec::UnknownWord| e.to_string())?;
    let run = |cases: &[String]| run_reference_client(revision, broken_client(info.name), cases);
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
        // No scenario lists this monitor, so the cases that exercise it are known only after a run
        // of all cases.
        conclusions = run_defect_everywhere(revision, info);
    }
    if Observed::of(&conclusions).failed.is_empty() {
        conclusions = run_as_program(info.name);
    }
    Ok(compare(listed, &conclusions))
}

fn is_wanted(case: &Case, info: &DefectInfo, listed: &Row) -> bool {
    if !is_told_of(case, info) {
        return false;
    }
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
        .filter_map(|case| NamedWorld::of(case))
        .map(|world| world.digest)
        .collect();
    let Observed { failed, exercised } = Observed::of(conclusions);
    let mut differences = Vec::new();
    for (id, cases) in &failed {
        if listed.everywhere.contains(id) {
            let passed = exercised
                .get(id)
                .into_iter()
                .flatten()
                .filter(|case| !cases.contains(*case));
            differences
                .extend(passed.map(|case| {
                    format!("{id} is listed to fail everywhere, but passed in {case}")
                }));
            continue;
        }
        let expected = listed.r#in.get(id);
        let is_expected = |case: &String| {
            expected.is_some_and(|known| {
                known.contains(case) || known.iter().any(|known| is_same_control(known, case))
            })
        };
        differences.extend(
            cases
                .iter()
                .filter(|case| !is_expected(case))
                .map(|case| format!("{id} fails in {case}, which is not listed")),
        );
    }
    differences.extend(
        listed
            .everywhere
            .iter()
            .filter(|id| !failed.contains_key(*id) && could_be_checked(id, &ran))
            .map(|id| format!("{id} is listed to fail everywhere, but never failed")),
    );
    for (id, cases) in &listed.r#in {
        for case in cases {
            let was_run = ran.contains(case.as_str())
                || case.ends_with(CONTROL)
                    && NamedWorld::of(case).is_some_and(|w| worlds.contains(&w.digest));
            let fails = failed.get(id).is_some_and(|found| {
                found.contains(case) || found.iter().any(|found| is_same_control(found, case))
            });
            if was_run && !fails {
                differences.push(format!("{id} is listed to fail in {case}, but did not"));
            }
        }
    }
    differences
}

/// Whether a case that checks the requirement was run, or only monitors check it. A machine that
/// makes no private network does not run some cases.
fn could_be_checked(id: &str, ran: &BTreeSet<&str>) -> bool {
    let mut checking = SUITE
        .cases
        .iter()
        .filter(|case| SUITE.requirements_of(case).any(|other| other == id))
        .peekable();
    checking.peek().is_none() || checking.any(|case| ran.contains(case.id.as_str()))
}

/// Whether two names stand for the same control run. A world without deviations is run once, under
/// the name of one of the cases that need it. Which one depends on what else is run.
fn is_same_control(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (NamedWorld::of(one), NamedWorld::of(other)) else {
        return false;
    };
    (one.control || other.control) && one.honest && other.honest && one.digest == other.digest
}

/// The world that was run under the name of a case.
struct NamedWorld {
    digest: String,
    honest: bool,
    /// Whether it was the control run of a case.
    control: bool,
}

impl NamedWorld {
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
