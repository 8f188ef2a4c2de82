//! A live page for clients that a person drives, and for programs that click in their place.
//!
//! A [`LiveService`] holds a plan of cases. A person opens a case, which starts its world, connects
//! the client to the URL that the page shows, and says when the client has come to rest. Everything
//! is saved as an ordinary run, so `report`, `judge` and `certify` work on it.
//!
//! - `choice` is what is tested: revision, kind of client, plan, and what the client can do.
//! - `session` has the runs with their states, starts and ends them, and judges what it can.
//! - `view` is what the page and the API show.
//! - `server` serves the page and the API on one address.

mod choice;
mod error;
mod instructions;
mod live_run;
mod live_service;
mod persistence;
mod questions;
mod run_verdict;
mod server;
mod session;
mod session_judge;
mod view;

pub use choice::{Choice, OFFERED_CAPABILITIES, OfferedCapability};
pub use error::LiveError;
pub use live_service::{LiveService, LiveSettings};
pub use server::serve::{LivePage, bind_page};
