//! What a machine must offer to runs.

use crate::words::words;

words! {
    /// What a machine must offer so that a run can show whether a requirement is kept.
    pub enum Machine {
        /// A certificate authority that the client trusts, and parties that speak https.
        Tls = "tls",
        /// Names and addresses of its own.
        PrivateNetwork = "private-network",
    }
}
