//! Where requirements come from.

use crate::words::words;

words! {
    /// Where a requirement comes from, which decides how far it counts.
    pub enum Tier {
        /// Stated, or directly implied, by a revision of MCP; not optional, and observable.
        Core = "core",
        /// Reaches the client through an RFC or draft that MCP incorporates.
        Rfc = "rfc",
        /// Of an optional extension.
        Extension = "ext",
        /// A permission, an umbrella sentence, or not observable: shown, but not scored.
        Info = "info",
    }
}
