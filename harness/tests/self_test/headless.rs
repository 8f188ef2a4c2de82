//! Test adapters open no browser: they load the authorization URL themselves. The suite sees
//! through them as it sees through a client with a browser.

use std::collections::BTreeSet;

use libtest_mimic::{Failed, Trial};
use mcp_authspec::judge::Verdict;
use mcp_authspec::scenario::model::Revision;
use reference_client::{DefectInfo, ReferenceClientKind, defects};

use super::matrix::MATRIX;
use super::runs::{SUITE, broken, bundled};

/// A case in which most requirements have something to judge, for those that fail everywhere.
const PLAIN: &str = "plain/flow";

pub fn trials() -> Vec<Trial> {
    let of_a_terminal = defects().filter(|info| info.application == ReferenceClientKind::Terminal);
    of_a_terminal
        .map(|info| Trial::test(format!("headless::{}", info.name), move || is_seen(info)))
        .collect()
}

/// Where the kill matrix says that a requirement of the defect fails, it does not pass.
fn is_seen(info: &DefectInfo) -> Result<(), Failed> {
    let row = MATRIX
        .get(info.name)
        .ok_or("the kill matrix has no row for this defect")?;
    let revision: Revision = row
        .revision
        .parse()
        .map_err(|e: mcp_authspec::UnknownWord| e.to_string())?;
    let in_cases = row
        .r#in
        .iter()
        .filter(|(id, _)| info.breaks.contains(&id.as_str()));
    let mut cases: BTreeSet<&str> = in_cases
        .flat_map(|(_, cases)| cases.iter().map(String::as_str))
        .collect();
    cases.insert(PLAIN);
    let cases: Vec<String> = cases
        .into_iter()
        .filter(|id| SUITE.cases.iter().any(|c| c.id == *id))
        .map(str::to_owned)
        .collect();
    let conclusions = bundled(
        revision,
        broken(info.name).of_kind(ReferenceClientKind::Headless),
        &cases,
    );
    let mut missed = Vec::new();
    for case in conclusions
        .cases
        .iter()
        .filter(|case| case.not_run.is_none())
    {
        let listed = |id: &str| {
            row.everywhere.contains(id)
                || row
                    .r#in
                    .get(id)
                    .is_some_and(|cases| cases.contains(&case.case))
        };
        for id in info.breaks.iter().filter(|id| listed(id)) {
            // a monitor and the case itself may both look at it
            let verdicts: Vec<Verdict> = case
                .checks
                .iter()
                .filter(|check| check.requirement == *id)
                .map(|check| check.verdict)
                .collect();
            if !verdicts.contains(&Verdict::Fail)
                && verdicts
                    .iter()
                    .any(|verdict| *verdict != Verdict::NotApplicable)
            {
                missed.push(format!("{id} in {}: {verdicts:?}", case.case));
            }
        }
    }
    if missed.is_empty() {
        Ok(())
    } else {
        Err(format!("{}\n{}", info.summary, missed.join("\n")).into())
    }
}
