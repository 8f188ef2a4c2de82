//! The conforming client passes every check of every case in every revision.

use libtest_mimic::{Failed, Trial};
use mcp_authspec::driver::ReferenceClient;
use mcp_authspec::judge::Verdict;
use mcp_authspec::scenario::model::Revision;
use mcp_authspec::transcript::Status;
use reference_client::ReferenceClientKind;

use super::runs::{SUITE, run_reference_client};

pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for &revision in Revision::ALL {
        for case in SUITE.select(revision, &[]) {
            let id = case.id.clone();
            trials.push(Trial::test(
                format!("conforming::{revision}::{id}"),
                move || check_case(revision, &id),
            ));
        }
        trials.push(Trial::test(
            format!("conforming::{revision}::monitors"),
            move || check_monitors(revision),
        ));
        trials.push(Trial::test(
            format!("conforming::{revision}::listing-tools-only"),
            move || check_listing_only(revision),
        ));
        for kind in [
            ReferenceClientKind::App,
            ReferenceClientKind::Web,
            ReferenceClientKind::Headless,
            ReferenceClientKind::Agent,
        ] {
            trials.push(Trial::test(
                format!("conforming::{revision}::as-{kind:?}").to_lowercase(),
                move || check_all_as(revision, kind),
            ));
        }
    }
    trials
}

/// Runs one case. Each case is a run of its own, so that a test runner with a process for each test
/// runs only that case.
fn check_case(revision: Revision, id: &str) -> Result<(), Failed> {
    let conclusions = run_reference_client(revision, ReferenceClient::default(), &[id.to_owned()]);
    let case = conclusions
        .cases
        .iter()
        .find(|c| c.case == id)
        .ok_or("the case is missing")?;
    if case.not_run.is_some() {
        return Ok(());
    }
    if case.status != Some(Status::Completed) {
        return Err(format!("ended {:?}", case.status).into());
    }
    if case.control == Some(false) {
        return Err("the control run did not reach its goal".into());
    }
    let bad: Vec<String> = case
        .checks
        .iter()
        .filter(|c| !matches!(c.verdict, Verdict::Pass | Verdict::NotApplicable))
        .map(|c| {
            format!(
                "{} {} {} ({:?})",
                c.level, c.requirement, c.verdict, c.reason
            )
        })
        .collect();
    if bad.is_empty() {
        Ok(())
    } else {
        Err(bad.join("\n").into())
    }
}

/// Checks that the conforming client also passes as another kind of application.
fn check_all_as(revision: Revision, kind: ReferenceClientKind) -> Result<(), Failed> {
    let conclusions = run_reference_client(revision, ReferenceClient::default().of_kind(kind), &[]);
    let bad = conclusions
        .cases
        .iter()
        .flat_map(|case| case.checks.iter().map(move |check| (case, check)));
    let bad =
        bad.filter(|(_, check)| !matches!(check.verdict, Verdict::Pass | Verdict::NotApplicable));
    let bad: Vec<String> = bad
        .map(|(case, c)| {
            format!(
                "{}: {} {} {} ({:?})",
                case.case, c.level, c.requirement, c.verdict, c.reason
            )
        })
        .chain(
            conclusions
                .contradictions
                .iter()
                .map(|capability| format!("`{capability}` is declared lacking and shown")),
        )
        .collect();
    if bad.is_empty() {
        Ok(())
    } else {
        Err(bad.join("\n").into())
    }
}

/// Checks that a client that calls no tool fails nothing: authorization is right or wrong before a
/// tool is called. What only a call can show is not exercised.
fn check_listing_only(revision: Revision) -> Result<(), Failed> {
    let client = ReferenceClient::default().listing_tools_only();
    let conclusions = run_reference_client(revision, client, &[]);
    let failed = |verdict| matches!(verdict, Verdict::Fail | Verdict::NotExercised);
    let bad: Vec<String> = conclusions
        .cases
        .iter()
        .flat_map(|case| case.checks.iter().map(move |check| (case, check)))
        .filter(|(_, check)| failed(check.verdict))
        .map(|(case, c)| {
            format!(
                "{}: {} {} {} ({:?})",
                case.case, c.level, c.requirement, c.verdict, c.reason
            )
        })
        .collect();
    if bad.is_empty() {
        Ok(())
    } else {
        Err(bad.join("\n").into())
    }
}

/// Checks that each monitor has something to judge in a whole run.
fn check_monitors(revision: Revision) -> Result<(), Failed> {
    let conclusions = run_reference_client(revision, ReferenceClient::default(), &[]);
    let silent = conclusions
        .monitors
        .iter()
        .filter(|m| !matches!(m.verdict, Verdict::Pass | Verdict::NotApplicable));
    let silent: Vec<String> = silent
        .map(|m| format!("{} {}", m.requirement, m.verdict))
        .collect();
    if silent.is_empty() {
        Ok(())
    } else {
        Err(silent.join("\n").into())
    }
}
