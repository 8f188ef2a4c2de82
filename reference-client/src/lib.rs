//! A conforming MCP client for the authorization part of the Model Context Protocol, written to be
//! read, and to be broken on purpose.
//!
//! [`run`] connects to MCP servers over Streamable HTTP, in the revisions 2025-03-26 to 2026-07-28,
//! lists their tools and calls some of them. When a server demands authorization, the client finds
//! the authorization server, registers, sends the user there and obtains a token. A [`Defect`]
//! breaks the client in one named way, so that a conformance suite can be tested against it. An
//! [`ReferenceClientKind`] makes it an installed app, a web application or a test adapter instead
//! of a terminal program.
//!
//! The modules, from the outside in:
//!
//! - `client` connects to the servers of one run; `mcp` holds the conversation with one server.
//! - `authorization` decides which access token is current and obtains new ones.
//! - `discovery` reads challenges and metadata, `registration` provides a client ID, `callback`
//!   receives the authorization response, and `token` talks to the token endpoint.
//! - `dpop` proves possession of the keys that tokens are bound to.
//! - `store` keeps registrations and tokens.
//! - `defect` lists the ways in which the client can be broken.

mod address_guard;
mod authorization;
mod callback;
pub mod cli;
mod client;
mod config;
mod contract;
mod defect;
mod discovery;
mod dpop;
mod error;
mod json_document;
mod mcp;
mod persistent;
mod platform;
mod random;
mod reference_client_kind;
mod registration;
mod revision;
mod run_context;
mod scope;
mod server_address;
mod sign_in;
mod signing_key;
mod store;
mod store_directory;
mod text;
mod token;
mod trust;
mod url_rules;

pub use client::run;
pub use config::{ClientConfig, ConfiguredCredentials, ModelAddress};
pub use contract::from_contract;
pub use defect::{Defect, DefectInfo, Defects, UnknownDefect, defects};
pub use error::ClientError;
pub use platform::{BrowserClosed, Platform, SystemPlatform};
pub use reference_client_kind::ReferenceClientKind;
pub use registration::{
    CLIENT_METADATA_URL, client_metadata_document, client_metadata_url_for, served_document,
};
pub use revision::{ProtocolRevision, UnknownProtocolRevision};
pub use sign_in::{EnterpriseIdentity, SignIn, UnusableTokens, WorkloadIdentity};
pub use store::Store;
pub use trust::TrustedAuthorities;
