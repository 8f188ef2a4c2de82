//! Serves the page and the API of a live session on one address.

mod event_stream;
mod guard;
mod problem;
mod routes;
pub mod serve;
