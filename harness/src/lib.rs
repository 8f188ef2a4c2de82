//! `mcp-authspec`: does an MCP client implement authorization as the specification says, and does it survive servers that cheat?
//!
//! One pipeline, five rooms: [`scenario`] (data) becomes a [`world`] of mock parties, a [`driver`] lets the client under test loose
//! on it, the [`transcript`] says what happened, the [`judge`] decides, and [`report`] tells.
//!
//! A Rust client is an `async fn` that takes a [`Context`]. With the feature `libtest`, `libtest_main` makes a test target of it:
//!
//! ```toml
//! [dev-dependencies]
//! mcp-authspec = { git = "...", features = ["libtest"] }
//!
//! [[test]]
//! name = "conformance"
//! harness = false
//! ```
//!
//! `examples/libtest.rs` is a whole one. [`driver::FunctionClient`] is the same client for [`suite::run_suite`].

pub mod baseline;
pub mod driver;
pub mod events;
pub mod judge;
#[cfg(feature = "libtest")]
pub mod libtest;
pub mod report;
pub mod requirements;
pub mod saved;
pub mod scenario;
pub mod suite;
pub mod transcript;
mod words;
pub mod world;

pub use driver::{Browser, Context, Outcome};
#[cfg(feature = "libtest")]
pub use libtest::{Subject, libtest_main};
pub use requirements::Capability;
pub use scenario::model::{Flow, Revision};
pub use words::UnknownWord;
