//! One requirement on clients.

use std::collections::BTreeMap;

use serde::Serialize;

use super::area::Area;
use super::basis::Basis;
use super::citation::Citation;
use super::exclusion::Exclusion;
use super::machine::Machine;
use super::tier::Tier;
use crate::scenario::model::{Capability, Level, Revision};

/// One requirement on clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// `iss-advertised-mismatch`: the area, then what it is about.
    pub id: String,
    pub area: Area,
    /// What is required, in our own words.
    pub statement: String,
    pub tier: Tier,
    /// The first revision in which it binds.
    pub since: Revision,
    /// The last revision in which it binds; `None`: it still does.
    pub until: Option<Revision>,
    /// In revisions before this one it is run and shown, and does not count.
    pub unscored_before: Option<Revision>,
    /// How much it binds, unless `level_by_revision` has another level for the revision.
    pub level: Level,
    /// The source says "must not" (or "should not").
    pub prohibits: bool,
    /// Levels in revisions that use another keyword.
    pub level_by_revision: BTreeMap<Revision, Level>,
    /// It applies to clients with all of these capabilities; empty: to every client.
    pub applies_if: Vec<Capability>,
    /// Another level for clients with one of these capabilities.
    pub level_if: BTreeMap<Capability, Level>,
    /// What it requires is that the client has this capability, so that a client that was given the
    /// occasion and did not show it fails.
    pub demands: Option<Capability>,
    /// On what it stands.
    pub basis: Basis,
    /// How it follows from the sentences that are cited; `None` unless it is derived.
    pub inference: Option<String>,
    pub source: Citation,
    /// More places that state it.
    pub also: Vec<Citation>,
    /// The section numbers in `source` and `also` were compared with the documents.
    pub section_checked: bool,
    /// Why a document that is not MCP's binds an MCP client.
    pub binds_via: Option<String>,
    /// What can be observed from outside.
    pub observation: String,
    /// What makes a client show it; `None` for umbrella sentences.
    pub stimulus: Option<String>,
    /// How a client violates it; `None` for permissions and umbrella sentences.
    pub defect: Option<String>,
    /// What the official conformance suite checks of it; `None`: nothing.
    pub upstream: Option<String>,
    /// Number of the position (`fixtures/positions.toml`) about it.
    pub position: Option<u32>,
    /// A remark for readers of the catalogue.
    pub note: Option<String>,
    /// Why a failure is justified although maintainers of clients will dispute it.
    pub argument: Option<String>,
    /// What the machine must offer before a run can show it.
    pub needs: Option<Machine>,
    /// Why no run can show it; `None`: runs show it.
    pub excluded: Option<Exclusion>,
}

impl Requirement {
    /// Whether it is good practice that never fails a run.
    pub fn is_advice(&self) -> bool {
        self.basis == Basis::Advice
    }

    /// Whether it is a MUST in some revision or for some clients.
    pub fn is_must_somewhere(&self) -> bool {
        let by_revision = self.level_by_revision.values();
        let levels = by_revision.chain(self.level_if.values());
        self.level == Level::Must || levels.into_iter().any(|level| *level == Level::Must)
    }

    /// Whether it binds in this revision.
    pub fn applies_in(&self, revision: Revision) -> bool {
        self.since <= revision && self.until.is_none_or(|until| revision <= until)
    }

    /// How much it binds in this revision; `None`: not at all.
    pub fn level_in(&self, revision: Revision) -> Option<Level> {
        self.applies_in(revision).then(|| {
            self.level_by_revision
                .get(&revision)
                .copied()
                .unwrap_or(self.level)
        })
    }
}
