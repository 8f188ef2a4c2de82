//! Where a client runs.

use crate::words::words;

words! {
    /// Where a client runs, and whether a person uses it there.
    pub enum DeploymentKind {
        /// On the user's machine, with a browser.
        Native = "native",
        /// Without a browser: the client opens none and listens for no callback.
        Headless = "headless",
        /// On a server, for many users.
        Hosted = "hosted",
    }
}
