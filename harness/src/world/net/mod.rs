//! How the parties of a world are reached.
//!
//! The mock servers use hyper directly and no web framework. Deviations break transports on purpose
//! (a connection that is closed, cut off or kept hanging), and an answer counts as delivered only
//! once its body was taken to be written; both need a response body of our own, which frameworks
//! wrap. `listener` accepts connections, `tls` shows certificates, and `http` reads requests.

pub(super) mod bind;
pub(crate) mod certificate_authority;
pub(super) mod http;
mod http2;
pub(super) mod listener;
pub(crate) mod named_network;
pub(crate) mod ports;
pub(super) mod tls;
