//! The target of an entry: a scenario, one requirement in a scenario, or a requirement that a
//! monitor watches in every run.

use std::collections::BTreeSet;

use super::error::BaselineProblem;
use crate::judge::CaseResult;
use crate::scenario::model::{Case, Revision};
use crate::scenario::suggest::instead;
use crate::scenario::without_control_suffix;
use crate::suite::Suite;

/// The checks that an entry covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BaselineTarget {
    /// The cases; `None` for every case.
    pub(super) cases: Option<BTreeSet<String>>,
    /// The requirement; `None` for every requirement.
    pub(super) requirement: Option<String>,
}

impl BaselineTarget {
    /// Reads the name of a scenario (`iss/two-values`) or case (`iss/two-values/both`), either one
    /// alone or followed by `:REQUIREMENT`, or the name of a requirement that a monitor watches in
    /// every run.
    pub(super) fn parse(written: &str, suite: &Suite) -> Result<Self, BaselineProblem> {
        if written.contains('*') {
            return Err(BaselineProblem::Pattern {
                entry: written.to_owned(),
            });
        }
        match written.split_once(':') {
            None if !written.contains('/') => Self::everywhere(written, suite),
            None => Ok(Self {
                cases: Some(find_cases(written, suite)?),
                requirement: None,
            }),
            Some((scenario, requirement)) => Self::in_scenario(scenario, requirement, suite),
        }
    }

    /// The target of a requirement without a scenario.
    fn everywhere(requirement: &str, suite: &Suite) -> Result<Self, BaselineProblem> {
        if watched_requirements(suite).any(|id| id == requirement) {
            return Ok(Self {
                cases: None,
                requirement: Some(requirement.to_owned()),
            });
        }
        if suite.catalogue.get(requirement).is_none() {
            let known = watched_requirements(suite).chain(suite.cases.iter().map(Case::scenario));
            return Err(BaselineProblem::UnknownName {
                name: requirement.to_owned(),
                help: instead(requirement, known),
            });
        }
        let complete: BTreeSet<String> = suite
            .cases
            .iter()
            .filter(|case| suite.requirements_of(case).any(|id| id == requirement))
            .map(|case| format!("{}:{requirement}", case.scenario()))
            .collect();
        Err(BaselineProblem::ScenarioNeeded {
            requirement: requirement.to_owned(),
            complete: complete.into_iter().collect(),
        })
    }

    /// The target of a requirement in a scenario.
    fn in_scenario(
        scenario: &str,
        requirement: &str,
        suite: &Suite,
    ) -> Result<Self, BaselineProblem> {
        let cases = find_cases(scenario, suite)?;
        let is_watched = watched_requirements(suite).any(|id| id == requirement);
        let checking: BTreeSet<String> = cases_with_ids(&cases, suite)
            .filter(|case| suite.requirements_of(case).any(|id| id == requirement))
            .map(|case| case.id.clone())
            .collect();
        if is_watched || !checking.is_empty() {
            return Ok(Self {
                cases: Some(if is_watched { cases } else { checking }),
                requirement: Some(requirement.to_owned()),
            });
        }
        let checked: BTreeSet<String> = cases_with_ids(&cases, suite)
            .flat_map(|case| suite.requirements_of(case).cloned())
            .collect();
        let checked = checked.into_iter().collect();
        let (requirement, scenario) = (requirement.to_owned(), scenario.to_owned());
        Err(if suite.catalogue.get(&requirement).is_some() {
            BaselineProblem::NotChecked {
                requirement,
                scenario,
                checked,
            }
        } else {
            BaselineProblem::UnknownRequirement {
                requirement,
                scenario,
                checked,
            }
        })
    }

    /// Whether a check of this requirement in this case, or in its control run, is covered.
    pub(super) fn covers(&self, case: &str, requirement: &str) -> bool {
        self.has_case(case) && self.has_requirement(requirement)
    }

    /// Whether this requirement is covered in every case.
    pub(super) fn covers_everywhere(&self, requirement: &str) -> bool {
        self.cases.is_none() && self.has_requirement(requirement)
    }

    /// Whether the whole case is covered, so that a crash of the client is expected as well.
    pub(super) fn covers_all_of(&self, case: &CaseResult) -> bool {
        self.requirement.is_none() && self.has_case(&case.case)
    }

    fn has_case(&self, case: &str) -> bool {
        let case = without_control_suffix(case);
        self.cases.as_ref().is_none_or(|cases| cases.contains(case))
    }

    fn has_requirement(&self, requirement: &str) -> bool {
        self.requirement.as_ref().is_none_or(|id| id == requirement)
    }

    /// Whether this target covers every check that `other` covers.
    pub(super) fn includes(&self, other: &Self) -> bool {
        let has_all_cases = match (&self.cases, &other.cases) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(others)) => others.is_subset(own),
        };
        has_all_cases && (self.requirement.is_none() || self.requirement == other.requirement)
    }

    /// The revisions in which something that is covered can fail.
    pub(super) fn revisions(&self, suite: &Suite) -> Vec<Revision> {
        Revision::ALL
            .iter()
            .copied()
            .filter(|revision| self.can_fail_in(*revision, suite))
            .collect()
    }

    fn can_fail_in(&self, revision: Revision, suite: &Suite) -> bool {
        let requirement_binds = self.requirement.as_ref().is_none_or(|id| {
            let requirement = suite.catalogue.get(id);
            requirement.is_some_and(|requirement| requirement.applies_in(revision))
        });
        let has_cases = self.cases.as_ref().is_none_or(|cases| {
            cases_with_ids(cases, suite).any(|case| suite.checks_something(case, revision))
        });
        requirement_binds && has_cases
    }
}

/// The ids of a scenario's cases, or of the one case that is named.
fn find_cases(scenario: &str, suite: &Suite) -> Result<BTreeSet<String>, BaselineProblem> {
    let found: BTreeSet<String> = suite
        .cases
        .iter()
        .filter(|case| case.id == scenario || case.scenario() == scenario)
        .map(|case| case.id.clone())
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let known: BTreeSet<&str> = suite
        .cases
        .iter()
        .flat_map(|case| [case.id.as_str(), case.scenario()])
        .collect();
    Err(BaselineProblem::UnknownScenario {
        scenario: scenario.to_owned(),
        help: format!(
            "{} (remove the entry if the scenario no longer exists)",
            instead(scenario, known)
        ),
    })
}

fn cases_with_ids<'s>(ids: &BTreeSet<String>, suite: &'s Suite) -> impl Iterator<Item = &'s Case> {
    suite
        .cases
        .iter()
        .filter(move |case| ids.contains(&case.id))
}

/// The requirements that monitors watch in every run.
fn watched_requirements(suite: &Suite) -> impl Iterator<Item = &str> {
    suite
        .monitors
        .iter()
        .flat_map(|monitor| monitor.requirements())
        .map(String::as_str)
}
