//! Every MUST about what a client does is shown in a world without misbehaviour. A requirement that
//! only an attack exercises would fail a client that refuses the attacker.

use std::collections::BTreeSet;

use super::Suite;
use crate::requirements::Requirement;
use crate::scenario::model::{Case, Demands};

/// Requirements on the reaction to a fault, which no honest world has.
const REACTIONS: &[&str] = &[];

#[test]
fn every_must_on_behaviour_has_an_honest_world() {
    let suite = Suite::embedded().unwrap();
    let only_in_attacks: BTreeSet<&str> = suite
        .catalogue
        .iter()
        .filter(|requirement| requirement.is_must_somewhere())
        .filter(|requirement| is_only_in_attacks(&suite, requirement))
        .map(|requirement| requirement.id.as_str())
        .collect();
    assert_eq!(only_in_attacks, REACTIONS.iter().copied().collect());
}

/// Whether scenarios demand something of the client for this requirement, and all of them have a
/// bait.
fn is_only_in_attacks(suite: &Suite, requirement: &Requirement) -> bool {
    let has_monitor = suite
        .monitors
        .iter()
        .any(|monitor| monitor.requirements().any(|id| *id == requirement.id));
    let mut demanding = suite
        .cases
        .iter()
        .filter(|case| demands_action(case, &requirement.id))
        .peekable();
    !has_monitor && demanding.peek().is_some() && demanding.all(has_bait)
}

fn demands_action(case: &Case, id: &str) -> bool {
    let mut expectations = case.expectations.iter();
    expectations.any(|expectation| {
        expectation.requirements().any(|other| other == id) && acts(&expectation.demands)
    })
}

fn acts(demands: &Demands) -> bool {
    !demands.eventually.is_empty()
        || !demands.in_order.is_empty()
        || !demands.every.is_empty()
        || demands.any_of.iter().any(acts)
}

fn has_bait(case: &Case) -> bool {
    case.deviations.iter().any(|deviation| !deviation.trap)
}
