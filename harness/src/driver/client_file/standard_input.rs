//! What a client finds on its standard input.

use crate::words::words;

words! {
    /// What a client finds on its standard input.
    pub enum StandardInput {
        /// It stays open, and nothing is written to it but the `answers`.
        Open = "open",
        /// It is at its end from the beginning.
        Closed = "closed",
    }
}
