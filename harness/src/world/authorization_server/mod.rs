//! The authorization server: it really verifies, unless it is hostile (then it takes whatever helps
//! its attack).
//!
//! `role` has the server itself with its one entry point. The other files are its endpoints, and
//! `grants` has one file for each grant that the token endpoint offers.

mod authenticate;
mod authorize;
pub(super) mod client;
mod client_assertion;
pub(super) mod client_document;
pub(super) mod client_id;
mod clients;
mod grants;
mod metadata;
pub(super) mod metadata_path;
mod oauth_error;
pub(super) mod register;
pub(super) mod role;
mod token;
