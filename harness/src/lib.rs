//! `mcp-authspec`: does an MCP client implement authorization as the specification says, and does
//! it survive servers that cheat?
//!
//! One pipeline, five rooms: [`scenario`] (data) becomes a [`world`] of mock parties, a [`driver`]
//! lets the client under test loose on it, the [`transcript`] says what happened, the [`judge`]
//! decides, and [`report`] tells.
//!
//! # A Rust client as a test target
//!
//! A Rust client is an `async fn` that takes a [`Context`]. With the feature `libtest`,
//! `libtest_main` makes a test target of it, with a test for each scenario:
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
//! `tests/conformance.rs`, where `connect` and `call` are the client's own:
//!
#![cfg_attr(feature = "libtest", doc = "```no_run")]
#![cfg_attr(not(feature = "libtest"), doc = "```ignore")]
//! # mod my_sdk {
//! #     #[derive(Debug)] pub struct Error;
//! #     impl std::fmt::Display for Error { fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { Ok(()) } }
//! #     pub struct Client;
//! #     impl Client { pub async fn call(&self, _: &str) -> Result<(), Error> { Ok(()) } }
//! #     pub async fn connect(_: &str, _: impl Fn(&str)) -> Result<Client, Error> { Ok(Client) }
//! # }
//! use mcp_authspec::{Context, libtest_main};
//!
//! fn main() -> std::process::ExitCode {
//!     libtest_main(drive)
//! }
//!
//! async fn drive(context: Context) -> Result<(), my_sdk::Error> {
//!     let client = my_sdk::connect(&context.url, |url| drop(context.browser.open(url))).await?;
//!     for tool in &context.call {
//!         client.call(tool).await?;
//!     }
//!     Ok(())
//! }
//! ```
//!
//! `cargo test --test conformance -- iss/` runs one area. A [`Context`] says what else a client may be asked for, `Subject` what can be said
//! about it: revisions, capabilities, known failures. `examples/libtest.rs` is a whole one, and [`driver::FunctionClient`] the same client for
//! [`suite::run_suite`].

#[cfg(not(unix))]
compile_error!(
    "mcp-authspec runs on Linux and macOS; on Windows, use the Windows Subsystem for Linux"
);

pub mod baseline;
#[doc(hidden)]
pub mod cli;
pub mod driver;
pub mod events;
pub mod exit_code;
pub mod judge;
#[cfg(feature = "libtest")]
pub mod libtest;
mod loopback;
pub mod report;
pub mod requirements;
pub mod saved;
pub mod scenario;
pub mod suite;
pub mod transcript;
mod words;
pub mod world;

pub use driver::{Browser, ClientOutcome, Context, NoCallback};
#[cfg(feature = "libtest")]
pub use libtest::{Subject, libtest_main};
pub use requirements::Capability;
pub use scenario::model::{Flow, Revision};
pub use words::UnknownWord;
pub use world::Credentials;
