//! A run with the facts of its transcripts.

use std::collections::BTreeMap;

use super::capabilities::KnownCapabilities;
use super::facts::{Facts, collect_facts};
use super::run_evidence::RunEvidence;
use crate::requirements::Requirement;
use crate::scenario::model::Level;

/// A run with the facts of its transcripts and with what is known of its client.
pub(super) struct EvaluatedRun<'a> {
    pub(super) evidence: &'a RunEvidence<'a>,
    pub(super) capabilities: KnownCapabilities<'a>,
    /// The facts of each case, in order; `None` for those that were not run.
    pub(super) case_facts: Vec<Option<Facts>>,
    /// The facts of the control runs, by the digest of their world.
    pub(super) control_facts: BTreeMap<&'a str, Facts>,
}

impl<'a> EvaluatedRun<'a> {
    pub(super) fn new(evidence: &'a RunEvidence<'a>) -> Self {
        let monitors = evidence.monitors;
        let shared = evidence.shared_values();
        let facts_of = |case, transcript| collect_facts(case, monitors, transcript, Some(&shared));
        let case_facts = evidence
            .cases
            .iter()
            .map(|(case, outcome)| outcome.ok().map(|transcript| facts_of(case, transcript)))
            .collect();
        let control_facts = evidence
            .controls
            .iter()
            .map(|(digest, (case, transcript))| (digest.as_str(), facts_of(case, transcript)))
            .collect();
        Self {
            evidence,
            capabilities: KnownCapabilities::new(evidence.declared, evidence.transcripts()),
            case_facts,
            control_facts,
        }
    }

    /// The requirement with its level in the revision of the run, if it binds there.
    pub(super) fn binding_requirement(&self, id: &str) -> Option<(&'a Requirement, Level)> {
        let requirement = self.evidence.catalogue.get(id)?;
        Some((requirement, requirement.level_in(self.evidence.revision)?))
    }
}
