//! A requirement as its file has it, and what is checked before it becomes one of the catalogue.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::area::Area;
use super::basis::Basis;
use super::catalogue_error::RequirementProblem;
use super::citation::Citation;
use super::exclusion::Exclusion;
use super::keyword::Keyword;
use super::machine::Machine;
use super::requirement::Requirement;
use super::tier::Tier;
use crate::scenario::model::{Capability, Level, Revision};

/// A requirement as its file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequirementTable {
    statement: String,
    tier: Tier,
    since: Revision,
    until: Option<Revision>,
    unscored_before: Option<Revision>,
    level: Level,
    #[serde(default)]
    prohibits: bool,
    #[serde(default)]
    level_by_revision: BTreeMap<Revision, Level>,
    #[serde(default)]
    applies_if: Vec<Capability>,
    #[serde(default)]
    level_if: BTreeMap<Capability, Level>,
    demands: Option<Capability>,
    basis: Basis,
    inference: Option<String>,
    source: Citation,
    #[serde(default)]
    also: Vec<Citation>,
    #[serde(default = "yes")]
    section_checked: bool,
    binds_via: Option<String>,
    observation: String,
    stimulus: Option<String>,
    defect: Option<String>,
    upstream: Option<String>,
    position: Option<u32>,
    note: Option<String>,
    argument: Option<String>,
    needs: Option<Machine>,
    excluded: Option<Exclusion>,
}

const fn yes() -> bool {
    true
}

impl RequirementTable {
    /// Checks what serde cannot.
    pub(super) fn check(self, area: Area, id: &str) -> Result<Requirement, RequirementProblem> {
        if !id
            .strip_prefix(area.as_str())
            .is_some_and(|rest| rest.len() > 1 && rest.starts_with('-'))
        {
            return Err(RequirementProblem::OtherArea(area));
        }
        if let Some(until) = self.until
            && until < self.since
        {
            return Err(RequirementProblem::EndsBeforeItBegins {
                since: self.since,
                until,
            });
        }
        if let Some(scored) = self.unscored_before
            && scored <= self.since
        {
            return Err(RequirementProblem::ScoredFromTheBeginning {
                since: self.since,
                scored,
            });
        }
        if let Some(key) = self.empty_text() {
            return Err(RequirementProblem::Empty(key));
        }
        let conditions = self.applies_if.iter().chain(self.level_if.keys());
        let conditions = conditions.chain(&self.demands);
        if let Some(capability) = conditions
            .copied()
            .find(|capability| capability.is_of_machine())
        {
            return Err(RequirementProblem::CapabilityOfMachine(capability));
        }
        if self.needs.is_some() && self.excluded.is_some() {
            return Err(RequirementProblem::NeedsAndExcluded);
        }
        let requirement = self.into_requirement(area, id);
        for (&revision, &level) in &requirement.level_by_revision {
            if !requirement.applies_in(revision) {
                return Err(RequirementProblem::LevelOfAnotherRevision(revision));
            }
            if level == requirement.level {
                return Err(RequirementProblem::LevelSaidTwice(revision));
            }
        }
        check_basis(&requirement)?;
        Ok(requirement)
    }

    fn into_requirement(self, area: Area, id: &str) -> Requirement {
        Requirement {
            id: id.to_owned(),
            area,
            statement: self.statement,
            tier: self.tier,
            since: self.since,
            until: self.until,
            unscored_before: self.unscored_before,
            level: self.level,
            prohibits: self.prohibits,
            level_by_revision: self.level_by_revision,
            applies_if: self.applies_if,
            level_if: self.level_if,
            demands: self.demands,
            basis: self.basis,
            inference: self.inference,
            source: self.source,
            also: self.also,
            section_checked: self.section_checked,
            binds_via: self.binds_via,
            observation: self.observation,
            stimulus: self.stimulus,
            defect: self.defect,
            upstream: self.upstream,
            position: self.position,
            note: self.note,
            argument: self.argument,
            needs: self.needs,
            excluded: self.excluded,
        }
    }

    /// The key of a text that is there but empty.
    fn empty_text(&self) -> Option<&'static str> {
        let texts = [
            ("statement", Some(&self.statement)),
            ("observation", Some(&self.observation)),
            ("stimulus", self.stimulus.as_ref()),
            ("defect", self.defect.as_ref()),
            ("upstream", self.upstream.as_ref()),
            ("binds_via", self.binds_via.as_ref()),
            ("note", self.note.as_ref()),
            ("inference", self.inference.as_ref()),
            ("argument", self.argument.as_ref()),
        ];
        let empty = |text: Option<&String>| text.is_some_and(|text| text.trim().is_empty());
        texts
            .into_iter()
            .find(|(_, text)| empty(*text))
            .map(|(key, _)| key)
    }
}

/// A MUST points to its sentence, a derived requirement has its inference, and advice is no MUST.
fn check_basis(requirement: &Requirement) -> Result<(), RequirementProblem> {
    let is_must = requirement.is_must_somewhere();
    let is_derived = requirement.basis == Basis::Derived;
    let keyword = requirement.source.keyword;
    match requirement.basis {
        _ if is_derived != requirement.inference.is_some() => {
            Err(RequirementProblem::InferenceOfBasis(requirement.basis))
        }
        Basis::Advice if is_must => Err(RequirementProblem::AdviceIsMust),
        Basis::Literal if is_must && !keyword.is_some_and(Keyword::obliges) => {
            Err(RequirementProblem::MustWithoutKeyword)
        }
        Basis::Derived if is_must && keyword.is_none() => {
            Err(RequirementProblem::MustWithoutPointer)
        }
        _ => Ok(()),
    }
}
