//! Every MUST about what a client does is shown in a world without misbehaviour. A requirement that
//! only an attack exercises would fail a client that refuses the attacker.

use std::collections::BTreeSet;

use super::Suite;
use crate::requirements::Requirement;
use crate::scenario::model::{Case, Demands};

/// Requirements whose deviation is a message that an honest server may send as well, such as a
/// legal spelling or a refusal. A client that stops there fails rightly.
const LEGAL_MESSAGES: [&str; 20] = [
    "asm-legal-document",
    "authz-ignore-unknown-response-params",
    "authz-legal-response",
    "authz-server-profile",
    "ext-dpop-required-by-prm",
    "ext-ema-policy-denial",
    "iss-form-decode-first",
    "prm-any-challenge",
    "prm-challenge-grammar",
    "prm-ignore-unknown-members",
    "prm-legal-document",
    "prm-resource-codepoint-compare",
    "refresh-client-authentication",
    "reg-dcr-handle-rejection",
    "reg-legal-response",
    "resource-legal-url",
    "tls-legal-server",
    "token-ignore-unknown-members",
    "token-legal-response",
    "token-type-case-insensitive",
];

/// Requirements on the reaction to a fault or an attack, which no honest world has.
const REACTIONS: [&str; 6] = [
    "bcp-authz-url-dangerous-rejected",
    "bcp-authz-url-schemes",
    "ext-cc-assertion-audience",
    "pkce-fresh-after-error",
    "resource-not-dropped-on-error",
    "resource-not-overridden-by-as",
];

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
    let known = LEGAL_MESSAGES.iter().chain(&REACTIONS);
    assert_eq!(only_in_attacks, known.copied().collect());
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
