//! Tests whether an MCP client implements authorization as the specification says, and whether it
//! survives servers that cheat.
//!
//! A scenario (data) becomes a world of mock parties: authorization servers, MCP servers and an
//! attacker. A driver runs the client under test in it, and the transcript records what happened.
//! The judge derives verdicts from transcripts alone, and reports show them.
//!
//! # Run a suite on a client
//!
//! A client under test is a [`Client`](driver::Client): a program
//! ([`CommandClient`](driver::CommandClient)), an `async fn`
//! ([`FunctionClient`](driver::FunctionClient)), or the bundled
//! [`ReferenceClient`](driver::ReferenceClient), which passes everything.
//! [`run_suite`](suite::run_suite) runs a selection of cases and returns their transcripts;
//! [`Record::conclude`](suite::Record::conclude) judges them.
//!
//! ```
//! use std::sync::Arc;
//!
//! use mcp_authspec::Revision;
//! use mcp_authspec::driver::ReferenceClient;
//! use mcp_authspec::suite::{Suite, SuiteOptions, run_suite};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let suite = Suite::embedded()?;
//! let cases = suite.select(Revision::LATEST, &["iss/two-values".to_owned()]);
//! let options = SuiteOptions::new(Revision::LATEST);
//! let client = Arc::new(ReferenceClient::default());
//! let runtime = tokio::runtime::Runtime::new()?;
//! let record = runtime.block_on(run_suite(&cases, client, &options));
//! let conclusions = record.conclude(&suite, &options.declared);
//! assert!(conclusions.cases.iter().all(|case| case.case.starts_with("iss/two-values")));
//! # Ok(())
//! # }
//! ```
//!
//! [`SuiteRun`](suite::SuiteRun) can also be interrupted, report progress, and judge cases while
//! others are still running.
//!
//! # Judge a transcript
//!
//! Verdicts follow from transcripts alone, so a transcript can be judged at any time and by anyone.
//!
//! ```
//! # use std::sync::Arc;
//! # use mcp_authspec::Revision;
//! # use mcp_authspec::driver::ReferenceClient;
//! # use mcp_authspec::suite::{Suite, SuiteOptions, run_suite};
//! use mcp_authspec::judge::{Verdict, judge_alone};
//! use mcp_authspec::transcript::Transcript;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let suite = Suite::embedded()?;
//! # let cases = suite.select(Revision::LATEST, &["iss/two-values".to_owned()]);
//! # let options = SuiteOptions::new(Revision::LATEST);
//! # let client = Arc::new(ReferenceClient::default());
//! # let runtime = tokio::runtime::Runtime::new()?;
//! # let record = runtime.block_on(run_suite(&cases, client, &options));
//! # let (case, outcome) = &record.cases[0];
//! # let text = serde_json::to_string(outcome.as_ref().map_err(|_| "no transcript")?)?;
//! let transcript: Transcript = serde_json::from_str(&text)?;
//! let control_reached_goal = true;
//! let verdicts = judge_alone(case, &transcript, control_reached_goal);
//! assert!(verdicts.values().all(|verdict| *verdict == Verdict::Pass));
//! # Ok(())
//! # }
//! ```
//!
//! # Write and read a run
//!
//! `mcp-authspec run --save FOLDER` and [`Saver`](saved::Saver) write a run while it goes on.
//! [`SavedRun`](saved::SavedRun) reads it, checks that scenarios and requirements are still the
//! same, and holds a [`Record`](suite::Record) for each revision.
//!
//! ```no_run
//! use std::path::Path;
//!
//! use mcp_authspec::saved::{SavedRun, WhatIf};
//! use mcp_authspec::suite::Suite;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let suite = Suite::embedded()?;
//! let run = SavedRun::read(Path::new("saved-run"), &suite, WhatIf::Refused)?;
//! for revision in &run.revisions {
//!     let conclusions = revision.record.conclude(&suite, &run.manifest.declared);
//!     println!("{}: {} cases", revision.record.revision, conclusions.cases.len());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Render a report
//!
//! A [`Report`](report::Report) is plain data without secrets. [`render`](report::render) writes it
//! in one of the [`Format`](report::Format)s.
//!
//! ```
//! # use std::sync::Arc;
//! # use mcp_authspec::Revision;
//! # use mcp_authspec::driver::ReferenceClient;
//! # use mcp_authspec::suite::{Suite, SuiteOptions, run_suite};
//! use mcp_authspec::report::{Format, Report, RunDescription, TextStyle, render};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let suite = Suite::embedded()?;
//! # let cases = suite.select(Revision::LATEST, &["iss/two-values".to_owned()]);
//! # let options = SuiteOptions::new(Revision::LATEST);
//! # let client = Arc::new(ReferenceClient::default());
//! # let runtime = tokio::runtime::Runtime::new()?;
//! # let record = runtime.block_on(run_suite(&cases, client, &options));
//! # let conclusions = record.conclude(&suite, &options.declared);
//! let description = RunDescription::new("my client", &options.seed);
//! let report = Report::new(&suite, &record, &conclusions, &description);
//! let text = render(Format::Console, &[report], &TextStyle::default())?;
//! assert!(text.contains("my client"));
//! # Ok(())
//! # }
//! ```
//!
//! # Be a client under test
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
//! #     pub type Error = std::io::Error;
//! #     pub struct Client;
//! #     impl Client {
//! #         pub async fn call(&self, _: &str) -> Result<(), Error> { Ok(()) }
//! #     }
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
//! `cargo test --test conformance -- iss/` runs one area. [`Context`] documents what else a client
//! can be asked to do. `Subject` declares what is known about the client: revisions, capabilities
//! and known failures. `examples/libtest.rs` is a complete example.

#[cfg(not(unix))]
compile_error!(
    "mcp-authspec runs on Linux and macOS; on Windows, use the Windows Subsystem for Linux"
);

pub mod baseline;
pub mod certificate;
#[doc(hidden)]
pub mod cli;
mod digest;
pub mod driver;
mod events;
pub mod exit_code;
pub mod judge;
#[cfg(feature = "libtest")]
pub mod libtest;
pub mod live;
mod loopback;
mod machine;
pub mod place;
pub mod report;
mod requirements;
pub mod saved;
pub mod scenario;
pub mod suite;
pub mod transcript;
mod words;
mod world;

pub use driver::{
    Browser, ClientOutcome, Context, NoCallback, Provision, UserIdentity, WorkloadTokens,
};
#[cfg(feature = "libtest")]
pub use libtest::{Subject, libtest_main};
pub use requirements::{Capability, RequirementSet};
pub use scenario::model::{Flow, Revision};
pub use words::UnknownWord;
