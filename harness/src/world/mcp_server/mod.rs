//! An MCP server: an OAuth resource server over Streamable HTTP, as deep as authorization needs it,
//! in both lifecycles.
//!
//! It serves clients of every revision: `initialize` up to 2025-11-25, per-request `_meta` from
//! 2026-07-28 on. `role` has the server itself with its one entry point.

mod challenge;
mod metadata;
mod possession;
pub(super) mod resource_path;
pub(super) mod role;
pub(super) mod rpc;
mod tools;
mod transport;
