//! What an entry is about: a scenario, one requirement in a scenario, or a requirement that is
//! watched in every run.

use std::collections::BTreeSet;

use super::error::Problem;
use crate::judge::CaseResult;
use crate::scenario::model::{Case, Revision};
use crate::scenario::suggest::{instead, list};
use crate::suite::Suite;

/// The checks that an entry covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// In these cases; `None`: wherever it is checked.
    pub(super) cases: Option<BTreeSet<String>>,
    /// This requirement; `None`: all of them.
    pub(super) requirement: Option<String>,
}

impl Target {
    /// `iss/two-values`, `iss/two-values/both`, either with `:REQUIREMENT`, or a requirement that
    /// is watched in every run.
    pub(super) fn parse(written: &str, suite: &Suite) -> Result<Self, Problem> {
        if written.contains('*') {
            return Err(Problem::new(
                format!("`{written}` is a pattern; it would hide failures that nobody knows of"),
                "write an entry for each scenario; `mcp-authspec baseline update` does",
            ));
        }
        match written.split_once(':') {
            None if !written.contains('/') => Self::everywhere(written, suite),
            None => Ok(Self {
                cases: Some(cases(written, suite)?),
                requirement: None,
            }),
            Some((scenario, requirement)) => Self::in_scenario(scenario, requirement, suite),
        }
    }

    fn everywhere(requirement: &str, suite: &Suite) -> Result<Self, Problem> {
        if watched(suite).any(|id| id == requirement) {
            return Ok(Self {
                cases: None,
                requirement: Some(requirement.to_owned()),
            });
        }
        if suite.catalogue.get(requirement).is_none() {
            let known = watched(suite).chain(suite.cases.iter().map(file_of));
            return Err(Problem::new(
                format!("no scenario or requirement is called `{requirement}`"),
                instead(requirement, known),
            ));
        }
        let checked = suite
            .cases
            .iter()
            .filter(|case| suite.requirements_of(case).any(|id| id == requirement));
        let checked: BTreeSet<String> = checked
            .map(|case| format!("{}:{requirement}", file_of(case)))
            .collect();
        let checked: Vec<&str> = checked.iter().map(String::as_str).collect();
        let problem = format!(
            "`{requirement}` is not watched in every run, so a scenario must be named with it"
        );
        Err(Problem::new(
            problem,
            if checked.is_empty() {
                "no scenario checks it".to_owned()
            } else {
                format!("write {}", either(&checked))
            },
        ))
    }

    fn in_scenario(scenario: &str, requirement: &str, suite: &Suite) -> Result<Self, Problem> {
        let cases = cases(scenario, suite)?;
        let checks = |case: &&Case| suite.requirements_of(case).any(|id| id == requirement);
        let narrowed: BTreeSet<String> = of(&cases, suite)
            .filter(checks)
            .map(|case| case.id.clone())
            .collect();
        let is_watched = watched(suite).any(|id| id == requirement);
        if narrowed.is_empty() && !is_watched {
            let checked: BTreeSet<&str> = of(&cases, suite)
                .flat_map(|case| suite.requirements_of(case))
                .map(String::as_str)
                .collect();
            let problem = match suite.catalogue.get(requirement) {
                Some(_) => format!("`{scenario}` does not check `{requirement}`"),
                None => format!("no requirement is called `{requirement}`"),
            };
            return Err(Problem::new(
                problem,
                format!(
                    "`{scenario}` checks {}",
                    list(&checked.into_iter().collect::<Vec<_>>())
                ),
            ));
        }
        Ok(Self {
            cases: Some(if is_watched { cases } else { narrowed }),
            requirement: Some(requirement.to_owned()),
        })
    }

    /// Whether a check of this requirement in this case (or in its control run) is covered.
    pub(super) fn covers(&self, case: &str, requirement: &str) -> bool {
        self.has_case(case) && self.requirement.as_ref().is_none_or(|id| id == requirement)
    }

    /// Whether the whole case is covered, so that it may crash, too.
    pub(super) fn covers_all_of(&self, case: &CaseResult) -> bool {
        self.requirement.is_none() && self.has_case(&case.case)
    }

    fn has_case(&self, case: &str) -> bool {
        let case = case.strip_suffix(" (control)").unwrap_or(case);
        self.cases.as_ref().is_none_or(|cases| cases.contains(case))
    }

    /// Whether every check that `other` covers is covered by this, too.
    pub(super) fn includes(&self, other: &Self) -> bool {
        let cases = match (&self.cases, &other.cases) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(all), Some(some)) => some.is_subset(all),
        };
        cases && (self.requirement.is_none() || self.requirement == other.requirement)
    }

    /// Revisions in which it can fail.
    pub(super) fn revisions(&self, suite: &Suite) -> Vec<Revision> {
        let says_something = |revision: Revision| {
            let binds = self.requirement.as_ref().is_none_or(|id| {
                suite
                    .catalogue
                    .get(id)
                    .is_some_and(|r| r.applies_in(revision))
            });
            let some = |cases: &BTreeSet<String>| {
                of(cases, suite).any(|case| suite.checks_something(case, revision))
            };
            binds && self.cases.as_ref().is_none_or(some)
        };
        Revision::ALL
            .iter()
            .copied()
            .filter(|revision| says_something(*revision))
            .collect()
    }
}

/// The ids of a scenario's cases: all of a file, or one.
fn cases(scenario: &str, suite: &Suite) -> Result<BTreeSet<String>, Problem> {
    let found: BTreeSet<String> = suite
        .cases
        .iter()
        .filter(|case| case.id == scenario || file_of(case) == scenario)
        .map(|case| case.id.clone())
        .collect();
    if found.is_empty() {
        let known: BTreeSet<&str> = suite
            .cases
            .iter()
            .flat_map(|case| [case.id.as_str(), file_of(case)])
            .collect();
        let help = format!(
            "{} (take the entry out if the scenario is gone)",
            instead(scenario, known)
        );
        return Err(Problem::new(
            format!("no scenario is called `{scenario}`"),
            help,
        ));
    }
    Ok(found)
}

fn of<'s>(ids: &BTreeSet<String>, suite: &'s Suite) -> impl Iterator<Item = &'s Case> {
    suite
        .cases
        .iter()
        .filter(move |case| ids.contains(&case.id))
}

/// Requirements that are watched in every run.
pub(super) fn watched(suite: &Suite) -> impl Iterator<Item = &str> {
    suite
        .monitors
        .iter()
        .flat_map(|monitor| std::iter::once(&monitor.requirement).chain(&monitor.also))
        .map(String::as_str)
}

/// `iss/two-values` of `iss/two-values/both`.
fn file_of(case: &Case) -> &str {
    case.id
        .match_indices('/')
        .nth(1)
        .map_or(&case.id, |(at, _)| &case.id[..at])
}

fn either(words: &[&str]) -> String {
    const SOME: usize = 4;
    let shown = list(&words[..words.len().min(SOME)]).replace("`, `", "` or `");
    if words.len() > SOME {
        format!("{shown} or another of {}", words.len())
    } else {
        shown
    }
}
