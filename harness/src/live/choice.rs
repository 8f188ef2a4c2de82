//! What a person chooses: what is tested, and with which client.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::error::LiveError;
use crate::driver::{DeploymentKind, PersonClient};
use crate::judge::Declared;
use crate::scenario::model::{Capability, Case, Revision, VarietyChoice};
use crate::suite::{CasePlan, PlannedClient, PlannedRuns, Suite, SuiteOptions};

/// What is tested, and with which client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The name of the client in reports.
    pub client: String,
    pub revision: Revision,
    /// Where the client runs.
    pub kind: DeploymentKind,
    pub plan: CasePlan,
    /// Of the capabilities that are offered, those that the client has.
    #[serde(default)]
    pub capabilities: BTreeSet<String>,
    /// Only cases of the plan whose id matches one of these patterns; none stands for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<String>,
}

/// A capability that the person is asked for.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct OfferedCapability {
    pub capability: Capability,
    pub statement: &'static str,
    /// Whether most clients have it.
    pub usual: bool,
}

/// The capabilities that the person is asked for.
pub const OFFERED_CAPABILITIES: &[OfferedCapability] = &[
    OfferedCapability {
        capability: Capability::NamedTools,
        statement: "I can make it call a tool whose name I am given.",
        usual: true,
    },
    OfferedCapability {
        capability: Capability::SeveralServers,
        statement: "It can be connected to several servers, one after the other.",
        usual: true,
    },
    OfferedCapability {
        capability: Capability::PreRegistration,
        statement: "I can give it a client ID and a client secret.",
        usual: false,
    },
    OfferedCapability {
        capability: Capability::Dpop,
        statement: "It binds its tokens to a key (DPoP).",
        usual: false,
    },
    OfferedCapability {
        capability: Capability::ClientCredentials,
        statement: "It can act for itself, without a user (client credentials).",
        usual: false,
    },
];

/// Capabilities that no person can make a client use.
const OUT_OF_REACH: &[Capability] = &[
    Capability::ServersAtOnce,
    Capability::CallsAtOnce,
    Capability::Verbose,
    Capability::TrustsGivenAuthority,
];

impl Choice {
    /// What is known about the client before the run.
    pub fn declared(&self) -> Result<Declared, LiveError> {
        let mut has = BTreeSet::new();
        let mut lacks: BTreeSet<Capability> = Capability::of_clients()
            .filter(|capability| capability.is_extension())
            .collect();
        for offered in OFFERED_CAPABILITIES {
            lacks.insert(offered.capability);
        }
        for word in &self.capabilities {
            let mut offered = OFFERED_CAPABILITIES
                .iter()
                .map(|offered| offered.capability);
            let found = offered.find(|capability| capability.as_str() == word);
            let capability = found.ok_or_else(|| unknown_capability(word))?;
            lacks.remove(&capability);
            has.insert(capability);
        }
        match self.kind {
            DeploymentKind::Native => {
                has.insert(Capability::Native);
            }
            DeploymentKind::Hosted => {
                has.insert(Capability::Hosted);
                lacks.insert(Capability::Native);
            }
            DeploymentKind::Headless => lacks.extend([
                Capability::UserAgent,
                Capability::CallbackListener,
                Capability::ServesPages,
            ]),
        }
        let explanation = "a person cannot make a client do this on demand".to_owned();
        let cannot = OUT_OF_REACH
            .iter()
            .map(|capability| (capability.to_string(), explanation.clone()));
        Ok(Declared {
            has: has.iter().map(ToString::to_string).collect(),
            lacks: lacks.iter().map(ToString::to_string).collect(),
            cannot: cannot.collect::<BTreeMap<_, _>>(),
        })
    }

    /// The cases of the plan.
    pub fn select<'s>(&self, suite: &'s Suite, options: &SuiteOptions) -> Vec<&'s Case> {
        let planned = PlannedClient {
            declared: &options.declared,
            is_separate_process: false,
            is_driven_by_person: true,
        };
        let can_run = |case: &Case| planned.can_run(case);
        let variety = VarietyChoice::default();
        let mut cases = self.plan.select(suite, self.revision, variety, &can_run);
        let wanted = suite.select(self.revision, &self.scenarios);
        cases.retain(|case| wanted.iter().any(|other| other.id == case.id));
        cases
    }

    /// The runs of these cases.
    pub fn plan_runs(cases: &[&Case], options: &SuiteOptions) -> PlannedRuns {
        let (client, _) = PersonClient::new();
        PlannedRuns::new(cases, &client, options)
    }

    /// The options by which the runs are planned.
    pub fn suite_options(&self) -> Result<SuiteOptions, LiveError> {
        Ok(SuiteOptions {
            declared: self.declared()?,
            complete: self.plan == CasePlan::Full && self.scenarios.is_empty(),
            ..SuiteOptions::new(self.revision)
        })
    }
}

fn unknown_capability(word: &str) -> LiveError {
    let known = OFFERED_CAPABILITIES
        .iter()
        .map(|offered| offered.capability.as_str());
    LiveError::UnknownCapability {
        word: word.to_owned(),
        known: known.collect::<Vec<_>>().join(", "),
    }
}
