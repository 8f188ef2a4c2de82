//! Plans: selections of cases for clients that cannot be started hundreds of times, above all those
//! that a person drives.

use std::collections::{BTreeMap, BTreeSet};

use super::Suite;
use crate::judge::Declared;
use crate::scenario::model::{Capability, Case, Expectation, Level, Revision, VarietyChoice};
use crate::words::words;

words! {
    /// Which cases of a revision are run.
    pub enum CasePlan {
        /// The smallest selection found that exercises every MUST
        Short = "short",
        /// The cases in which servers cheat and a MUST is at stake
        Attacks = "attacks",
        /// Every case
        Full = "full",
    }
}

impl CasePlan {
    /// The cases of the plan, in the order of the suite. Cases that `can_run` refuses are not taken
    /// into a short plan, because they would exercise nothing.
    pub fn select<'s>(
        self,
        suite: &'s Suite,
        revision: Revision,
        variety: VarietyChoice,
        can_run: &dyn Fn(&Case) -> bool,
    ) -> Vec<&'s Case> {
        let mut cases = suite.select_variety(revision, &[], variety);
        match self {
            Self::Full => {}
            Self::Attacks => cases.retain(|case| is_attack(suite, revision, case)),
            Self::Short => {
                let chosen = ShortPlan::new(suite, revision, &cases, can_run).choose();
                cases.retain(|case| chosen.contains(case.id.as_str()));
            }
        }
        cases
    }
}

/// What of a client decides which cases a short plan can take.
#[derive(Debug, Clone, Copy)]
pub struct PlannedClient<'a> {
    pub declared: &'a Declared,
    pub is_separate_process: bool,
    pub is_driven_by_person: bool,
}

impl PlannedClient<'_> {
    /// Whether the client can be asked for a case. A machine with a private network is taken for
    /// granted, unless a person drives the client, who is not in it.
    pub fn can_run(&self, case: &Case) -> bool {
        let lacks = |need: &Capability| match need {
            Capability::SeparateProcess => !self.is_separate_process,
            Capability::PrivateNetwork => self.is_driven_by_person,
            need => self.declared.gap(*need).is_some(),
        };
        let takes_more = case.steers_browser() || case.starts().any(|start| start.twice);
        let is_too_much = self.is_driven_by_person && takes_more;
        !is_too_much && !case.needs.iter().any(lacks)
    }
}

/// Whether a server cheats and a MUST is checked. Varieties and profiles have deviations too, but
/// their servers do what they may.
fn is_attack(suite: &Suite, revision: Revision, case: &Case) -> bool {
    !case.deviations.is_empty()
        && case.variety.is_none()
        && case.profile.is_none()
        && !checked_musts(suite, revision, case).is_empty()
}

/// The ids of the MUSTs that a case checks as such in a revision, or has a monitor judge.
fn checked_musts<'s>(suite: &'s Suite, revision: Revision, case: &'s Case) -> BTreeSet<&'s str> {
    musts_in(suite, revision, case, |expectation| {
        expectation.level.is_none_or(|level| level == Level::Must)
    })
}

/// The ids of the MUSTs that a case checks in some of its expectations, or has a monitor judge.
fn musts_in<'s>(
    suite: &'s Suite,
    revision: Revision,
    case: &'s Case,
    counts: impl Fn(&Expectation) -> bool,
) -> BTreeSet<&'s str> {
    let is_must = |id: &str| {
        suite.catalogue.get(id).is_some_and(|requirement| {
            requirement.level_in(revision) == Some(Level::Must)
                && !requirement.is_advice()
                && requirement
                    .unscored_before
                    .is_none_or(|first| revision >= first)
        })
    };
    let checked = case
        .expectations
        .iter()
        .filter(|expectation| counts(expectation));
    checked
        .flat_map(Expectation::requirements)
        .chain(&case.watch)
        .map(String::as_str)
        .filter(|id| is_must(id))
        .collect()
}

/// A case that can be chosen.
struct Candidate<'s> {
    id: &'s str,
    musts: BTreeSet<&'s str>,
    /// How often the client has to be started.
    starts: usize,
    /// The digest of the world of its control run, if it needs one.
    control: Option<String>,
}

/// The choice of a short plan: a greedy set cover. The cost of a case is the number of starts that
/// it takes, with those of its control run unless a case chosen before has the same one.
struct ShortPlan<'s> {
    candidates: Vec<Candidate<'s>>,
}

impl<'s> ShortPlan<'s> {
    fn new(
        suite: &'s Suite,
        revision: Revision,
        cases: &[&'s Case],
        can_run: &dyn Fn(&Case) -> bool,
    ) -> Self {
        let mut candidates: Vec<Candidate<'s>> = cases
            .iter()
            .filter(|case| can_run(case))
            .map(|case| Candidate {
                id: &case.id,
                musts: checked_musts(suite, revision, case),
                starts: case
                    .starts()
                    .map(|start| 1 + usize::from(start.twice))
                    .sum(),
                control: (!case.deviations.is_empty()).then(|| case.world_digest()),
            })
            .collect();
        // some MUSTs are checked with another level only
        let checked: BTreeSet<&str> = candidates.iter().flat_map(|c| c.musts.clone()).collect();
        let by_id: BTreeMap<&str, &Case> = cases.iter().map(|c| (c.id.as_str(), *c)).collect();
        for candidate in &mut candidates {
            if let Some(case) = by_id.get(candidate.id) {
                let all = musts_in(suite, revision, case, |_| true);
                let unchecked = all.into_iter().filter(|must| !checked.contains(must));
                candidate.musts.extend(unchecked);
            }
        }
        candidates.retain(|candidate| !candidate.musts.is_empty());
        Self { candidates }
    }

    /// The ids of the chosen cases. The same suite always yields the same choice.
    fn choose(&self) -> BTreeSet<&'s str> {
        let all = self
            .candidates
            .iter()
            .flat_map(|candidate| &candidate.musts);
        let mut missing: BTreeSet<&str> = all.copied().collect();
        let mut controls = BTreeSet::new();
        let mut chosen = Vec::new();
        while let Some(best) = self.find_best(&missing, &controls) {
            missing.retain(|must| !best.musts.contains(must));
            controls.extend(best.control.as_deref());
            chosen.push(best);
        }
        drop_redundant(&mut chosen);
        chosen.iter().map(|candidate| candidate.id).collect()
    }

    /// The case that covers most of what is missing for its cost; of equals, the first in order of
    /// ids. `None` if nothing is missing.
    fn find_best(
        &self,
        missing: &BTreeSet<&str>,
        controls: &BTreeSet<&str>,
    ) -> Option<&Candidate<'s>> {
        let gain = |candidate: &Candidate<'_>| candidate.musts.intersection(missing).count();
        let cost = |candidate: &Candidate<'_>| {
            let control = candidate.control.as_deref();
            let is_new = control.is_some_and(|control| !controls.contains(control));
            candidate.starts * (1 + usize::from(is_new))
        };
        let useful = self
            .candidates
            .iter()
            .filter(|candidate| gain(candidate) > 0);
        useful.max_by(|a, b| {
            // a gain per cost without fractions; the later of two ids counts as less
            let by_value = (gain(a) * cost(b)).cmp(&(gain(b) * cost(a)));
            by_value.then_with(|| b.id.cmp(a.id))
        })
    }
}

/// Drops cases whose MUSTs the others exercise as well, the first chosen last: greedy choice can
/// make an early case superfluous.
fn drop_redundant(chosen: &mut Vec<&Candidate<'_>>) {
    let mut covered: BTreeMap<&str, usize> = BTreeMap::new();
    for must in chosen.iter().flat_map(|candidate| &candidate.musts) {
        *covered.entry(must).or_default() += 1;
    }
    chosen.retain(|candidate| {
        let is_redundant = candidate
            .musts
            .iter()
            .all(|must| covered.get(must) > Some(&1));
        if is_redundant {
            for must in &candidate.musts {
                covered.entry(must).and_modify(|count| *count -= 1);
            }
        }
        !is_redundant
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(plan: CasePlan) -> (Suite, Vec<String>) {
        let suite = Suite::embedded().unwrap();
        let cases = plan.select(&suite, Revision::LATEST, VarietyChoice::Usual, &|_| true);
        let ids = cases.iter().map(|case| case.id.clone()).collect();
        (suite, ids)
    }

    /// What the cases exercise, with the MUSTs that no case checks at that level.
    fn musts_of<'s>(suite: &'s Suite, ids: &[String]) -> BTreeSet<&'s str> {
        let cases = suite.select(Revision::LATEST, &[]);
        let plan = ShortPlan::new(suite, Revision::LATEST, &cases, &|_| true);
        let candidates = plan.candidates.into_iter();
        let named = candidates.filter(|candidate| ids.iter().any(|id| id == candidate.id));
        named.flat_map(|candidate| candidate.musts).collect()
    }

    #[test]
    fn a_short_plan_has_every_must_of_the_full_one_and_no_case_too_many() {
        let (suite, full) = plan(CasePlan::Full);
        let (_, short) = plan(CasePlan::Short);
        let wanted = musts_of(&suite, &full);
        assert_eq!(musts_of(&suite, &short), wanted);
        for left_out in &short {
            let others: Vec<String> = short.iter().filter(|id| *id != left_out).cloned().collect();
            assert_ne!(
                musts_of(&suite, &others),
                wanted,
                "{left_out} is not needed"
            );
        }
        assert!(short.len() * 4 < full.len());
    }

    #[test]
    fn plans_are_the_same_every_time() {
        assert_eq!(plan(CasePlan::Short).1, plan(CasePlan::Short).1);
    }

    #[test]
    fn servers_cheat_in_every_attack() {
        let (suite, attacks) = plan(CasePlan::Attacks);
        let cases = suite.cases.iter().filter(|case| attacks.contains(&case.id));
        assert!(!attacks.is_empty());
        assert!(cases.into_iter().all(|case| !case.deviations.is_empty()));
    }
}
