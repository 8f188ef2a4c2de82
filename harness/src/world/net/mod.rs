//! How the parties of a world are reached.
//!
//! The mock servers use hyper directly and no web framework. Deviations break transports on purpose
//! (a connection that is closed, cut off or kept hanging), and an answer counts as delivered only
//! once its body was taken to be written; both need a response body of our own, which frameworks
//! wrap. `plain` serves HTTP; another transport is a file beside it that ends in
//! `http::answer_request`.

pub(super) mod bind;
pub(super) mod http;
pub(super) mod plain;
pub(crate) mod ports;
