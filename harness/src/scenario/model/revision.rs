//! Revisions of MCP.

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
