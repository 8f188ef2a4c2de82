//! How much a requirement binds.

use crate::words::words;

words! {
    /// How much a requirement binds (RFC 2119): a failed `MUST` fails the run, a failed `SHOULD` is
    /// a warning.
    pub enum Level {
        Must = "MUST",
        Should = "SHOULD",
        May = "MAY",
    }
}
