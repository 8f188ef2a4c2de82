//! One case of the suite.

use std::collections::{BTreeMap, BTreeSet};

use super::capability::Capability;
use super::deviation::{Action, Deviation};
use super::expectation::{Expectation, Pattern};
use super::party::Party;
use super::profile::Profile;
use super::revision::Revision;
use super::source::Source;
use super::step::{Start, Step};
use super::variety::{Variety, VarietyChoice};

/// One case: a scenario file, or one variant of it laid over the rest of the file.
#[derive(Debug, Clone)]
pub struct Case {
    /// `area/file` or `area/file/variant`.
    pub id: String,
    /// Where the case is written: the line of `[variant.NAME]`, or the first line of the file.
    pub source: Source,
    /// What happens, in half a sentence.
    pub title: String,
    /// Why it matters, one line of prose (line breaks of the file folded).
    pub why: String,
    /// What makes it one of a variety, if it is one.
    pub variety: Option<Variety>,
    /// The deployments that its servers are shaped like, if it is a profile.
    pub profile: Option<Profile>,
    /// Names of the official suite's scenarios that this case is the counterpart of.
    pub official: Vec<String>,
    /// What the official scenario decides otherwise.
    pub official_differs: Option<String>,
    /// First revision in which the case's world makes sense.
    pub from: Revision,
    /// Last revision in which the case's world makes sense.
    pub until: Revision,
    /// What it takes to run: written in the file, or following from its world and steps.
    pub needs: BTreeSet<Capability>,
    /// What an honest world leads to; `None`: at every server connected to, in every run, an
    /// accepted request, or a called tool if `about_calls`.
    pub goal: Option<Pattern>,
    /// Whether the case is about tool calls: a step, a setting, a deviation or an expectation names
    /// them.
    pub about_calls: bool,
    /// Monitors that must have spoken in this case.
    pub watch: Vec<String>,
    /// The parties by name, every setting filled in but those that depend on the revision. `as` and
    /// `mcp` always exist.
    pub world: BTreeMap<String, Party>,
    /// Misbehaviours, in the order of the file.
    pub deviations: Vec<Deviation>,
    /// The timeline; the loader puts a plain start towards `mcp` first where no step connects.
    pub steps: Vec<Step>,
    /// What must hold, in the order of the file.
    pub expectations: Vec<Expectation>,
}

impl Case {
    /// The scenario that the case belongs to, `area/file`: its id without the variant.
    pub fn scenario(&self) -> &str {
        scenario_of(&self.id)
    }

    /// Whether it is run only if all variants are wanted.
    pub fn is_rare(&self) -> bool {
        self.variety.as_ref().is_some_and(|variety| variety.rare)
            || self.profile.as_ref().is_some_and(Profile::is_rare)
    }

    /// Whether a run with this choice of variants contains it.
    pub fn is_in(&self, choice: VarietyChoice) -> bool {
        choice.includes(self.variety.is_some(), self.is_rare())
    }

    /// The name of its profile: the last part of its id.
    pub fn profile_name(&self) -> Option<&str> {
        self.profile.as_ref()?;
        self.id.rsplit('/').next()
    }

    /// What tells it from the other cases of its file: what a variant of a variety differs in, or
    /// the title.
    pub fn short_title(&self) -> &str {
        let variety = self.variety.as_ref();
        variety.map_or(self.title.as_str(), |variety| variety.differs.as_str())
    }

    /// The starts of the client, in order.
    pub fn starts(&self) -> impl Iterator<Item = &Start> {
        self.steps.iter().filter_map(|step| match step {
            Step::Start(start) => Some(start),
            Step::Change(_) => None,
        })
    }

    /// Whether a deviation makes the browser do more than follow redirects.
    pub fn steers_browser(&self) -> bool {
        let is_steering = |deviation: &Deviation| {
            matches!(
                deviation.action,
                Action::ExtraCallback { .. } | Action::CrossResponses { .. }
            )
        };
        self.deviations.iter().any(is_steering)
    }

    /// Whether its world makes sense in a revision.
    pub fn applies_in(&self, revision: Revision) -> bool {
        (self.from..=self.until).contains(&revision)
    }
}

/// The scenario, `area/file`, of a case with this id.
pub fn scenario_of(case_id: &str) -> &str {
    match case_id.match_indices('/').nth(1) {
        Some((end, _)) => &case_id[..end],
        None => case_id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_is_no_part_of_the_scenario() {
        assert_eq!(
            scenario_of("iss/two-values/right-then-wrong"),
            "iss/two-values"
        );
        assert_eq!(scenario_of("iss/two-values"), "iss/two-values");
        assert_eq!(scenario_of("own"), "own");
    }
}
