//! The revisions of the Model Context Protocol that the client speaks.

use std::fmt;
use std::str::FromStr;

/// A dated revision of the protocol, ordered from the oldest to the newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProtocolRevision {
    /// 2025-03-26
    March2025,
    /// 2025-06-18
    June2025,
    /// 2025-11-25
    November2025,
    /// 2026-07-28
    July2026,
}

impl ProtocolRevision {
    /// All revisions, oldest first.
    pub const ALL: [Self; 4] = [
        Self::March2025,
        Self::June2025,
        Self::November2025,
        Self::July2026,
    ];

    /// The newest revision, which the client speaks if it is told nothing else.
    pub const NEWEST: Self = Self::July2026;

    /// The date that identifies the revision in messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::March2025 => "2025-03-26",
            Self::June2025 => "2025-06-18",
            Self::November2025 => "2025-11-25",
            Self::July2026 => "2026-07-28",
        }
    }

    /// Whether a connection starts with `initialize` and may have a session.
    pub fn has_sessions(self) -> bool {
        self < Self::July2026
    }

    /// Whether PKCE support has to be announced, and client ID metadata documents exist.
    pub fn is_november_or_later(self) -> bool {
        self >= Self::November2025
    }

    /// Whether `iss` in authorization responses is validated.
    pub fn validates_iss(self) -> bool {
        self >= Self::July2026
    }
}

/// The text is not the date of a revision that the client speaks.
#[derive(Debug, thiserror::Error)]
#[error("unknown protocol revision")]
pub struct UnknownProtocolRevision;

impl FromStr for ProtocolRevision {
    type Err = UnknownProtocolRevision;

    fn from_str(date: &str) -> Result<Self, UnknownProtocolRevision> {
        match date {
            "draft" => Ok(Self::NEWEST),
            _ => Self::ALL
                .into_iter()
                .find(|revision| revision.as_str() == date)
                .ok_or(UnknownProtocolRevision),
        }
    }
}

impl fmt::Display for ProtocolRevision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
