//! Test adapters open no browser: they load the authorization URL themselves. The suite finds their
//! defects as it finds those of a client with a browser.

use std::collections::BTreeSet;

use libtest_mimic::{Failed, Trial};
use mcp_authspec::judge::Verdict;
use mcp_authspec::scenario::model::Revision;
use reference_client::{DefectInfo, ReferenceClientKind, defects};

use super::matrix::MATRIX;
use super::runs::{SUITE, broken_client, run_reference_client};

/// Cases that exercise most requirements, for defects that fail everywhere. There are two, because
/// some monitors compare the cases of a run.
const PLAIN: [&str; 2] = ["plain/flow", "scope/unusual-names"];

pub fn trials() -> Vec<Trial> {
    let of_a_terminal = defects().filter(|info| info.application == ReferenceClientKind::Terminal);
    of_a_terminal
        .map(|info| {
            Trial::test(format!("headless::{}", info.name), move || {
                check_detection(info)
            })
        })
        .collect()
}

/// Checks that a requirement does not pass where the kill matrix lists it as failing.
fn check_detection(info: &DefectInfo) -> Result<(), Failed> {
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
    cases.extend(PLAIN);
    let cases: Vec<String> = cases
        .into_iter()
        .filter(|id| SUITE.cases.iter().any(|c| c.id == *id))
        .map(str::to_owned)
        .collect();
    let conclusions = run_reference_client(
        revision,
        broken_client(info.name).of_kind(ReferenceClientKind::Headless),
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
            // The case and a monitor may both check it.
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
