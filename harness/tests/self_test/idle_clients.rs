//! Clients that do little or nothing: silence is never a pass.

use std::pin::Pin;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use mcp_authspec::driver::{Client, ClientHome, ClientOutcome, Launch};
use mcp_authspec::judge::{CheckResult, Conclusions, Declared, Verdict};
use mcp_authspec::scenario::model::Revision;

use super::runs::{SUITE, broken, bundled, declared, with_client};

pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test("idle::does-nothing", || {
            no_pass(&with_client(
                Revision::LATEST,
                Arc::new(Idle(ClientOutcome::Success)),
                declared(),
                &[],
            ))
        }),
        Trial::test("idle::crashes-at-start", || {
            no_pass(&with_client(
                Revision::LATEST,
                Arc::new(Idle(ClientOutcome::Crash)),
                declared(),
                &[],
            ))
        }),
        Trial::test("idle::hangs", || {
            no_pass(&with_client(
                Revision::LATEST,
                Arc::new(Idle(ClientOutcome::Killed)),
                declared(),
                &[],
            ))
        }),
        Trial::test("idle::does-nothing-undeclared", || {
            no_pass(&with_client(
                Revision::LATEST,
                Arc::new(Idle(ClientOutcome::Success)),
                Declared::default(),
                &[],
            ))
        }),
        Trial::test("idle::stops-after-registration", || {
            no_negative_pass(&bundled(
                Revision::LATEST,
                broken("stop-after-registration"),
                &[],
            ))
        }),
    ]
}

/// A client that ends at once in the given way. `Killed` stands for one that hung until its time
/// was up.
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

fn no_pass(conclusions: &Conclusions) -> Result<(), Failed> {
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

/// No check about what must not happen after the point where the client stopped may pass.
fn no_negative_pass(conclusions: &Conclusions) -> Result<(), Failed> {
    let negative = |case: &str, check: &CheckResult| {
        let case = SUITE.cases.iter().find(|c| c.id == case);
        !check.monitor
            && case.is_some_and(|c| {
                let gate = c.expectations.iter().find(|e| {
                    e.requirement == check.requirement || e.also.contains(&check.requirement)
                });
                let forbids = gate
                    .is_some_and(|e| !e.demands.never.is_empty() || !e.demands.at_most.is_empty());
                forbids && !c.deviations.is_empty()
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
