//! Clients that do little or nothing: silence is never a pass.

use std::pin::Pin;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use mcp_authspec::driver::{Client, ClientHome, ClientOutcome, Launch};
use mcp_authspec::judge::{CheckResult, Conclusions, Declared, Verdict};
use mcp_authspec::scenario::model::{Flow, Revision};

use super::runs::{SUITE, broken_client, declared_capabilities, run_client, run_reference_client};

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("idle::does-nothing", || {
            check_nothing_passes(&run_client(
                Revision::LATEST,
                Arc::new(Idle(ClientOutcome::Success)),
                declared_capabilities(),
                &[],
            ))
        }),
        Trial::test("idle::crashes-at-start", || {
            check_nothing_passes(&run_client(
                Revision::LATEST,
                Arc::new(Idle(ClientOutcome::Crash)),
                declared_capabilities(),
                &[],
            ))
        }),
        Trial::test("idle::hangs", || {
            check_nothing_passes(&run_client(
                Revision::LATEST,
                Arc::new(Idle(ClientOutcome::Killed)),
                declared_capabilities(),
                &[],
            ))
        }),
        Trial::test("idle::does-nothing-undeclared", || {
            check_nothing_passes(&run_client(
                Revision::LATEST,
                Arc::new(Idle(ClientOutcome::Success)),
                Declared::default(),
                &[],
            ))
        }),
        Trial::test("idle::stops-after-registration", || {
            check_no_negative_pass(&run_reference_client(
                Revision::LATEST,
                broken_client("stop-after-registration"),
                &[],
            ))
        }),
    ]
}

/// A client that ends at once in the given way. `Killed` stands for one that hung until its
/// time-out.
struct Idle(ClientOutcome);

impl Client for Idle {
    fn prepare_home(&self) -> std::io::Result<Box<dyn ClientHome>> {
        Ok(Box::new(Self(self.0)))
    }
}

impl ClientHome for Idle {
    fn start(&self, _launch: Launch) -> Pin<Box<dyn Future<Output = ClientOutcome> + Send + '_>> {
        Box::pin(std::future::ready(self.0))
    }
}

fn check_nothing_passes(conclusions: &Conclusions) -> Result<(), Failed> {
    let monitors = conclusions
        .monitors
        .iter()
        .filter(|m| m.verdict == Verdict::Pass)
        .map(|m| m.requirement.clone());
    let passed: Vec<String> = passes(conclusions, &|_, _| true).chain(monitors).collect();
    if passed.is_empty() {
        Ok(())
    } else {
        Err(passed.join("\n").into())
    }
}

/// Checks that nothing passes which the client avoided only because it stopped early. In flows
/// without registration it does not stop early.
fn check_no_negative_pass(conclusions: &Conclusions) -> Result<(), Failed> {
    let negative = |case: &str, check: &CheckResult| {
        let case = SUITE.cases.iter().find(|c| c.id == case);
        !check.monitor
            && case.is_some_and(|c| {
                let registers = c
                    .starts()
                    .any(|start| matches!(start.flow, Flow::Plain | Flow::Dpop));
                let gate = c.expectations.iter().find(|e| {
                    e.requirement == check.requirement || e.also.contains(&check.requirement)
                });
                let forbids = gate
                    .is_some_and(|e| !e.demands.never.is_empty() || !e.demands.at_most.is_empty());
                registers && forbids && !c.deviations.is_empty()
            })
    };
    let passed: Vec<String> = passes(conclusions, &negative).collect();
    if passed.is_empty() {
        Ok(())
    } else {
        Err(passed.join("\n").into())
    }
}

fn passes<'a>(
    conclusions: &'a Conclusions,
    which: &'a dyn Fn(&str, &CheckResult) -> bool,
) -> impl Iterator<Item = String> + 'a {
    conclusions.cases.iter().flat_map(move |case| {
        let passed = case
            .checks
            .iter()
            .filter(move |c| c.verdict == Verdict::Pass && which(&case.case, c));
        passed.map(move |c| format!("{}: {} passed", case.case, c.requirement))
    })
}
