//! A start of the client with its addresses filled in.

/// A start of the client with its addresses filled in.
pub(crate) struct ResolvedStart {
    /// URLs of the MCP servers to connect to, in order.
    pub(crate) urls: Vec<String>,
    /// Which start of the client it is, counted from 1.
    pub(crate) run: u32,
}
