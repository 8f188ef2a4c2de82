//! What a scenario file says, parsed: cases, parties, deviations, steps, expectations.
//!
//! Everything here is checked: a value of these types that came from the loader names only known
//! words, parties that exist and members that their answer has. `FORMAT.md` in `scenarios/` tells
//! what they mean.

mod capability;
mod deviation;
mod event_field;
mod expectation;
mod party;
mod role_kind;
mod setting_error;
mod setting_kind;
mod setting_words;
mod step;
mod value;

use std::collections::{BTreeMap, BTreeSet};

pub use capability::Capability;
pub use deviation::*;
pub use event_field::{EventField, FieldKind, FieldMember};
pub use expectation::*;
pub use party::{AuthorizationServer, McpServer, Party, Role, SettingFacts};
pub use role_kind::{ADDRESSES, RoleKind};
pub use setting_error::SettingError;
pub use setting_kind::{ClientCredentials, PrmPlace, SettingType};
pub use setting_words::*;
pub use step::*;
pub use value::*;

use crate::words::words;

words! {
    /// A revision of the Model Context Protocol, oldest first.
    pub enum Revision {
        /// 2025-03-26: the authorization server lives on the MCP server's origin.
        March2025 = "2025-03-26",
        /// 2025-06-18: protected resource metadata.
        June2025 = "2025-06-18",
        /// 2025-11-25: client ID metadata documents, PKCE support must be announced.
        November2025 = "2025-11-25",
        /// 2026-07-28: `iss` validation; requests carry their metadata, there is no `initialize`.
        July2026 = "2026-07-28",
    }
}

impl Revision {
    /// The newest revision, which the suite runs when none is asked for.
    pub const LATEST: Self = Self::July2026;
}

words! {
    /// How much a requirement binds (RFC 2119): a failed `MUST` fails the run, a failed `SHOULD` is
    /// a warning.
    pub enum Level {
        Must = "MUST",
        Should = "SHOULD",
        May = "MAY",
    }
}

/// Where something was written: a scenario file and a line in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Source {
    /// The file, as the loader was given it (`iss/two-values.toml`).
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
}

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
    /// What an honest world leads to; `None`: `tool-called` at every server connected to, in every
    /// run.
    pub goal: Option<Pattern>,
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
