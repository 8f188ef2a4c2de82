//! The grants that the token endpoint offers. A new grant is a file here and a line in
//! `grant_table.rs`.

mod client_credentials;
mod code;
pub(super) mod grant_table;
pub(super) mod granted;
mod jwt_bearer;
mod possession;
mod refresh;
mod token_exchange;
