//! What happens with sign-in links that a client prints.

use crate::words::words;

words! {
    /// What happens with sign-in links that a client prints.
    pub enum LinkHandling {
        /// Nothing: the client opens the browser itself.
        Ignore = "ignore",
        /// The browser opens them, as a person would who is asked to.
        Open = "open",
    }
}
