//! The requirements on clients: what each one says, whom and in which revision it binds, and where
//! it stands.
//!
//! They are data (`fixtures/requirements/<area>.toml`, one table per requirement; the README there
//! tells the format). Everything here is checked: a value of these types that came from the loader
//! has a known area, tier and revision, an https link for every source, and a name that begins with
//! its area.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::scenario::model::{Level, Revision};
use crate::words::words;

mod load;
mod positions;
mod set;

pub use crate::scenario::model::Capability;
pub use load::CatalogueError;
pub use positions::position;
pub use set::RequirementSet;

words! {
    /// The part of the specification that a requirement belongs to: the first part of its id, and
    /// its file.
    pub enum Area {
        /// Protected resource metadata.
        Prm = "prm",
        /// Authorization server metadata.
        Asm = "asm",
        /// Registration: how a client comes by its client ID.
        Reg = "reg",
        /// Authorization request, redirect URI, authorization response.
        Authz = "authz",
        /// Issuer identification in authorization responses.
        Iss = "iss",
        State = "state",
        Pkce = "pkce",
        /// Resource indicators.
        Resource = "resource",
        /// Token requests, token responses, the keeping of tokens.
        Token = "token",
        /// Access tokens in requests to the MCP server.
        Bearer = "bearer",
        Scope = "scope",
        /// It uses refresh tokens.
        Refresh = "refresh",
        /// Binding of credentials and tokens to one authorization server.
        Binding = "binding",
        Tls = "tls",
        /// What only the first revision with authorization demands.
        March = "march",
        /// It implements the extension for clients that act for themselves.
        ClientCredentials = "ext-cc",
        /// It implements enterprise-managed authorization.
        Enterprise = "ext-ema",
        /// It implements the DPoP profile.
        Dpop = "ext-dpop",
        /// It implements workload identity federation.
        Workload = "ext-wif",
        /// Security best practices.
        BestPractice = "bcp",
    }
}

words! {
    /// Where a requirement comes from, and so how far it counts.
    pub enum Tier {
        /// Stated, or directly implied, by a revision of MCP; not optional, and observable.
        Core = "core",
        /// Reaches the client through an RFC or draft that MCP incorporates.
        Rfc = "rfc",
        /// Of an optional extension.
        Extension = "ext",
        /// A permission, an umbrella sentence, or not observable: told, not scored.
        Info = "info",
    }
}

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
    /// How much it binds, where `level_by_revision` says nothing else.
    pub level: Level,
    /// The source says "must not" (or "should not").
    pub prohibits: bool,
    /// Revisions that use another word.
    pub level_by_revision: BTreeMap<Revision, Level>,
    /// It applies to clients with all of these capabilities; empty: to every client.
    pub applies_if: Vec<Capability>,
    /// Another level for clients with one of these capabilities.
    pub level_if: BTreeMap<Capability, Level>,
    pub source: Citation,
    /// More places that say it.
    pub also: Vec<Citation>,
    /// The section numbers in `source` and `also` were compared with the documents.
    pub section_checked: bool,
    /// Why a document that is not MCP's binds an MCP client.
    pub binds_via: Option<String>,
    /// No sentence says this of the client in these terms; it follows from those cited.
    pub derived: bool,
    /// What can be seen from outside.
    pub observation: String,
    /// What brings it about; `None` for umbrella sentences.
    pub stimulus: Option<String>,
    /// How a client breaks it; `None` for permissions and umbrella sentences.
    pub defect: Option<String>,
    /// What modelcontextprotocol/conformance checks of it; `None`: nothing.
    pub upstream: Option<String>,
    /// Number of the position (`fixtures/positions.toml`) about it.
    pub position: Option<u32>,
    pub note: Option<String>,
    /// What the machine must offer before a run can show it.
    pub needs: Option<Machine>,
    /// Why no run can show it; `None`: runs do.
    pub excluded: Option<Exclusion>,
}

impl Requirement {
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

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// `RFC 9207`, `MCP 2026-07-28 Authorization`
    pub document: String,
    /// A number (`2.4`) or a heading.
    pub section: String,
    pub url: Link,
}

impl fmt::Display for Citation {
    /// `RFC 9207 section 2.4`, `MCP 2026-07-28 Authorization, Refresh Tokens`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbered = self.section.chars().all(|c| c.is_ascii_digit() || c == '.');
        write!(
            f,
            "{}{}{}",
            self.document,
            if numbered { " section " } else { ", " },
            self.section
        )
    }
}

/// An https URL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Link(String);

impl Link {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Link {
    type Error = NotALink;

    fn try_from(text: String) -> Result<Self, NotALink> {
        let host = text
            .strip_prefix("https://")
            .and_then(|rest| rest.split('/').next());
        match host {
            Some(host) if host.contains('.') && !text.contains(char::is_whitespace) => {
                Ok(Self(text))
            }
            _ => Err(NotALink(text)),
        }
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A link that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an https URL")]
pub struct NotALink(String);

words! {
    /// What a machine must offer so that a run can show whether a requirement is kept.
    pub enum Machine {
        /// A certificate authority that the client trusts, and parties that speak https.
        Tls = "tls",
        /// Names and addresses of its own.
        PrivateNetwork = "private-network",
    }
}

/// Why no run can show whether a requirement is kept: a full sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Exclusion(String);

impl TryFrom<String> for Exclusion {
    type Error = NotAnExclusion;

    fn try_from(text: String) -> Result<Self, NotAnExclusion> {
        if text.ends_with('.') {
            Ok(Self(text))
        } else {
            Err(NotAnExclusion(text))
        }
    }
}

impl fmt::Display for Exclusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An exclusion that gives no reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no reason that ends with a full stop; what a machine must offer is said with `needs`"
)]
pub struct NotAnExclusion(String);

/// All requirements, in the order of [`Area`] and, within an area, of its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalogue {
    requirements: Vec<Requirement>,
    by_id: BTreeMap<String, usize>,
}

impl Catalogue {
    /// The requirement with this id.
    pub fn get(&self, id: &str) -> Option<&Requirement> {
        self.by_id.get(id).and_then(|&at| self.requirements.get(at))
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Requirement> {
        self.requirements.iter()
    }

    pub fn len(&self) -> usize {
        self.requirements.len()
    }

    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }
}

impl<'a> IntoIterator for &'a Catalogue {
    type Item = &'a Requirement;
    type IntoIter = std::slice::Iter<'a, Requirement>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
