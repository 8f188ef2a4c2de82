//! How the harness and a client communicate.

use crate::words::words;

words! {
    /// How the harness and a client communicate.
    pub enum Adapter {
        /// The official suite's contract: the URL as an argument, `MCP_CONFORMANCE_*` in the
        /// environment.
        Official = "official",
        /// One process takes scenario after scenario, with a line of JSON in each direction.
        Persistent = "persistent",
        /// A program as it ships. It gets the URL and nothing else.
        None = "none",
        /// A program that offers the MCP server's tools on its own standard input and output. The
        /// harness calls them there.
        Stdio = "stdio",
        /// An agent as it ships. It gets the URL and a scripted model, which asks for the tools.
        Agent = "agent",
    }
}
